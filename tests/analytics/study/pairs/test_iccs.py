"""ICCs of many pairs at once against those of single pairs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.scale import MISSING
from studies.analytics.study.icc_differences import fit_icc
from studies.analytics.study.pairs.iccs import PairIccs

READERS = ("R1", "R2", "R3", "R4")
PAIRS = tuple(combinations(READERS, 2))
FORMS = ("A,1", "C,1")


@dataclass(frozen=True)
class Totals:
    """What the ICCs need of `Ratings`: totals (readers, cases) and the patient of each case."""

    values: np.ndarray
    patient: np.ndarray
    patients: int

    @property
    def names(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(READERS)}

    def fit(self, pair: tuple[str, str], form):
        rows = [self.names[name] for name in pair]
        numbers = np.where(self.values[rows] == MISSING, np.nan, self.values[rows].astype(float))
        return fit_icc(numbers.T, self.patient, self.patients, form)


@st.composite
def totals(draw) -> Totals:
    cases = draw(st.integers(0, 14))
    patients = draw(st.integers(1, 10))
    highest = draw(st.sampled_from([1, 3, 24]))
    values = st.lists(st.integers(MISSING, highest), min_size=cases, max_size=cases)
    rows = [draw(values) for _ in READERS]
    patient = draw(st.lists(st.integers(0, patients - 1), min_size=cases, max_size=cases))
    return Totals(
        np.array(rows, dtype=np.int64).reshape(len(READERS), cases),
        np.array(patient, dtype=np.int64),
        patients,
    )


@settings(max_examples=60, deadline=None)
@given(totals())
def test_every_pair_has_the_icc_and_the_influence_of_a_single_fit(read: Totals) -> None:
    for form in FORMS:
        iccs = PairIccs(read, PAIRS, form)
        for row, pair in enumerate(PAIRS):
            fit, mask = read.fit(pair, form), np.arange(len(PAIRS)) == row
            assert np.isnan(iccs.values[row]) == (fit.value is None)
            assert iccs.present(mask).tolist() == fit.present.tolist()
            if fit.value is None:
                continue
            assert iccs.mean(mask) == pytest.approx(fit.value, abs=1e-12)
            assert iccs.mean_influence(mask) == pytest.approx(fit.influence, abs=1e-10)
            left_out = iccs.mean_without_each_patient(mask)
            assert left_out == pytest.approx(fit.leave_one_out(), abs=1e-10, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(totals(), st.integers(0, 3))
def test_replicates_are_the_mean_of_the_replicates_of_the_pairs(read: Totals, seed: int) -> None:
    bootstrap = Bootstrap.draw(read.patients, replicates=25, seed=seed)
    for form in FORMS:
        iccs = PairIccs(read, PAIRS, form)
        defined = ~np.isnan(iccs.values)
        first = defined & (np.arange(len(PAIRS)) == int(np.argmax(defined)))
        masks = [mask for mask in (defined, first) if mask.any()]
        if not masks:
            continue
        fits = [read.fit(pair, form) for pair in PAIRS]
        for mask, drawn in zip(masks, iccs.mean_of_replicates(bootstrap, masks), strict=True):
            alone = [fits[row].of(bootstrap.weights) for row in np.flatnonzero(mask)]
            assert drawn == pytest.approx(np.mean(alone, axis=0), abs=1e-10, nan_ok=True)


def test_pairs_that_share_few_patients_are_resampled_like_the_others(monkeypatch) -> None:
    rng = np.random.default_rng(5)
    values = np.full((4, 400), MISSING)
    for row in range(4):
        cases = rng.choice(40, size=12, replace=False)
        values[row, cases] = rng.integers(0, 25, size=12)
    read = Totals(values, np.arange(400), 400)
    bootstrap = Bootstrap.draw(400, replicates=30, seed=1)
    iccs = PairIccs(read, PAIRS, "A,1")
    defined = ~np.isnan(iccs.values)
    (sparse,) = iccs.mean_of_replicates(bootstrap, [defined])
    # One pair in each block, and dense sums.
    monkeypatch.setattr("studies.analytics.study.pairs.iccs.BLOCK_NUMBERS", 1)
    monkeypatch.setattr("studies.analytics.study.pairs.iccs.SPARSE_SHARE", 0.0)
    (dense,) = iccs.mean_of_replicates(bootstrap, [defined])
    assert defined.any()
    assert sparse == pytest.approx(dense, abs=1e-12, nan_ok=True)
