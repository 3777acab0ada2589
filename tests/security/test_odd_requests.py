"""No body from a permitted user causes an internal error.

Every address that changes something is requested by a role that gets an answer, with bodies of the
wrong type, unknown and odd keys, huge numbers, deep nesting and text that cannot be stored.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.security.permitted_clients import THOROUGHNESS, check, client_for
from tests.security.played_study import played, played_once  # noqa: F401
from tests.test_access import RULES, address_of

pytestmark = pytest.mark.django_db

UUID = "6f1a8a3e-3c09-4f58-8c2e-0d5c8f6f9b11"
CORNERS = {
    name: [1.0, 2.0]
    for name in (
        "superior_posterior",
        "superior_anterior",
        "inferior_posterior",
        "inferior_anterior",
    )
}
BODIES: dict[str, dict[str, Any]] = {
    "api-adjudication-scores": {"cells": [{"cell": "L1_anterior", "score": 1, "validity": 0}]},
    "api-preferences": {
        "keys": {"next": "Enter"},
        "windows": {"bone": {"center": 100, "width": 200}},
        "guide_strength": 0.5,
    },
    "api-select-model": {
        "model": UUID,
        "amendment": {"number": 1, "dated": "2026-11-01", "reason": "better on new scans"},
    },
    "api-start-fine-tuning": {
        "name": "from corrections",
        "start": UUID,
        "consent": "approved",
        "more_studies": ["another-trial"],
        "left_out": ["C0001"],
    },
    "api-case-reject": {"reason": "shows a name"},
    "api-case-exclude": {"reason": "moved"},
    "api-case-accept": {"based_on": 1},
    "api-case-confirm-corners": {"based_on": 1},
    "api-case-shift": {"based_on": 1, "by": 1},
    "api-case-flip": {"based_on": 1},
    "api-case-landmarks": {
        "based_on": 1,
        "landmarks": dict.fromkeys(("T12", "L1", "L2", "L3", "L4", "L5"), CORNERS),
        "reason": "moved",
    },
    "api-landmark-set-restore": {"based_on": 1},
    "api-reading-cell": {
        "change_id": UUID,
        "version": 0,
        "score": 1,
        "validity": 0,
        "reason": "dark",
    },
    "api-reading-traces": {
        "change_id": UUID,
        "version": 0,
        "traces": [{"wall": "anterior", "points": [[1, 1], [2, 2]]}],
        "boundaries": [None, None, None, None, [[1, 1], [2, 2]]],
    },
    "api-reading-comment": {"change_id": UUID, "version": 0, "text": "hello"},
    "api-reading-time": {"change_id": UUID, "active_ms": 1, "idle_ms": 1, "guides_ms": 0},
    "api-reading-submit": {"change_id": UUID},
    "api-assign": {"other_weights": True},
    "api-reassign": {"reader": "R01", "to": "R02"},
    "api-report-details": {"version": 0, "ethics": "Board 12/3"},
    "api-reading-period": {"period": 1},
    "api-display-check": {
        "check_id": UUID,
        "dark": {"shown": ["CD", "HK", "NO", "RS", "VZ"], "typed": ["CD", "HK", "", "", ""]},
        "bright": {"shown": ["CD", "HK", "NO", "RS", "VZ"], "typed": ["CD", "HK", "", "", ""]},
    },
    "api-instructions-acknowledge": {"version": 1, "part": "study"},
    "api-practice-traces": {
        "change_id": UUID,
        "version": 0,
        "traces": [{"wall": "anterior", "points": [[1, 1], [2, 2]]}],
        "boundaries": [None, None, None, None, [[1, 1], [2, 2]]],
    },
    "api-practice-cell": {"change_id": UUID, "version": 0, "score": 1},
    "api-reading-reopen": {"reason": "wrong case"},
    "api-reading-messages": {"message_id": UUID, "text": "Is this an osteophyte?"},
}
DEEP = "[" * 100_000 + "]" * 100_000
ODD_TEXT = [
    "",
    "null",
    "[]",
    "3",
    '"text"',
    "true",
    "{}",
    "{",
    "NaN",
    "[NaN, Infinity, -Infinity]",
    DEEP,
    '{"a":' * 50_000 + "1" + "}" * 50_000,
    '{"\\ud800": "\\udfff"}',
    '{"a\\nb": 1, "": 2, "1": 3, "__class__": {}, "constructor": []}',
    json.dumps({"x": "y" * 200_000}),
    "1" * 5000,
    '"\\ud800"',
    '{"reason": "a\\u0000b"}',
]
ODD_VALUES = [
    "null",
    "[]",
    "{}",
    "true",
    "-1",
    "0",
    "1e308",
    "1e400",
    "NaN",
    "-Infinity",
    "9" * 400,
    "9" * 5000,
    "2147483648",
    "9223372036854775808",
    "0.1",
    '""',
    '" "',
    '"\\ud800"',
    '"\\u0000"',
    json.dumps("x" * 100_000),
    '"1948-05-12"',
    '[[1, "a"]]',
    '{"a": {"b": [null]}}',
    '{"": "", "1": 2, "\\ud800": "\\ud800"}',
    "[" * 900 + "]" * 900,
]
API_WRITES = sorted(
    name for name, rule in RULES.items() if name.startswith("api-") and rule[0] != "GET"
)
API_WRITES += ["api-preferences", "api-reading-messages", "api-report-details"]


def send(client: APIClient, method: str, url: str, body: str) -> Any:
    return client.generic(method, url, body.encode(), content_type="application/json")


def method_of(name: str) -> str:
    # Their rules are about reading.
    by_write = {
        "api-preferences": "PUT",
        "api-reading-messages": "POST",
        "api-report-details": "PATCH",
    }
    return by_write.get(name, RULES[name][0])


def parts(body: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all that a body holds."""
    paths = [path] if path else []
    if isinstance(body, dict):
        for key, value in body.items():
            paths += parts(value, (*path, key))
    return paths


def with_part(body: Any, path: tuple[str, ...], text: str) -> str:
    """The body as JSON with one part replaced by this text."""
    marker = "@@here@@"

    def replaced(value: Any, rest: tuple[str, ...]) -> Any:
        if not rest:
            return marker
        return {**value, rest[0]: replaced(value[rest[0]], rest[1:])}

    return json.dumps(replaced(body, path)).replace(f'"{marker}"', text)


@pytest.mark.parametrize("every", THOROUGHNESS)
@pytest.mark.parametrize("name", API_WRITES)
def test_odd_body_is_no_internal_error(name, every, played):  # noqa: F811
    """All addresses share one parser: each gets one body in so many; all of them when slow."""
    client = client_for(name, played)
    url = address_of(name, RULES[name][1], played)
    for body in ODD_TEXT[API_WRITES.index(name) % every :: every]:
        check(send(client, method_of(name), url, body), body)


@pytest.mark.slow
@pytest.mark.parametrize("every", THOROUGHNESS)
@pytest.mark.parametrize("name", sorted(BODIES))
def test_odd_value_anywhere_in_a_body_is_no_internal_error(name, every, played):  # noqa: F811
    """In a body of many parts each gets one value in so many; all of them when slow."""
    client = client_for(name, played)
    url = address_of(name, RULES[name][1], played)
    body = BODIES[name]
    places = parts(body)
    every = every if len(places) > 4 else 1
    for number, path in enumerate(places):
        if path[:2] in {("landmarks", f"L{n}") for n in range(1, 6)} and len(path) > 2:
            continue  # as in T12
        for value in ODD_VALUES[number % every :: every]:
            sent = with_part(body, path, value)
            check(send(client, method_of(name), url, sent), f"{path} {value}")
        parent = with_part(
            body,
            path,
            "1, " + ", ".join(f'"{key}": 1' for key in ("odd", "1", "", "\\ud800", "a" * 500)),
        )
        check(send(client, method_of(name), url, parent), parent)
    for text in ('{"odd": 1}', json.dumps({**body, "odd": {"a": [1]}})):
        check(send(client, method_of(name), url, text), text)


def test_all_bodies_are_tried():
    """An address that reads a body needs an example here; the others read none."""
    without = {
        *("api-dismiss", "api-dismiss-all", "api-open", "api-pause", "api-lock"),
        *(
            "api-bootstrap",
            "api-break-reminder",
            "api-case-release",
            "api-case-undo-release",
            "api-case-analyse",
            "api-reading-open",
            "api-reading-revise",
            "api-instruction-pictures",
            "api-add-model",
            "api-activate-model",
            "api-cancel-fine-tuning",
            "api-resume-fine-tuning",
            "api-practice-open",
            "api-practice-submit",
            "api-practice-feedback-seen",
            "api-reading-feedback-seen",
            "api-announcement-acknowledge",
            "api-adjudication-submit",
        ),
    }
    assert set(API_WRITES) == set(BODIES) | without
