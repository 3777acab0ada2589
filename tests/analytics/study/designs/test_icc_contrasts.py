"""Contrasts of the ICC against mean squares of resampled readings."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.ratings import Ratings
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.designs.icc_contrasts import icc_contrasts
from studies.analytics.table import ReadingTable
from tests.reports.study import study

READERS = ("R1", "R2", "R3")


def icc_a_1(x: np.ndarray) -> float:
    """Return ICC(A,1) from the two-way mean squares (McGraw and Wong 1996, table 4)."""
    n, k = x.shape
    grand, rows, columns = x.mean(), x.mean(axis=1), x.mean(axis=0)
    msr = k * ((rows - grand) ** 2).sum() / (n - 1)
    msc = n * ((columns - grand) ** 2).sum() / (k - 1)
    mse = ((x - rows[:, None] - columns + grand) ** 2).sum() / ((n - 1) * (k - 1))
    return (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n)


def mean_icc(table: ReadingTable, arm: str, times: np.ndarray, readers=READERS) -> float:
    ratings = Ratings(table, "aac24", arm)
    values = []
    for pair in combinations(readers, 2):
        totals = ratings.as_numbers(pair)
        complete = ~np.isnan(totals).any(axis=1)
        repeats = times[ratings.patient[complete]]
        values.append(icc_a_1(np.repeat(totals[complete], repeats, axis=0)))
    return float(np.mean(values))


def test_contrast_and_intervals_agree_with_resampled_totals() -> None:
    _, _, table, _ = study(cases=24)
    bootstrap = Bootstrap.draw(24, replicates=200, seed=3)
    (result,) = icc_contrasts(table, "aac24", [("guided", "unguided")], bootstrap)
    once = np.ones(24, dtype=int)
    expected = [mean_icc(table, arm, once) for arm in ("guided", "unguided")]
    assert result.more["iccs"] == pytest.approx(expected, abs=1e-12)
    assert result.estimate.value == pytest.approx(expected[0] - expected[1], abs=1e-12)
    drawn = [
        mean_icc(table, "guided", times) - mean_icc(table, "unguided", times)
        for times in bootstrap.weights.astype(int)
    ]
    assert result.more["ci_bootstrap"] == pytest.approx(
        list(np.percentile(drawn, [2.5, 97.5])), abs=1e-9
    )
    expanded = result.more["ci_bootstrap_expanded"]
    assert expanded[0] <= result.more["ci_bootstrap"][0]
    # The jackknife gives about the same standard error as the influence values.
    left_out = [
        mean_icc(table, "guided", once - one) - mean_icc(table, "unguided", once - one)
        for one in np.eye(24, dtype=int)
    ]
    jackknife = np.sqrt(23 / 24 * ((left_out - np.mean(left_out)) ** 2).sum())
    assert result.estimate.se == pytest.approx(jackknife, rel=0.25)


def test_groups_of_readers_are_compared_by_their_own_pairs() -> None:
    rows, _, _, _ = study(readers=6, cases=20)
    groups = {"unguided": ("R1", "R2", "R3"), "guided": ("R4", "R5", "R6")}
    selected = [row for row in rows if row["reader"] in groups[row["arm"]]]
    table = table_from_rows(enumerate(selected, start=2))
    (result,) = icc_contrasts(table, "aac24", [("guided", "unguided")])
    once = np.ones(20, dtype=int)
    expected = [mean_icc(table, arm, once, groups[arm]) for arm in ("guided", "unguided")]
    assert result.more["iccs"] == pytest.approx(expected, abs=1e-12)
    assert result.readers == ("R1", "R2", "R3", "R4", "R5", "R6")


def test_arms_that_share_one_reader_only_are_not_compared() -> None:
    rows, _, _, _ = study(readers=3, cases=10)
    selected = [
        row
        for row in rows
        if row["reader"] in {"guided": ("R1", "R2")}.get(row["arm"], ("R2", "R3"))
    ]
    (result,) = icc_contrasts(
        table_from_rows(enumerate(selected, start=2)), "aac24", [("guided", "unguided")]
    )
    assert result.estimate.value is None
    assert "no two readers read in both arms" in result.estimate.note
