from __future__ import annotations

import math

import numpy as np
import pytest

from studies.analytics.coefficients.kappa import ONE_SCORE_NOTE, KappaFit, fit_kappa
from studies.analytics.coefficients.kappa_differences import (
    kappa_difference,
    mean_kappa,
    mean_kappa_difference,
)
from studies.analytics.coefficients.pair import Pair

PATIENTS = 40


def fit(seed: int, *, slip: int, keep: np.ndarray | None = None) -> KappaFit:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 4, PATIENTS)
    rng = np.random.default_rng(seed)
    first = np.clip(truth + rng.integers(-slip, slip + 1, PATIENTS), 0, 3)
    second = np.clip(truth + rng.integers(-slip, slip + 1, PATIENTS), 0, 3)
    if keep is not None:
        first = np.where(keep, first, -1)
    patients = np.arange(PATIENTS)
    pair = Pair.of(first, second, case=patients, patient=patients, categories=4, patients=PATIENTS)
    return fit_kappa(pair, "linear")


def constant() -> KappaFit:
    patients = np.arange(PATIENTS)
    pair = Pair.of(
        np.zeros(PATIENTS, dtype=int),
        patients % 3,
        case=patients,
        patient=patients,
        categories=4,
        patients=PATIENTS,
    )
    return fit_kappa(pair, "linear")


def test_standard_error_of_a_difference_includes_the_covariance_of_common_patients() -> None:
    guided, unguided = fit(1, slip=1), fit(2, slip=2)
    estimate = kappa_difference(guided, unguided, names=("guided", "unguided"))
    covariance = float((guided.influence * unguided.influence).sum())
    variance = guided.estimate().se ** 2 + unguided.estimate().se ** 2 - 2 * covariance
    assert estimate.value == pytest.approx(guided.value - unguided.value)
    assert estimate.se == pytest.approx(math.sqrt(variance))
    assert estimate.ci[0] == pytest.approx(estimate.value - 1.959963984540054 * estimate.se)
    assert estimate.n == PATIENTS


def test_identical_arms_differ_by_zero_without_an_interval() -> None:
    once = fit(1, slip=1)
    estimate = kappa_difference(once, once, names=("guided", "unguided"))
    assert (estimate.value, estimate.se, estimate.ci) == (0.0, 0.0, None)
    assert estimate.note


def test_patient_read_in_one_arm_contributes_to_that_arm() -> None:
    early = np.arange(PATIENTS) < 20
    guided, unguided = fit(1, slip=1, keep=early), fit(2, slip=2, keep=~early)
    estimate = kappa_difference(guided, unguided, names=("guided", "unguided"))
    assert estimate.n == 0
    assert estimate.se == pytest.approx(math.hypot(guided.estimate().se, unguided.estimate().se))


def test_mean_over_pairs_uses_mean_influence() -> None:
    ups, downs = (
        [fit(seed, slip=1) for seed in (1, 2, 3)],
        [fit(seed, slip=2) for seed in (4, 5, 6)],
    )
    mean = mean_kappa(ups)
    assert mean.value == pytest.approx(np.mean([up.value for up in ups]))
    influence = np.mean([up.influence for up in ups], axis=0)
    assert mean.se == pytest.approx(math.sqrt(float((influence**2).sum())))
    difference = mean_kappa_difference(list(zip(ups, downs, strict=True)))
    assert difference.value == pytest.approx(mean.value - mean_kappa(downs).value)


def test_undefined_pair_is_excluded_and_counted() -> None:
    undefined_fit = fit(1, slip=1, keep=np.zeros(PATIENTS, dtype=bool))
    difference = mean_kappa_difference(
        [(fit(1, slip=1), fit(2, slip=2)), (undefined_fit, undefined_fit)]
    )
    assert difference.value is not None
    assert difference.note.startswith("1 of 2 pairs excluded because kappa is undefined")
    alone = kappa_difference(undefined_fit, fit(1, slip=1), names=("guided", "unguided"))
    assert alone.value is None
    assert alone.note.startswith("guided: no case")


def test_constant_reader_is_named_in_the_difference() -> None:
    estimate = kappa_difference(fit(1, slip=1), constant(), names=("guided", "unguided"))
    assert estimate.value == fit(1, slip=1).value
    assert estimate.note == f"unguided: {ONE_SCORE_NOTE}"


def test_interval_of_the_difference_has_about_95_percent_coverage() -> None:
    """Two dependent kappas with the same expectation: the interval holds 0."""
    rng = np.random.default_rng(11)
    patients, covered, rounds = np.arange(150), 0, 400
    for _ in range(rounds):
        truth = rng.integers(0, 4, 150)
        fits = []
        for _arm in range(2):
            first, second = (
                np.clip(truth + rng.integers(-1, 2, 150), 0, 3) for _reader in range(2)
            )
            pair = Pair.of(
                first, second, case=patients, patient=patients, categories=4, patients=150
            )
            fits.append(fit_kappa(pair, "quadratic"))
        low, high = kappa_difference(*fits, names=("a", "b")).ci
        covered += low <= 0 <= high
    assert 0.92 <= covered / rounds <= 0.98
