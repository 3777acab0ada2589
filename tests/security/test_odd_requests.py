"""No request from a permitted user causes an internal error.

Every address is requested by a role that gets an answer, with bodies of the wrong type, unknown and
odd keys, huge numbers, deep nesting and text that cannot be stored, and with odd queries.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from rest_framework.test import APIClient

from tests.make import Cast, make_user
from tests.test_access import ADMIN, NO_ONE, RULES, address_of, played, played_once  # noqa: F401

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
    "api-reassign": {"reader": "R01", "to": "R02"},
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
API_WRITES.append("api-preferences")
# One odd value in so many goes to each address, part or field.
THOROUGHNESS = [
    pytest.param(12, id="some"),
    pytest.param(1, id="all", marks=pytest.mark.slow),
]


def person_for(name: str, cast: Cast) -> Any:
    """Return a user who gets an answer at this address, or a coordinator where no one does."""
    allowed = RULES[name][2]
    if allowed == ADMIN:
        return make_user("ada", is_staff=True, is_superuser=True)
    for role in ("coordinator", "statistician", "site_coordinator", "outsider"):
        if role in allowed or allowed == NO_ONE:
            return getattr(cast, role)
    return cast.reader.user


def client_for(name: str, cast: Cast) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.force_login(person_for(name, cast))
    return client


def send(client: APIClient, method: str, url: str, body: str) -> Any:
    return client.generic(method, url, body.encode(), content_type="application/json")


def method_of(name: str) -> str:
    return "PUT" if name == "api-preferences" else RULES[name][0]


def check(answer: Any, sent: str) -> None:
    assert answer.status_code < 500, (answer.status_code, sent[:300])
    if answer.status_code >= 400 and answer["Content-Type"] == "application/json":
        error = answer.json()["error"]
        assert error["code"] and error["message"].strip()


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
        *("api-dismiss", "api-dismiss-all", "api-assign", "api-open", "api-pause", "api-lock"),
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
        ),
    }
    assert set(API_WRITES) == set(BODIES) | without


ODD_QUERY_VALUES = ["", "\x01", "é" * 300, "9" * 5000, "-1", "1e309", "nan", "[]", "'\"<>", "%00"]
ODD_QUERY_VALUES += [quote("\ud800", errors="surrogatepass"), "%ff%fe"]
QUERY_NAMES = ["q", "state", "site", "outcome", "weights", "arm", "scanner", "pair", "reader"]
QUERY_NAMES += ["margins", "kappa", "readers", "cases", "page", "next", "format", "version"]
QUERY_NAMES += ["readings_per_week"]


GET_ADDRESSES = sorted(name for name, rule in RULES.items() if rule[0] == "GET")


@pytest.mark.parametrize("every", THOROUGHNESS)
@pytest.mark.parametrize("name", GET_ADDRESSES)
def test_odd_query_is_no_internal_error(name, every, played):  # noqa: F811
    """One value in so many for all names at once, then odd names, so many together.

    All values, and each name alone, when slow.
    """
    client = client_for(name, played)
    url = address_of(name, RULES[name][1], played)
    for value in ODD_QUERY_VALUES[GET_ADDRESSES.index(name) % every :: every]:
        given = value if value.startswith("%") else quote(value)
        query = "&".join(f"{word}={given}" for word in QUERY_NAMES)
        check(client.get(f"{url}?{query}"), query)
    for start in range(0, len(QUERY_NAMES), every):
        words = QUERY_NAMES[start : start + every]
        query = "&".join(f"{word}=abc&{word}=1&{word}[]=2" for word in words)
        check(client.get(f"{url}?{query}"), query)


DESIGN = ["name", "description", "arms", "readers_per_case", "washout_days", "moderate_from"]
DESIGN += ["high_from", "boundary", "primary_outcome", "primary_weights", "seed"]
DESIGN += ["view_between_cases", "anterior_side", "break_after_minutes"]
DESIGN += ["design", "hidden_repeats", "repeat_after_readings", "repeat_after_days"]
DESIGN += ["revision_rule"]
DESIGN += ["scores", "minimum_image_px", "display_check", "display_contrast"]
FORMS = {
    "new-study": DESIGN,
    "setup": DESIGN,
    "add-site": ["code", "name"],
    "reassign": ["reader", "to"],
    "people": ["role", "site", "note"],
    "progress": ["reading", "reason"],
    "interim-look": ["reason"],
}
ODD_FORM_VALUES = ["", "x" * 5000, "9" * 400, "-1", "nan", "a\x00b", "\u202e", "2147483648"]
ODD_FORM_VALUES += ["9223372036854775808"]
GOOD_FORM = {
    "name": "A study",
    "arms": "unguided",
    "readers_per_case": "2",
    "washout_days": "1",
    "moderate_from": "2",
    "high_from": "6",
    "boundary": "lower",
    "primary_outcome": "cells",
    "primary_weights": "linear",
    "view_between_cases": "reset",
    "revision_rule": "never",
    "scores": "aac24",
    "minimum_image_px": "0",
    "display_check": "off",
    "display_contrast": "16",
    "seed": "5",
    "code": "C",
    "role": "statistician",
    "reason": "because",
}


@pytest.mark.parametrize("every", THOROUGHNESS)
@pytest.mark.parametrize("name", FORMS)
def test_odd_form_is_no_internal_error(name, every, played):  # noqa: F811
    """Each field gets one value in so many; all of them when slow."""
    client = client_for(name, played)
    url = address_of(name, RULES[name][1], played)
    every = every if len(FORMS[name]) > 4 else 1
    for number, field in enumerate(FORMS[name]):
        for value in ODD_FORM_VALUES[number % every :: every]:
            sent = {**GOOD_FORM, field: value}
            check(client.post(url, sent, format="multipart"), f"{field} {value!r}")
