"""No query and no form from a permitted user causes an internal error."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.security.permitted_clients import THOROUGHNESS, check, client_for
from tests.security.played_study import played, played_once  # noqa: F401
from tests.test_access import RULES, address_of

pytestmark = pytest.mark.django_db

ODD_QUERY_VALUES = ["", "\x01", "é" * 300, "9" * 5000, "-1", "1e309", "nan", "[]", "'\"<>", "%00"]
ODD_QUERY_VALUES += [quote("\ud800", errors="surrogatepass"), "%ff%fe"]
QUERY_NAMES = ["q", "state", "site", "outcome", "weights", "arm", "scanner", "pair", "reader"]
QUERY_NAMES += ["margins", "kappa", "readers", "cases", "page", "next", "format", "version"]
QUERY_NAMES += ["readings_per_week", "announcements", "person", "kind", "from", "to", "show"]
QUERY_NAMES += ["first", "second", "seed", "invitations", "amendments"]
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
DESIGN += ["hidden_repeat_share"]
DESIGN += ["revision_rule", "primary_interval", "primary_arm", "comparator_arm", "stratified"]
DESIGN += ["scores", "minimum_image_px", "display_check", "display_contrast"]
DESIGN += ["adjudicator_scores"]
FORMS = {
    "new-study": DESIGN,
    "setup": DESIGN,
    "import-study": ["design"],
    "copy-study": ["name", "parts", "people"],
    "add-site": ["code", "name", "reason"],
    "record-amendment": ["dated", "change", "reason"],
    "assign": ["other_weights"],
    "reassign": ["reader", "to"],
    "people": ["role", "site", "note", "address"],
    "set-reminders": ["reminder_after_days", "reminder_limit"],
    "profile": ["time_zone"],
    "address": ["email", "password"],
    "mail-preferences": ["wants_reminders"],
    "progress": ["reading", "reason"],
    "interim-look": ["reason"],
    "message-thread": ["message_id", "text"],
    "announcements": ["message_id", "site", "text"],
    "withdraw-announcement": ["reason"],
    "report-details": ["version", "authors", "ethics", "sample_size"],
    "administration-people": ["username", "first_name", "email"],
    "request-reopening": ["reason"],
    "start-adjudication": ["arm", "total_differs_by", "cell_differs_by"],
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
    "primary_interval": "expanded",
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
    "message_id": "6f1a8a3e-3c09-4f58-8c2e-0d5c8f6f9b11",
    "text": "Look at the instructions.",
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
