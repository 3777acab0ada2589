from __future__ import annotations

from studies.audit.sentences import sentence


def test_reason_is_given_where_there_is_one():
    with_reason = sentence(
        "case.excluded", actor="CO01", subject="C0007", data={"reason": "motion."}
    )
    assert with_reason == "CO01 excluded case C0007: motion."
    assert sentence("case.excluded", actor="CO01", subject="C0007") == "CO01 excluded case C0007."


def test_numbers_have_their_nouns_in_singular_and_plural():
    data = {"batch": 1, "cases": 1, "readings": 4}
    text = sentence("cases.assigned", actor="CO01", data=data, whole_study=True)
    assert text == "CO01 assigned cases to readers as batch 1: 1 case, 4 readings."


def test_numbers_of_other_sites_are_left_out_for_the_coordinator_of_one_site():
    data = {"batch": 1, "cases": 12, "readings": 48}
    assert sentence("cases.assigned", actor="CO01", data=data) == "CO01 assigned cases to readers."


def test_brackets_and_braces_in_a_reason_are_text():
    data = {"reason": "see [note] <b>{actor}</b>\nsecond line"}
    text = sentence("case.excluded", actor="CO01", subject="C0007", data=data)
    assert text == "CO01 excluded case C0007: see [note] <b>{actor}</b> second line."


def test_kind_of_an_earlier_version_still_has_a_sentence():
    assert sentence("cases.dealt", actor="CO01") == (
        "CO01: event recorded by an earlier version (cases.dealt)."
    )
