"""Kappas of resampled patients with their standard errors, against fits to copied patients."""

from __future__ import annotations

import numpy as np
import pytest

from studies.analytics.coefficients.kappa import WEIGHTS, KappaFit, fit_kappa
from studies.analytics.coefficients.pair import Pair
from studies.analytics.ratings import pair_of
from studies.analytics.resampling.pair_sums import PairSums
from studies.analytics.resampling.patient_bootstrap import Bootstrap, jackknife
from tests.analytics.random_tables import random_table
from tests.bench import weighted_kappas
from tests.bench.weighted_kappas import weighted_means

ARMS = ("guided", "unguided")


def pairs_of(seed: int, outcome: str) -> list[list[Pair]]:
    """Return the pairs of three readers in both arms: missing readings, clustered cases."""
    table = random_table(seed, readers=3, cases=24)
    names = [("R1", "R2"), ("R1", "R3"), ("R2", "R3")]
    return [[pair_of(table, outcome, arm, readers) for readers in names] for arm in ARMS]


def sums_of(pairs: list[list[Pair]], scheme) -> list[list[PairSums]]:
    return [[PairSums.of(pair, [scheme]) for pair in side] for side in pairs]


def copies_of(pair: Pair, drawn: np.ndarray) -> Pair:
    """Return a pair in which every copy of a patient is a patient in its own right."""
    times = drawn.astype(int)[pair.patient]
    rows = np.repeat(np.arange(len(pair)), times)
    starts = np.repeat(np.cumsum(times) - times, times)
    copy = np.arange(len(rows)) - starts
    most = int(drawn.max())
    patient = pair.patient[rows] * most + copy
    case = pair.case[rows] * most + copy
    return Pair(
        pair.first[rows], pair.second[rows], case, patient, pair.categories, pair.patients * most
    )


def influence_of(fits: list[KappaFit]) -> np.ndarray:
    return np.mean([fit.influence for fit in fits], axis=0)


@pytest.mark.parametrize("outcome", ["cells", "L1"])
@pytest.mark.parametrize("scheme", WEIGHTS)
def test_replicate_has_the_kappas_and_errors_of_copied_patients(outcome, scheme) -> None:
    compared = 0
    for seed in (0, 1, 2, 3, 4, 5):
        pairs = pairs_of(seed, outcome)
        bootstrap = Bootstrap.draw(pairs[0][0].patients, replicates=4, seed=seed)
        means = weighted_means(bootstrap.weights, sums_of(pairs, scheme), scheme)
        for replicate, drawn in enumerate(bootstrap.weights):
            fits = [[fit_kappa(copies_of(pair, drawn), scheme) for pair in side] for side in pairs]
            if any(fit.status for side in fits for fit in side):
                continue
            compared += 1
            up, down = (influence_of(side) for side in fits)
            expected = [np.mean([fit.value for fit in side]) for side in fits]
            assert means.values[:, replicate] == pytest.approx(expected, abs=1e-12)
            assert means.variances[:, replicate] == pytest.approx([up @ up, down @ down])
            assert means.covariances[replicate] == pytest.approx(up @ down, abs=1e-12)
            assert means.differences[replicate] == pytest.approx(expected[0] - expected[1])
            squares = np.square(up - down).sum()
            assert means.errors[replicate] == pytest.approx(np.sqrt(squares))
    assert compared >= 4


def test_patients_left_out_give_the_jackknife() -> None:
    (pairs, _), scheme = pairs_of(3, "cells"), "linear"
    patients = pairs[0].patients
    means = weighted_means(1 - np.eye(patients), [[PairSums.of(pairs[0], [scheme])]], scheme)
    assert means.differences == pytest.approx(jackknife(pairs[0], scheme), nan_ok=True)


def test_blocks_of_replicates_change_nothing(monkeypatch) -> None:
    sums = sums_of(pairs_of(1, "cells"), "linear")
    weights = Bootstrap.draw(24, replicates=30, seed=1).weights
    whole = weighted_means(weights, sums, "linear")
    monkeypatch.setattr(weighted_kappas, "BLOCK_NUMBERS", 24 * 7)
    parts = weighted_means(weights, sums, "linear")
    for name in ("values", "variances", "covariances"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), nan_ok=True)


def test_replicate_without_a_kappa_is_undefined() -> None:
    scores = np.array([0, 0, 1, 1])
    pair = Pair(scores, scores, np.arange(4), np.arange(4), 2, 4)
    weights = np.array([[2.0, 2, 0, 0], [1, 1, 1, 1]])
    means = weighted_means(weights, [[PairSums.of(pair, ["none"])]], "none")
    assert np.isnan(means.differences).tolist() == [True, False]
    assert means.errors[1] == pytest.approx(0, abs=1e-12)


def test_side_without_pairs_is_rejected() -> None:
    with pytest.raises(ValueError, match="at least one pair"):
        weighted_means(np.ones((1, 4)), [[]], "linear")


def test_sums_of_several_schemes_are_rejected() -> None:
    pair = pairs_of(1, "cells")[0][0]
    with pytest.raises(ValueError, match="one scheme"):
        weighted_means(np.ones((1, 24)), [[PairSums.of(pair, WEIGHTS)]], "linear")
