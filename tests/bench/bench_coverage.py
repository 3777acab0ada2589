"""How often 95 % intervals hold the truth in simulated studies: ``make bench``.

The truth of a coefficient is its value in one very large sample of the same model. Over 1000
studies the share itself is known to about 0.7 points.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations

import numpy as np

from studies.analytics import (
    Estimate,
    bland_altman,
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    icc,
    krippendorff_alpha,
    lin_ccc,
    pearson,
    spearman,
)
from studies.analytics.coefficients.kappa import KappaFit, fit_kappa
from studies.analytics.coefficients.kappa_differences import mean_kappa, mean_kappa_difference
from studies.analytics.coefficients.pair import Pair
from studies.analytics.resampling.kappa_bootstrap import Draws
from studies.analytics.resampling.patient_bootstrap import Bootstrap

Ratings = np.ndarray
Interval = tuple[float, float] | None

SCALE = range(4)
LARGE = 400_000


class Coverage:
    """How often each interval covered the true value."""

    def __init__(self) -> None:
        self.covered: dict[str, list[bool]] = {}

    def note(self, name: str, interval: Interval, truth: float) -> None:
        low, high = interval or (np.nan, np.nan)
        self.covered.setdefault(name, []).append(low <= truth <= high)

    def report(self, of: str, *, nominal: bool = True) -> None:
        print(f"\ncoverage of 95 % intervals, {of}")  # noqa: T201
        for name, covered in self.covered.items():
            print(f"{name:34s} {100 * np.mean(covered):6.1f} %")  # noqa: T201
        for name, covered in self.covered.items():
            assert not nominal or 0.93 <= np.mean(covered) <= 0.97, name


def scores(rng: np.random.Generator, n: int, slip: np.ndarray) -> Ratings:
    """Return grades of n cases by readers who are off by one at their own rates (n, readers)."""
    return slipped(rng, rng.choice(4, n, p=[0.45, 0.25, 0.2, 0.1]), slip)


def slipped(rng: np.random.Generator, truth: np.ndarray, slip: np.ndarray) -> Ratings:
    shape = (len(truth), len(slip))
    off = (rng.random(shape) < slip) * rng.choice([-1, 1], shape)
    return np.clip(truth[:, None] + off, 0, 3)


def two(coefficient: Callable[..., Estimate], **options: object) -> Callable[[Ratings], Estimate]:
    return lambda ratings: coefficient(ratings[:, 0], ratings[:, 1], **options)


def test_intervals_of_two_readers_cover_the_true_value() -> None:
    rng, cover = np.random.default_rng(7), Coverage()
    slip = np.array([0.3, 0.3])
    coefficients: dict[str, Callable[[Ratings], Estimate]] = {
        **{
            f"kappa, {weights}": two(cohen_kappa, categories=SCALE, weights=weights)
            for weights in ("none", "linear", "quadratic")
        },
        "Gwet's AC1": partial(gwet_ac, categories=SCALE),
        "Gwet's AC2, linear": partial(gwet_ac, categories=SCALE, weights="linear"),
        "Brennan-Prediger": partial(brennan_prediger, categories=SCALE),
        "Fleiss": partial(fleiss_kappa, categories=SCALE, weights="linear"),
        "Conger": partial(conger_kappa, categories=SCALE, weights="linear"),
        "Krippendorff's alpha, ordinal": partial(krippendorff_alpha, level="ordinal"),
    }
    large = scores(rng, LARGE, slip)
    truths = {name: make(large).value for name, make in coefficients.items()}
    for _ in range(1000):
        ratings = scores(rng, 150, slip)
        for name, make in coefficients.items():
            cover.note(name, make(ratings).ci, truths[name])
    cover.report("two readers, 150 cases, 1000 studies")


def test_intervals_of_totals_cover_the_true_value() -> None:
    rng, cover, n = np.random.default_rng(8), Coverage(), 150
    rank = 6 / np.pi * np.arcsin(0.8 / 2)
    for _ in range(1000):
        totals = 2 * rng.normal(size=(n, 1)) + rng.normal(size=(n, 2))
        for form in ("1,1", "A,1", "C,1"):
            cover.note(f"ICC({form})", icc(totals, form=form).ci, 0.8)
        cover.note("Lin's CCC", lin_ccc(*totals.T).ci, 0.8)
        cover.note("Pearson", pearson(*totals.T).ci, 0.8)
        cover.note("Spearman", spearman(*totals.T).ci, rank)
        limits = bland_altman(*totals.T)
        cover.note("bias", limits.ci, 0.0)
        cover.note("upper limit, exact", limits.upper.ci, 1.959963984540054 * np.sqrt(2))
        cover.note("upper limit, 1986", limits.upper_1986, 1.959963984540054 * np.sqrt(2))
    cover.report("normal totals of two readers, 150 cases, 1000 studies")


def fits(ratings: Ratings, patient: np.ndarray) -> dict[tuple[str, str], Pair]:
    items = np.arange(len(ratings))
    return {
        (f"R{a}", f"R{b}"): Pair(
            ratings[:, a], ratings[:, b], items, patient, 4, int(patient.max()) + 1
        )
        for a, b in combinations(range(ratings.shape[1]), 2)
    }


def kappas(pairs: dict[tuple[str, str], Pair]) -> list[KappaFit]:
    return [fit_kappa(pair, "linear") for pair in pairs.values()]


def cells(rng: np.random.Generator, patients: int, slip: np.ndarray) -> Ratings:
    """Return eight grades a patient around the patient's own burden (8 patients, readers)."""
    burden = rng.choice(4, patients, p=[0.4, 0.3, 0.2, 0.1]).repeat(8)
    truth = np.clip(burden + rng.integers(-1, 2, len(burden)), 0, 3)
    return slipped(rng, truth, slip)


def test_intervals_of_clustered_cells_and_of_means_cover_the_true_value() -> None:
    rng, cover, patients = np.random.default_rng(9), Coverage(), 100
    slip = np.array([0.2, 0.3, 0.4])
    large = cells(rng, LARGE // 8, slip)
    everyone = kappas(fits(large, np.arange(LARGE // 8).repeat(8)))
    mean, first = np.mean([fit.value for fit in everyone]), everyone[0].value
    for _ in range(1000):
        pairs = kappas(fits(cells(rng, patients, slip), np.arange(patients).repeat(8)))
        cover.note("pooled cells, one pair", pairs[0].estimate().ci, first)
        cover.note("pooled cells, mean over pairs", mean_kappa(pairs).ci, mean)
    cover.report("cells clustered in 100 patients, 3 readers, 1000 studies")


def test_intervals_of_a_difference_cover_the_true_value() -> None:
    """The same patients in both arms; 500 replicates a study."""
    rng, cover, n = np.random.default_rng(10), Coverage(), 100
    slips = {"guided": np.full(3, 0.2), "unguided": np.full(3, 0.4)}

    def study(size: int) -> dict[str, dict[tuple[str, str], Pair]]:
        truth = rng.choice(4, size, p=[0.45, 0.25, 0.2, 0.1])
        patients = np.arange(size)
        return {arm: fits(slipped(rng, truth, slip), patients) for arm, slip in slips.items()}

    large = study(LARGE)
    up, down = (np.mean([fit.value for fit in kappas(large[arm])]) for arm in slips)
    for seed in range(1000):
        arms = study(n)
        both = [kappas(arms[arm]) for arm in slips]
        estimate = mean_kappa_difference(list(zip(*both, strict=True)))
        cover.note("delta method", estimate.ci, up - down)
        draws = Draws(Bootstrap.draw(n, replicates=500, seed=seed))
        for arm in slips:
            draws.add(arm, ["linear"], arms[arm])
        results = draws.interval("linear", list(arms["guided"]), list(slips), estimate.value)
        cover.note("bootstrap, percentile", results["ci_bootstrap"], up - down)
        cover.note("bootstrap, BCa", results["ci_bca"], up - down)
    cover.report("guided minus unguided, mean of 3 pairs, 100 patients, 1000 studies")


def test_intervals_over_readers_are_told() -> None:
    """Readers of different skill: the truth is the mean kappa of any two of such readers.

    No theory promises 95 % for few readers, so nothing is asked; patients alone fall far short.
    """
    rng, n = np.random.default_rng(11), 80

    def slips(readers: int) -> np.ndarray:
        return rng.uniform(0.05, 0.7, readers)

    many = [kappas(fits(scores(rng, 4000, slips(2)), np.arange(4000)))[0] for _ in range(3000)]
    truth = float(np.mean([fit.value for fit in many]))
    for readers in (4, 6, 12):
        cover = Coverage()
        for seed in range(300):
            pairs = fits(scores(rng, n, slips(readers)), np.arange(n))
            draws = Draws(Bootstrap.draw(n, replicates=500, seed=seed))
            draws.add(None, ["linear"], pairs)
            these = draws.interval("linear", list(pairs), [None], None)
            like_these = draws.interval_over_readers("linear", list(pairs), [None])
            cover.note("patients drawn", these["ci_bootstrap"], truth)
            cover.note("patients and readers drawn", like_these["ci_bootstrap_readers"], truth)
        cover.report(f"mean kappa of {readers} readers of unequal skill", nominal=False)
