"""Bootstrap confidence intervals of one outcome's kappas, computed in blocks of resamples.

Blocks limit memory and allow progress to be reported. The resamples are identical to those that
``Bootstrap.draw`` draws in one step from the same seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.ratings import Pairs
from studies.analytics.resampling.kappa_bootstrap import Draws, Side
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.analytics.study.designs.arm_contrasts import CONTRAST, GROUP_DIFFERENCE
from studies.analytics.table import ReadingTable
from studies.reports.document.bootstrap.resamples import (
    blocks_of_resamples,
    kappas_of_block,
    stacks_of_arms,
    sums_of_pairs,
)

# Efron and Tibshirani (1993) advise at least 1,000 resamples for percentile and BCa limits.
RESAMPLES: Final = 2000

Progress = Callable[[int], None]
MEANS: Final = ("mean_kappa_difference", GROUP_DIFFERENCE, "light_kappa")
PAIRS: Final = ("kappa_difference", "cohen_kappa")
WITH_CONTRASTS: Final = (*MEANS, CONTRAST, *PAIRS)
"""All statistics with bootstrap intervals; those between three or more arms are contrasts."""


@dataclass(frozen=True)
class Interval:
    """A kappa, a mean over pairs or a difference, with its 95 % confidence intervals.

    Parameters
    ----------
    statistic, arm, readers
        As in the result that the interval belongs to; the ``arm`` of a difference names two arms.
    value, n
        Point estimate and number of items, or of patients for means and differences.
    ci
        Delta-method interval.
    percentile, bca
        Bootstrap intervals over patients; None where they cannot be estimated.
    resamples
        Resamples in which the statistic was defined.
    random_readers
        Percentile interval with readers resampled as well as patients; means over pairs only.
    expanded
        Expanded percentile interval over patients (Hesterberg 2015).
    """

    statistic: str
    arm: str | None
    readers: tuple[str, ...]
    value: float | None
    n: int
    ci: tuple[float, float] | None
    percentile: tuple[float, float] | None
    bca: tuple[float, float] | None
    resamples: int
    note: str = ""
    random_readers: tuple[float, float] | None = None
    expanded: tuple[float, float] | None = None

    def record(self) -> dict[str, Any]:
        """Return the interval as a JSON-compatible record; the inverse of `from_record`."""
        return {
            "statistic": self.statistic,
            "arm": self.arm,
            "readers": list(self.readers),
            "value": self.value,
            "n": self.n,
            "ci": self.ci,
            "ci_bootstrap": self.percentile,
            "ci_bootstrap_expanded": self.expanded,
            "ci_bca": self.bca,
            "bootstrap_replicates": self.resamples,
            "ci_bootstrap_readers": self.random_readers,
            "note": self.note or None,
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Interval:
        """Return the interval of a stored record."""
        return cls(
            record["statistic"],
            record["arm"],
            tuple(record["readers"]),
            record["value"],
            record["n"],
            _bounds(record["ci"]),
            _bounds(record["ci_bootstrap"]),
            _bounds(record["ci_bca"]),
            record["bootstrap_replicates"],
            record["note"] or "",
            _bounds(record["ci_bootstrap_readers"]),
            # Absent from intervals that version 0.1.0 stored.
            _bounds(record.get("ci_bootstrap_expanded")),
        )


def bootstrap_intervals(
    table: ReadingTable,
    results: Agreement,
    *,
    outcome: str,
    weights: Weights,
    seed: int,
    resamples: int = RESAMPLES,
    progress: Progress | None = None,
    statistics: Sequence[str] = (*MEANS, *PAIRS),
) -> list[Interval]:
    """Return bootstrap intervals of the means over pairs, followed by those of every pair.

    Parameters
    ----------
    table
        The readings; patients are resampled with all their readings.
    results
        Agreement of the same readings.
    progress
        Called after each block with the number of resamples in it.
    statistics
        Names of the statistics, in the order of the intervals; all by default.
    """
    selected = results_of(statistics, results, outcome, weights)
    # Without readings there are no patients to resample.
    if not selected:
        return []
    draws = _draw_kappas(table, results, outcome, weights, seed, resamples, progress)
    return [
        _interval(result, sides, draws, weights)
        for result, sides in zip(selected, sides_of(selected, results, weights), strict=True)
    ]


def results_of(
    statistics: Sequence[str], results: Agreement, outcome: str, weights: Weights
) -> list[Result]:
    """Return the results of these statistics, in their order."""
    return [
        result
        for statistic in statistics
        for result in results.find(statistic, outcome=outcome, weights=weights)
    ]


def _draw_kappas(
    table: ReadingTable,
    results: Agreement,
    outcome: str,
    weights: Weights,
    seed: int,
    resamples: int,
    progress: Progress | None,
) -> Draws:
    """Draw the kappas of every pair block by block, keeping one number per pair and resample."""
    # The weights of the patients are drawn block by block below; only their number is needed here.
    draws = Draws(Bootstrap(np.empty((resamples, 0)), seed))
    sums = sums_of_pairs(table, results, outcome, weights, draws, jackknife=True)
    kappas_by_arm = {arm: np.empty((len(pairs), resamples)) for arm, pairs in sums.items()}
    stacks, done = stacks_of_arms(sums, len(table.patients)), 0
    for block in blocks_of_resamples(len(table.patients), seed, resamples):
        columns = slice(done, done + len(block.weights))
        for arm, kappas in kappas_of_block(block, stacks, weights):
            kappas_by_arm[arm][:, columns] = kappas
        done = columns.stop
        if progress:
            progress(len(block.weights))
    for arm, values in kappas_by_arm.items():
        for index, readers in enumerate(results.pairs[arm]):
            draws.kappas[arm, weights, readers] = values[index]
    return draws


def _interval(result: Result, sides: Sequence[Side], draws: Draws, weights: Weights) -> Interval:
    """Return a result with its bootstrap intervals."""
    estimate = result.estimate
    intervals: dict[str, Any] = {}
    if all(pairs for _, pairs in sides) and estimate.value is not None:
        intervals = draws.interval_of_sides(weights, sides, estimate.value)
        if _compares_groups(result):
            intervals |= draws.interval_over_groups(weights, sides)
        elif result.statistic not in PAIRS:
            arms = [arm for arm, _ in sides]
            intervals |= draws.interval_over_readers(weights, sides[0][1], arms)
    return interval_of(result, intervals)


def interval_of(result: Result, intervals: Mapping[str, Any]) -> Interval:
    """Return a result with the intervals in the fields of a record."""
    estimate = result.estimate
    return Interval(
        result.statistic,
        result.arm,
        result.readers,
        estimate.value,
        estimate.n,
        estimate.ci,
        _bounds(intervals.get("ci_bootstrap")),
        _bounds(intervals.get("ci_bca")),
        intervals.get("bootstrap_replicates", 0),
        estimate.note,
        _bounds(intervals.get("ci_bootstrap_readers")),
        _bounds(intervals.get("ci_bootstrap_expanded")),
    )


def sides_of(
    selected: Sequence[Result], results: Agreement, weights: Weights
) -> Iterator[list[Side]]:
    """Yield the arm of each result with its pairs, or minuend and subtrahend.

    Pairs of one difference are those whose kappa is defined in both arms; the two groups of readers
    of a parallel study have different pairs. The results have the same outcome.
    """
    defined = {
        arm: _defined_pairs(results, selected[0].outcome, arm, weights) for arm in results.arms
    }
    for result in selected:
        arms = result.more.get("arms", [result.arm])
        yield [
            (arm, _pairs_of_side(result, results.pairs[arm], arm, arms, defined)) for arm in arms
        ]


def _pairs_of_side(
    result: Result,
    pairs: Pairs,
    arm: str | None,
    arms: Sequence[str | None],
    defined: Mapping[str | None, Set[tuple[str, str]]],
) -> list[tuple[str, str]]:
    if result.statistic in PAIRS:
        first, second = result.readers
        pairs = ((first, second),)
    required = [arm] if _compares_groups(result) else arms
    readers = set(result.readers)
    return [
        pair
        for pair in pairs
        if all(pair in defined[name] for name in required) and readers.issuperset(pair)
    ]


def _compares_groups(result: Result) -> bool:
    """Return whether the two sides of a difference are different groups of readers."""
    return "groups" in result.more


def _defined_pairs(
    results: Agreement, outcome: str, arm: str | None, weights: Weights
) -> Set[tuple[str, str]]:
    """Return the pairs of readers whose kappa is defined."""
    kappas = results.defined_kappas(outcome, weights)
    return {(first, second) for of_arm, (first, second), _ in kappas if of_arm == arm}


def _bounds(pair: Any) -> tuple[float, float] | None:
    return (float(pair[0]), float(pair[1])) if pair else None
