"""Stacked sums: dense or sparse, they give the kappas of the resampled patients exactly."""

from __future__ import annotations

import numpy as np
import pytest

from studies.analytics.coefficients.kappa import WEIGHTS, disagreement
from studies.analytics.coefficients.pair import Pair
from studies.analytics.resampling import pair_sums
from studies.analytics.resampling.pair_sums import PairSums, stack_sums
from studies.analytics.resampling.patient_bootstrap import Bootstrap

PATIENTS = 40


def pairs_of(categories: int, patients_each: int) -> list[Pair]:
    """Return pairs that share some patients, each with two items per patient."""
    rng = np.random.default_rng(categories)
    pairs = []
    for _ in range(7):
        people = np.repeat(np.sort(rng.permutation(PATIENTS)[:patients_each]), 2)
        first, second = rng.integers(0, categories, (2, len(people)))
        cases = np.arange(len(people))
        pairs.append(Pair(first, second, cases, people, categories, PATIENTS))
    return pairs


def kappas_of_tables(pair: Pair, weights: np.ndarray, scheme) -> np.ndarray:
    """Return the kappas from a contingency table per replicate, NaN where undefined."""
    d = disagreement(pair.categories, scheme)
    kappas = []
    for drawn in weights:
        table = np.zeros((pair.categories, pair.categories))
        np.add.at(table, (pair.first, pair.second), drawn[pair.patient])
        chance = float((d * np.outer(table.sum(axis=1), table.sum(axis=0))).sum())
        seen = float((d * table).sum())
        kappas.append(1 - table.sum() * seen / chance if chance > 0 else np.nan)
    return np.array(kappas)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(("categories", "patients_each"), [(4, 3), (4, 40), (25, 12)])
def test_stacked_kappas_equal_those_of_single_tables(
    monkeypatch, sparse, categories, patients_each
):
    monkeypatch.setattr(pair_sums, "SPARSE_SHARE", 2.0 if sparse else 0.0)
    pairs = pairs_of(categories, patients_each)
    bootstrap = Bootstrap.draw(PATIENTS, replicates=30, seed=5)
    drawn = np.concatenate(list(bootstrap.kappas_of(pairs, WEIGHTS)))
    for pair, kappas in zip(pairs, drawn, strict=True):
        for scheme, of_scheme in zip(WEIGHTS, kappas, strict=True):
            expected = kappas_of_tables(pair, bootstrap.weights, scheme)
            # Bit for bit: all sums are whole numbers.
            assert np.array_equal(of_scheme, expected, equal_nan=True)


def test_small_stacks_give_the_same_kappas_as_large_ones(monkeypatch):
    pairs, bootstrap = pairs_of(4, 20), Bootstrap.draw(PATIENTS, replicates=30, seed=5)
    whole = np.concatenate(list(bootstrap.kappas_of(pairs, WEIGHTS)))
    monkeypatch.setattr(pair_sums, "BLOCK_NUMBERS", 1)
    blocks = list(bootstrap.kappas_of(pairs, WEIGHTS))
    assert len(blocks) == len(pairs)
    assert np.array_equal(np.concatenate(blocks), whole, equal_nan=True)


def test_sums_of_pairs_with_few_patients_are_stacked_as_sparse_arrays():
    def stack(patients_each: int, patients: int):
        sums = [PairSums.of(pair, ["linear"]) for pair in pairs_of(4, patients_each)]
        return stack_sums(sums, replicates=10, patients=patients)[0]

    few, many = stack(3, 1000), stack(40, PATIENTS)
    assert few.patients is None and few.matrix.nnz < 7 * 9 * 3
    assert many.patients.tolist() == list(range(PATIENTS))


def test_no_pairs_have_no_stacks():
    assert stack_sums([], replicates=10, patients=5) == []
