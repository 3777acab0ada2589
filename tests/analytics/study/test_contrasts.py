from __future__ import annotations

import numpy as np
import pytest

from studies.analytics.io.tidy_csv import parse_csv, table_from_rows
from studies.analytics.ratings import Ratings
from studies.analytics.study.agreement import agreement
from studies.analytics.study.contrasts import contrast_table
from tests.analytics.rows import crossover, simulated_rows


@pytest.fixture(scope="module")
def table():
    return table_from_rows(enumerate(simulated_rows(), start=2))


def test_two_arms_are_the_table_itself(table) -> None:
    assert contrast_table(table, ("guided", "unguided")) is table


def test_periods_are_compared_over_both_arms(table) -> None:
    contrasted = contrast_table(table, ("period 2", "period 1"))
    assert contrasted.arms == ("period 2", "period 1")
    for arm, period in zip(contrasted.arms, (2, 1), strict=True):
        ratings = Ratings(contrasted, "aac24", arm)
        rows = np.flatnonzero((table.period == period) & (table.replicate == 1))
        for row in rows:
            score = ratings.of(table.readers[table.reader[row]])[table.case[row]]
            assert score == table.outcome("aac24")[row]
    analysis = agreement(
        contrasted, weights=["linear"], outcomes=["cells"], compare=contrasted.arms
    )
    readers = table.readers[:2]
    where = {"outcome": "cells", "weights": "linear", "readers": readers}
    up, down = (
        analysis.get("cohen_kappa", arm=arm, **where).estimate.value for arm in contrasted.arms
    )
    difference = analysis.get("kappa_difference", arm="period 2-period 1", **where).estimate
    assert difference.value == pytest.approx(up - down)
    assert difference.n == 40


def test_replicates_are_compared_within_an_arm(table) -> None:
    contrasted = contrast_table(table, ("guided replicate 2", "guided"))
    rows = (table.arm == table.arms.index("guided")) & (table.replicate == 2)
    assert (contrasted.arm == 0).sum() == rows.sum() == 36
    assert (contrasted.arm == 1).sum() == 120
    assert (contrasted.replicate == 1).all()


def test_arm_may_be_narrowed_to_a_period(table) -> None:
    contrasted = contrast_table(table, ("guided period 2", "guided period 1"))
    assert contrasted.period[contrasted.arm == 0].tolist() == [2] * int((contrasted.arm == 0).sum())
    cases = {contrasted.cases[case] for case in contrasted.case[contrasted.arm == 0]}
    assert cases == {case for case in contrasted.cases if int(case[1:]) % 2}


def test_phrase_that_names_two_readings_of_a_case_is_rejected(table) -> None:
    with pytest.raises(ValueError, match="matches two readings of case C001 by reader R1"):
        contrast_table(table, ("replicate 2", "replicate 1"))


@pytest.mark.parametrize(
    "phrase", ["period 3", "assisted", "guided replicate 4", "assisted period 1"]
)
def test_phrase_without_a_match_lists_the_available_readings(table, phrase: str) -> None:
    with pytest.raises(
        ValueError, match=rf'no readings of "{phrase}"\. Arms: unguided, guided; peri'
    ):
        contrast_table(table, ("guided", phrase))


def test_arm_named_like_a_period_is_an_arm() -> None:
    text = crossover(readers=2, cases=3, errors={"period 1": 0.1, "period 2": 0.1})
    table = parse_csv(text)
    assert contrast_table(table, ("period 2", "period 1")) is table
