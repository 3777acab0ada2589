"""Coverage of 95 % intervals of a difference of dependent kappas in small studies: ``make bench``.

Studies of 20, 30 and 40 patients, read in two arms by the same two to four readers. Scores are
categories of a latent burden, shared by all readers and both arms, plus an error of the reader, of
which a part recurs in the other arm. The margins of the AAC groups are published ones, those of the
AAC-24 total agree with them. Both kappas are known exactly from the bivariate normal distribution:
the true difference is not simulated.

The table reports, for each method, the share of studies whose interval covers the true difference
with its Monte Carlo error, the lowest share in any scenario, the mean width, and the share of
studies without an interval, which count as not covered. To run this file alone:
``python -m pytest tests/bench/bench_difference_intervals.py -s`` (about two minutes).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import special, stats

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.coefficients.pair import Pair
from studies.analytics.estimate import Z95
from studies.analytics.resampling.intervals import (
    bca,
    defined_replicates,
    expanded_percentiles,
    percentiles,
)
from studies.analytics.resampling.pair_sums import PairSums
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.precision import latent_correlation
from tests.bench.weighted_kappas import weighted_means

STUDIES, REPLICATES, DRAWS = 300, 1000, 20
"""Sets of resampled patients that the studies use in turn."""
PATIENTS, READERS = (20, 30, 40), (2, 3, 4)
RECURRING = 0.3
"""Part of the variance of a reader's error on a case that recurs in the other arm."""
SHARED = 0.6
"""Part of the variance of a cell's burden that all cells of a patient share."""

Interval = tuple[float, float] | None


@dataclass(frozen=True)
class Outcome:
    """An outcome with its margins, and the true kappas of both arms."""

    name: str
    margins: tuple[float, ...]
    weights: Weights
    kappas: tuple[float, float]
    items: int = 1


def tail(first: float, last: float, count: int, share: float) -> list[float]:
    """Return shares that fall geometrically and sum to ``share``."""
    shares = np.geomspace(first, last, count)
    return (share * shares / shares.sum()).tolist()


TOTALS = (*tail(2.5, 1, 2, 0.45), *tail(2, 1, 4, 0.36), *tail(8, 1, 19, 0.19))
OUTCOMES = (
    Outcome("AAC group, 45/36/19 %, linear", (0.45, 0.36, 0.19), "linear", (0.75, 0.60)),
    Outcome("AAC group, no difference", (0.45, 0.36, 0.19), "linear", (0.70, 0.70)),
    Outcome("AAC group, 78/17/5 %, linear", (0.78, 0.17, 0.05), "linear", (0.75, 0.60)),
    Outcome("AAC-24 total, quadratic", TOTALS, "quadratic", (0.85, 0.70)),
    Outcome("cells, pooled, linear", (0.55, 0.20, 0.15, 0.10), "linear", (0.70, 0.55), 8),
)


class Simulator:
    """Draws studies of one outcome: scores of every reader in both arms."""

    def __init__(self, outcome: Outcome, seed: int) -> None:
        self.outcome, self.rng = outcome, np.random.default_rng(seed)
        self.cuts = special.ndtri(np.cumsum(outcome.margins)[:-1])
        margins = np.array(outcome.margins)
        self.correlations = [
            latent_correlation(margins, kappa, outcome.weights) for kappa in outcome.kappas
        ]

    def study(self, patients: int, readers: int) -> list[np.ndarray]:
        """Return the scores of each arm (readers, items)."""
        items = self.outcome.items
        burden = self.rng.normal(size=(patients, items))
        if items > 1:
            patient = self.rng.normal(size=(patients, 1))
            burden = math.sqrt(SHARED) * patient + math.sqrt(1 - SHARED) * burden
        recurring = self.rng.normal(size=(readers, patients * items))
        arms = []
        for correlation in self.correlations:
            fresh = self.rng.normal(size=recurring.shape)
            error = math.sqrt(RECURRING) * recurring + math.sqrt(1 - RECURRING) * fresh
            seen = math.sqrt(correlation) * burden.ravel() + math.sqrt(1 - correlation) * error
            arms.append(np.digitize(seen, self.cuts))
        return arms

    def sides(self, patients: int, readers: int) -> list[list[PairSums]]:
        """Return the sums of all pairs of readers in both arms of a study."""
        outcome = self.outcome
        case = np.arange(patients).repeat(outcome.items)
        size = len(outcome.margins)
        return [
            [
                PairSums.of(Pair(a, b, case, case, size, patients), [outcome.weights])
                for a, b in combinations(scores, 2)
            ]
            for scores in self.study(patients, readers)
        ]


def intervals(
    sides: list[list[PairSums]], outcome: Outcome, drawn: np.ndarray
) -> dict[str, Interval]:
    """Return the interval of every method for one study."""
    n = drawn.shape[1]
    # The sample itself, then each patient left out, then the replicates.
    weights = np.vstack([np.ones((1, n)), 1 - np.eye(n), drawn])
    means = weighted_means(weights, sides, outcome.weights)
    values, errors = means.differences, means.errors
    value, error = float(values[0]), float(errors[0])
    left_out, replicates, replicate_errors = values[1 : n + 1], values[n + 1 :], errors[n + 1 :]
    t = float(stats.t.ppf(0.975, n - 1))
    jackknife = jackknife_covariance(means.values[:, 1 : n + 1])
    # The trace counts both variances once, and the covariance enters twice.
    jackknife_error = math.sqrt(max(float(np.trace(jackknife) - 2 * jackknife[0, 1]), 0.0))
    ordered = defined_replicates(replicates)
    scale = math.sqrt(n / (n - 1))
    spread = float(ordered.std()) if len(ordered) > 1 else math.nan
    delta = np.array([[means.variances[0, 0], means.covariances[0]], [0.0, means.variances[1, 0]]])
    kappas = means.values[:, 0]
    bounds: dict[str, Interval] = {
        "percentile": percentiles(ordered),
        "BCa": bca(ordered, value, left_out),
        "delta, normal": around(value, Z95 * error),
        "delta, t": around(value, t * error),
        "delta, t and n/(n - 1)": around(value, t * scale * error),
        "jackknife, normal": around(value, Z95 * jackknife_error),
        "jackknife, t": around(value, t * jackknife_error),
        "bootstrap SE, t": around(value, t * scale * spread),
        "percentile, expanded": expanded_percentiles(ordered, n),
        "BCa, expanded": bca(ordered, value, left_out, scale * t),
        "studentised": studentised(value, error, replicates, replicate_errors),
        "studentised, Fisher z": on_z(value, error, replicates, replicate_errors),
        "MOVER, delta, normal": mover(kappas, delta, Z95),
        "MOVER, delta, t": mover(kappas, delta, t),
        "MOVER, jackknife, normal": mover(kappas, jackknife, Z95),
        "MOVER, jackknife, t": mover(kappas, jackknife, t),
    }
    # Without a difference in the sample there is nothing to give an interval for.
    return dict.fromkeys(bounds) if math.isnan(value) else bounds


def jackknife_covariance(left_out: np.ndarray) -> np.ndarray:
    """Return the jackknife covariance of the kappas of both arms (arms, patients)."""
    known = left_out[:, ~np.isnan(left_out).any(axis=0)]
    if not known.size:
        return np.full((2, 2), np.nan)
    gaps = known - known.mean(axis=1, keepdims=True)
    n = known.shape[1]
    covariance: np.ndarray = (n - 1) / n * gaps @ gaps.T
    return covariance


def around(value: float, half: float) -> Interval:
    return (value - half, value + half) if half > 0 else None


def studentised(value: float, error: float, replicates: np.ndarray, errors: np.ndarray) -> Interval:
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (replicates - value) / errors
    t = t[~np.isnan(t)]
    if not error > 0 or len(t) < 2:
        return None
    low, high = np.quantile(t, [0.025, 0.975], method="inverted_cdf")
    bounds = value - high * error, value - low * error
    return bounds if np.isfinite(bounds).all() else None


def on_z(value: float, error: float, replicates: np.ndarray, errors: np.ndarray) -> Interval:
    """Return the studentised interval on the scale atanh(d / 2) of a difference d."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z, z_errors = np.arctanh(replicates / 2), errors / (2 * (1 - np.square(replicates / 2)))
    z_error = error / (2 * (1 - (value / 2) ** 2))
    bounds = studentised(math.atanh(value / 2), z_error, z, z_errors)
    return bounds and (2 * math.tanh(bounds[0]), 2 * math.tanh(bounds[1]))


def mover(kappas: np.ndarray, covariance: np.ndarray, quantile: float) -> Interval:
    """Return the interval from those of both kappas on Fisher's z (Zou 2007)."""
    up, down = kappas
    errors = np.sqrt(np.diag(covariance))
    if not (errors > 0).all() or max(up, down) >= 1:
        return None
    correlation = covariance[0, 1] / errors.prod()
    (l1, u1), (l2, u2) = (
        np.tanh(np.arctanh(kappa) + np.array([-1, 1]) * quantile * error / (1 - kappa**2))
        for kappa, error in zip((up, down), errors, strict=True)
    )
    low = (up - l1) ** 2 + (u2 - down) ** 2 - 2 * correlation * (up - l1) * (u2 - down)
    high = (u1 - up) ** 2 + (down - l2) ** 2 - 2 * correlation * (u1 - up) * (down - l2)
    difference = up - down
    return difference - math.sqrt(max(low, 0)), difference + math.sqrt(max(high, 0))


class Tally:
    """Coverage, widths and missing intervals of the methods, by scenario."""

    def __init__(self) -> None:
        self.covered: dict[str, dict[tuple[int, ...], list[bool]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self.widths: dict[str, list[float]] = defaultdict(list)

    def note(self, method: str, scenario: tuple[int, ...], bounds: Interval, truth: float) -> None:
        low, high = bounds or (math.nan, math.nan)
        self.covered[method][scenario].append(low <= truth <= high)
        self.widths[method].append(high - low)

    def share(self, method: str) -> float:
        """Return the share of studies that a method covered. Those without an interval count."""
        return float(np.mean(np.concatenate([*map(np.array, self.covered[method].values())])))

    def rows(self) -> Iterator[str]:
        """Yield one row per method."""
        for method, scenarios in self.covered.items():
            lowest = min(float(np.mean(covered)) for covered in scenarios.values())
            share, widths = self.share(method), np.array(self.widths[method])
            error = math.sqrt(share * (1 - share) / len(widths))
            yield (
                f"| {method} | {100 * share:.1f} ± {100 * error:.1f} | {100 * lowest:.1f} "
                f"| {np.nanmean(widths):.3f} | {100 * np.isnan(widths).mean():.2f} |"
            )


def test_intervals_of_a_difference_in_small_studies() -> None:
    for patients in PATIENTS:
        draws = [
            Bootstrap.draw(patients, replicates=REPLICATES, seed=seed).weights
            for seed in range(DRAWS)
        ]
        tally, by_outcome = Tally(), {outcome.name: Tally() for outcome in OUTCOMES}
        for number, outcome in enumerate(OUTCOMES):
            truth = outcome.kappas[0] - outcome.kappas[1]
            simulator = Simulator(outcome, seed=number)
            for readers in READERS:
                for study in range(STUDIES):
                    sides = simulator.sides(patients, readers)
                    study_bounds = intervals(sides, outcome, draws[study % DRAWS])
                    for method, bounds in study_bounds.items():
                        tally.note(method, (number, readers), bounds, truth)
                        by_outcome[outcome.name].note(method, (readers,), bounds, truth)
        for name, part in (("all scenarios", tally), *by_outcome.items()):
            print(f"\n{patients} patients, {name}: {STUDIES} studies per scenario")  # noqa: T201
            print("| method | coverage, % | lowest | mean width | missing, % |")  # noqa: T201
            print(*part.rows(), sep="\n", flush=True)  # noqa: T201
        assert 0.92 <= tally.share("percentile, expanded") <= 0.97
        assert tally.share("percentile, expanded") > tally.share("percentile")
