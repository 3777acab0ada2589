"""Kappa against published tables, statsmodels, scikit-learn and a numerical derivative."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from studies.analytics.coefficients.kappa import (
    ONE_CASE_NOTE,
    ONE_SCORE_NOTE,
    SAME_SCORE_NOTE,
    WEIGHTS,
    Weights,
    cohen_kappa,
    fit_kappa,
    proportion_within,
)
from studies.analytics.coefficients.pair import Pair
from studies.analytics.estimate import ONE_PATIENT_NOTE

ORACLE_WEIGHTS = {"none": None, "linear": "linear", "quadratic": "quadratic"}


def ratings_of(table: list[list[int]]) -> tuple[list[int], list[int]]:
    counts = np.array(table)
    first, second = np.indices(counts.shape)
    return first.ravel().repeat(counts.ravel()).tolist(), second.ravel().repeat(
        counts.ravel()
    ).tolist()


def kappa_of(table: list[list[int]], weights: Weights):
    first, second = ratings_of(table)
    return cohen_kappa(first, second, categories=list(range(len(table))), weights=weights)


def pair(first, second, patient, categories: int) -> Pair:
    patients = np.asarray(patient)
    return Pair.of(
        np.asarray(first),
        np.asarray(second),
        case=np.arange(len(first)),
        patient=patients,
        categories=categories,
        patients=int(patients.max()) + 1,
    )


SKIN = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]
WINNIPEG = [[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]]
NEW_ORLEANS = [[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]]
FLEISS_COHEN_EVERITT = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]


@pytest.mark.parametrize(
    ("table", "weights", "value", "se", "source"),
    [
        (SKIN, "none", 0.3449, 0.0724, "SAS PROC FREQ, skin condition example"),
        (SKIN, "linear", 0.5082, 0.0655, "SAS PROC FREQ, skin condition example"),
        (WINNIPEG, "none", 0.2079, 0.0505, "Landis and Koch 1977, by R vcd"),
        (WINNIPEG, "linear", 0.3797, 0.0517, "Landis and Koch 1977, by R vcd"),
        (NEW_ORLEANS, "none", 0.2965, 0.0785, "Landis and Koch 1977, by R vcd"),
        (NEW_ORLEANS, "linear", 0.4773, 0.0730, "Landis and Koch 1977, by R vcd"),
        (FLEISS_COHEN_EVERITT, "none", 0.429, 0.054, "Fleiss, Cohen and Everitt 1969, table 1"),
    ],
)
def test_published_tables(table, weights, value, se, source) -> None:
    estimate = kappa_of(table, weights)
    digits = len(str(value).split(".")[1])
    assert round(estimate.value, digits) == value, source
    assert round(estimate.se, digits) == se, source


# Cohen 1968, table 1: diagnoses of 200 patients by two psychiatrists, shares times 200.
COHEN_1968 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]


def test_kappas_of_cohen_1968() -> None:
    """Cohen 1968, table 1: kappa .492; with his disagreement weights 1, 3 and 6, .348."""
    assert round(kappa_of(COHEN_1968, "none").value, 3) == 0.492
    first, second = ratings_of(COHEN_1968)
    custom = [[0, 1, 3], [1, 0, 6], [3, 6, 0]]
    weighted = cohen_kappa(first, second, categories=range(3), weights=custom)
    assert round(weighted.value, 3) == 0.348
    assert "Cohen 1968" in weighted.method
    oracle = cohens_kappa(np.array(COHEN_1968), weights=np.array(custom))
    assert weighted.value == pytest.approx(oracle.kappa, abs=1e-12)
    assert weighted.se == pytest.approx(oracle.std_kappa, abs=1e-12)


def test_custom_weights_equal_to_a_scheme_give_its_kappa() -> None:
    first, second = ratings_of(SKIN)
    steps = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    for custom, scheme in ((steps / 3, "linear"), ((steps / 3) ** 2, "quadratic")):
        mine = cohen_kappa(first, second, categories=range(4), weights=custom)
        theirs = kappa_of(SKIN, scheme)
        assert (mine.value, mine.se) == pytest.approx((theirs.value, theirs.se), abs=1e-12)
    for wrong in (1 - steps / 3, -1.0 * steps, np.zeros((4, 4)), np.ones((3, 3)), [[0, 1], [1]]):
        with pytest.raises(ValueError):
            cohen_kappa(first, second, categories=range(4), weights=wrong)


def test_interval_of_sas_skin_table_is_not_clipped() -> None:
    estimate = kappa_of(SKIN, "linear")
    assert [round(bound, 4) for bound in estimate.ci] == [0.3798, 0.6366]
    assert estimate.ci[1] - estimate.value == pytest.approx(1.959963984540054 * estimate.se)
    low = kappa_of([[1, 1], [1, 0]], "none")
    assert low.ci[0] < -1


@st.composite
def tables(draw):
    size = draw(st.integers(2, 6))
    cell = st.integers(0, 12)
    table = draw(
        st.lists(st.lists(cell, min_size=size, max_size=size), min_size=size, max_size=size)
    )
    counts = np.array(table)
    usable = (counts.sum(axis=0) > 0).sum() > 1 and (counts.sum(axis=1) > 0).sum() > 1
    if not usable:
        counts += np.eye(size, dtype=int)
    return counts.tolist()


@settings(max_examples=150, deadline=None)
@given(table=tables(), weights=st.sampled_from(WEIGHTS))
def test_value_and_error_equal_statsmodels(table, weights: Weights) -> None:
    estimate = kappa_of(table, weights)
    oracle = cohens_kappa(np.array(table), wt=ORACLE_WEIGHTS[weights])
    assert estimate.value == pytest.approx(oracle.kappa, abs=1e-9)
    assert estimate.se**2 == pytest.approx(oracle.var_kappa, abs=1e-13)
    if estimate.se > 1e-4:
        assert estimate.se == pytest.approx(oracle.std_kappa, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(table=tables(), weights=st.sampled_from(WEIGHTS))
def test_value_equals_scikit_learn(table, weights: Weights) -> None:
    first, second = ratings_of(table)
    expected = cohen_kappa_score(
        first, second, labels=list(range(len(table))), weights=ORACLE_WEIGHTS[weights]
    )
    assert kappa_of(table, weights).value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_clustered_error_equals_infinitesimal_jackknife(weights: Weights) -> None:
    """The derivative of kappa by a patient's weight, taken numerically."""
    rng = np.random.default_rng(20)
    patient = np.repeat(np.arange(25), 8)
    truth = rng.integers(0, 4, 25).repeat(8)
    first = np.clip(truth + rng.integers(-1, 2, 200), 0, 3)
    second = np.clip(truth + rng.integers(-1, 2, 200), 0, 3)

    def weighted_kappa(mass: np.ndarray) -> float:
        counts = np.zeros((4, 4))
        np.add.at(counts, (first, second), mass[patient])
        steps = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
        d = {"none": steps > 0, "linear": steps, "quadratic": steps**2}[weights]
        p = counts / counts.sum()
        return float(1 - (d * p).sum() / (d * np.outer(p.sum(1), p.sum(0))).sum())

    step = 1e-6
    derivative = []
    for category in range(25):
        up, down = np.ones(25), np.ones(25)
        up[category] += step
        down[category] -= step
        derivative.append((weighted_kappa(up) - weighted_kappa(down)) / (2 * step))
    fit = fit_kappa(pair(first, second, patient, 4), weights)
    assert fit.influence == pytest.approx(derivative, abs=1e-8)
    assert fit.estimate().se == pytest.approx(math.sqrt(np.square(derivative).sum()), abs=1e-8)
    assert fit.estimate().se != pytest.approx(fit.se_items, rel=1e-3)


def test_categories_stay_fixed_when_one_is_never_used() -> None:
    first, second = [0, 0, 3, 3, 1], [0, 3, 3, 3, 0]
    fixed = cohen_kappa(first, second, categories=[0, 1, 2, 3], weights="linear").value
    assert fixed == pytest.approx(
        cohen_kappa_score(first, second, labels=[0, 1, 2, 3], weights="linear")
    )
    squeezed = cohen_kappa_score(first, second, weights="linear")
    assert fixed != pytest.approx(squeezed)


def test_items_with_a_missing_rating_are_excluded() -> None:
    whole = cohen_kappa([0, 1, 2, 1], [0, 2, 2, 1], categories=[0, 1, 2])
    holed = cohen_kappa([0, 1, None, 2, 1, 0], [0, 2, 1, 2, 1, math.nan], categories=[0, 1, 2])
    assert (holed.value, holed.se, holed.n) == (whole.value, whole.se, 4)


def test_one_constant_reader_gives_zero_with_a_note() -> None:
    for weights in WEIGHTS:
        estimate = cohen_kappa([0, 0, 0, 0], [0, 1, 2, 1], categories=[0, 1, 2], weights=weights)
        assert (estimate.value, estimate.se, estimate.ci) == (0.0, 0.0, None)
        assert estimate.note == ONE_SCORE_NOTE


def test_constant_readers_on_different_scores_give_zero() -> None:
    estimate = cohen_kappa([0, 0, 0], [1, 1, 1], categories=[0, 1, 2])
    assert (estimate.value, estimate.se, estimate.note) == (0.0, 0.0, ONE_SCORE_NOTE)


def test_both_readers_on_the_same_score_is_undefined() -> None:
    estimate = cohen_kappa([2, 2, 2], [2, 2, 2], categories=[0, 1, 2])
    assert (estimate.value, estimate.se, estimate.ci) == (None, None, None)
    assert estimate.note == SAME_SCORE_NOTE


def test_fewer_than_two_cases_is_undefined() -> None:
    assert cohen_kappa([1], [0], categories=[0, 1]).note == ONE_CASE_NOTE
    empty = cohen_kappa([1, None], [None, 0], categories=[0, 1])
    assert (empty.value, empty.n) == (None, 0)
    assert "no case" in empty.note


def test_perfect_agreement_has_no_interval() -> None:
    estimate = cohen_kappa([0, 1, 2, 2], [0, 1, 2, 2], categories=[0, 1, 2], weights="quadratic")
    assert (estimate.value, estimate.se, estimate.ci) == (1.0, 0.0, None)
    assert "standard error is 0" in estimate.note


def test_one_patient_has_a_value_without_a_standard_error() -> None:
    estimate = cohen_kappa([0, 1, 1], [0, 1, 0], categories=[0, 1], patients=["P", "P", "P"])
    assert estimate.value == pytest.approx(0.4)
    assert (estimate.se, estimate.ci, estimate.note) == (None, None, ONE_PATIENT_NOTE)


def test_unknown_rating_and_weights_are_rejected() -> None:
    with pytest.raises(ValueError, match="not one of the categories"):
        cohen_kappa([0, 5], [0, 1], categories=[0, 1])
    with pytest.raises(ValueError, match="none, linear, quadratic"):
        cohen_kappa([0, 1], [0, 1], categories=[0, 1], weights="cubic")  # type: ignore[arg-type]


def test_proportion_within_counts_exact_and_near() -> None:
    both = pair([0, 1, 2, 3, 0], [0, 2, 2, 1, 3], np.arange(5), 4)
    assert proportion_within(both, 0).value == pytest.approx(0.4)
    near = proportion_within(both, 1)
    assert near.value == pytest.approx(0.6)
    assert near.se == pytest.approx(math.sqrt(0.6 * 0.4 / 5))
