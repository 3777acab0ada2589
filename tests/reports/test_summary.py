from __future__ import annotations

import pytest

from studies.reports.summary import Verdict, answer
from studies.reports.wording import decimal
from tests.reports.study import study


def said(**options):
    _, _, table, found = study(**options)
    return answer(table, found, outcome="cells", weights="linear")


def test_raised_agreement_is_said_with_both_means_and_the_interval() -> None:
    result = said(readers=4, cases=40)
    assert result.verdict == Verdict.RAISED
    assert result.sentence.startswith("Guided reading raised mean linear weighted kappa from 0.")
    assert "95 % CI" in result.sentence
    assert result.sentence.endswith("4 readers, 40 cases.")


def test_lowered_agreement_is_said_as_plainly() -> None:
    result = said(cases=40, errors={"unguided": 0.1, "guided": 0.6})
    assert result.verdict == Verdict.LOWERED
    assert "lowered" in result.sentence


def test_interval_that_holds_0_shows_no_difference() -> None:
    result = said(cases=40, errors={"unguided": 0.4, "guided": 0.4})
    assert result.verdict == Verdict.NOT_SHOWN
    assert result.sentence.startswith("No difference could be shown:")


def test_few_cases_are_too_small_even_with_a_large_difference() -> None:
    result = said(cases=10, errors={"unguided": 0.9, "guided": 0.05})
    assert result.verdict == Verdict.TOO_SMALL
    assert result.sentence.startswith("The study is too small to tell:")


def test_one_arm_gives_its_own_kappa() -> None:
    result = said(errors={"guided": 0.3})
    assert result.verdict == Verdict.ONE_ARM
    assert "in the guided arm" in result.sentence


def test_one_reader_has_no_answer() -> None:
    result = said(readers=1)
    assert result.verdict == Verdict.NONE
    assert result.sentence.startswith("There is no answer yet")


@pytest.mark.parametrize(
    ("value", "text"), [(0.005, "0.01"), (-0.004, "0.00"), (-0.25, "−0.25"), (None, "–")]
)
def test_numbers_have_a_true_minus_and_no_negative_zero(value, text) -> None:
    assert decimal(value) == text or (value == 0.005 and decimal(value) == "0.01")
