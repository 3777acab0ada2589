"""Limits of agreement pooled over readers, against Bland and Altman's and copied patients."""

from __future__ import annotations

import numpy as np
import pytest

from studies.analytics.coefficients.bland_altman import bland_altman
from studies.analytics.coefficients.repeat_differences import PooledDifferences


def repeats(seed: int = 1, *, readers: int = 3, cases: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Return totals of first and repeated readings (readers, cases), some of them missing."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 20, cases)
    first, again = truth + rng.integers(-2, 3, (2, readers, cases)).astype(float)
    again += rng.normal(0, 1, (readers, 1)).round()
    again[rng.random((readers, cases)) < 0.3] = np.nan
    return first, again


def values_of(first: np.ndarray, again: np.ndarray) -> list[float]:
    differences = (first - again)[~np.isnan(again)]
    bias, spread = differences.mean(), differences.std(ddof=1)
    return [bias, bias - 1.959963984540054 * spread, bias + 1.959963984540054 * spread]


def test_one_readers_bias_and_limits_are_those_of_bland_and_altman() -> None:
    first, again = repeats(readers=1)
    pooled = PooledDifferences.of(first, again, np.arange(30), 30).estimates("")
    oracle = bland_altman(first[0], again[0])
    for mine, theirs in zip(pooled, (oracle.bias, oracle.lower, oracle.upper), strict=True):
        assert (mine.value, mine.n) == (pytest.approx(theirs.value), theirs.n)
        assert mine.se == pytest.approx(theirs.se, rel=0.25)


@pytest.mark.parametrize("seed", range(5))
def test_pooled_limits_are_those_of_all_differences(seed: int) -> None:
    first, again = repeats(seed)
    pooled = PooledDifferences.of(first, again, np.arange(30), 30).estimates("")
    assert [one.value for one in pooled] == pytest.approx(values_of(first, again))
    assert {one.n for one in pooled} == {int((~np.isnan(again)).sum())}


def test_standard_error_is_that_of_the_influence_of_each_patient() -> None:
    """The influence is the derivative with respect to the weight of a patient's cases."""
    first, again = repeats()
    patient = np.arange(30) // 2
    changes = []
    for left in range(15):
        values = []
        for times in (1000, 1001):
            copies = np.where(patient == left, times, 1000)
            totals = (np.repeat(array, copies, axis=1) for array in (first, again))
            values.append(values_of(*totals))
        changes.append((np.array(values[1]) - values[0]) * 1000)
    expected = np.sqrt(np.square(changes).sum(axis=0))
    pooled = PooledDifferences.of(first, again, patient, 15).estimates("")
    assert [one.se for one in pooled] == pytest.approx(expected.tolist(), rel=0.02)


def test_resamples_are_those_of_copied_patients() -> None:
    first, again = repeats()
    patient = np.arange(30) // 2
    pooled = PooledDifferences.of(first, again, patient, 15)
    rng = np.random.default_rng(2)
    weights = rng.multinomial(15, np.full(15, 1 / 15), size=20)
    for drawn, mine in zip(weights, pooled.of_resamples(weights).T, strict=True):
        copies = [np.repeat(array, drawn[patient], axis=1) for array in (first, again)]
        assert mine.tolist() == pytest.approx(values_of(*copies))
    for left, mine in enumerate(pooled.leave_one_out().T):
        rest = [array[:, patient != left] for array in (first, again)]
        assert mine.tolist() == pytest.approx(values_of(*rest))


def test_order_of_readers_and_of_replicates_changes_at_most_the_sign() -> None:
    first, again = repeats()
    patient = np.arange(30)
    bias, lower, upper = PooledDifferences.of(first, again, patient, 30).estimates("")
    shuffled = PooledDifferences.of(first[::-1], again[::-1], patient, 30).estimates("")
    assert [one.value for one in shuffled] == pytest.approx([bias.value, lower.value, upper.value])
    swapped = PooledDifferences.of(again, first, patient, 30).estimates("")
    expected = [-bias.value, -upper.value, -lower.value]
    assert [one.value for one in swapped] == pytest.approx(expected)
    assert [one.se for one in swapped] == pytest.approx([bias.se, upper.se, lower.se])


def test_equal_differences_have_no_interval() -> None:
    first = np.arange(12.0).reshape(2, 6)
    for estimate in PooledDifferences.of(first, first - 1, np.arange(6), 6).estimates(""):
        assert (estimate.value, estimate.se, estimate.ci) == (1.0, 0.0, None)
        assert "same" in estimate.note


def test_one_difference_has_no_limits() -> None:
    first, again = np.full((2, 2, 4), np.nan)
    first[0, 0] = again[0, 0] = 3
    for estimate in PooledDifferences.of(first, again, np.arange(4), 4).estimates(""):
        assert (estimate.value, estimate.n) == (None, 1)
        assert estimate.note


def test_unequal_shapes_are_rejected() -> None:
    with pytest.raises(ValueError, match="the same readers and cases"):
        PooledDifferences.of(np.zeros((2, 5)), np.zeros((2, 4)), np.arange(5), 5)
