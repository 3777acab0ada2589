"""Main finding of a study in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from studies.analytics.estimate import Estimate
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.analytics.study.designs.arm_contrasts import GROUP_DIFFERENCE
from studies.analytics.table import ReadingTable
from studies.formats.numbers import decimal
from studies.reports.document.formatting import DIFFERENCE_LIMIT, KAPPA_LIMIT, interval, kappa_name

MIN_PATIENTS: Final = 20
"""With fewer patients the normal approximation of the interval is unreliable."""
MAX_HALF_WIDTH: Final = 0.25
"""A wider interval spans several of the usual grades of agreement, so no conclusion is drawn."""


class Verdict(StrEnum):
    """Conclusion on the difference between the arms, as the API gives it."""

    RAISED = "raised"
    LOWERED = "lowered"
    NOT_SHOWN = "not shown"
    TOO_SMALL = "too small"
    ONE_ARM = "one arm"
    NONE = "none"


OPENINGS: Final = {
    Verdict.TOO_SMALL: "The data are insufficient for a conclusion",
    Verdict.NOT_SHOWN: "No difference was demonstrated",
}
DIFFERENT_READERS: Final = (
    "the arms were read by different readers, so a difference may be due to the readers"
)


@dataclass(frozen=True)
class MainFinding:
    """The conclusion, the sentence that states it, and a caution without a full stop, or "".

    ``result`` is the statistic that the sentence states, with the interval that it prints; None
    without a value.
    """

    verdict: Verdict
    sentence: str
    caution: str = ""
    result: Result | None = None


IntervalOf = Callable[[Result], tuple[float, float] | None]


def _delta_method(result: Result) -> tuple[float, float] | None:
    return result.estimate.ci


def main_finding(
    table: ReadingTable,
    results: Agreement,
    *,
    outcome: str,
    weights: str,
    interval_of: IntervalOf = _delta_method,
) -> MainFinding:
    """Return whether guided reading changed agreement.

    A difference is stated only if its 95 % confidence interval excludes 0, and no conclusion is
    drawn from fewer than MIN_PATIENTS patients or an interval wider than twice MAX_HALF_WIDTH.

    Parameters
    ----------
    interval_of
        Returns the interval of a result on which the finding is based; that of the delta method by
        default. `headline` uses the primary interval of the study.
    """
    if results.compared is None:
        return _single_arm(table, results, outcome, weights, interval_of)
    for result in results.find(GROUP_DIFFERENCE, outcome=outcome, weights=weights):
        return _groups_of_readers(table, results, _with_interval(result, interval_of))
    first, second = results.compared
    shared = [pair for pair in results.pairs[second] if pair in set(results.pairs[first])]
    names = tuple(sorted({name for pair in shared for name in pair}))
    mean = results.get(
        "mean_kappa_difference",
        outcome=outcome,
        arm=results.difference_arm,
        weights=weights,
        readers=names,
    )
    if mean is None or mean.estimate.value is None:
        reason = mean.estimate.note if mean else "no pair of readers has read in both arms"
        return MainFinding(Verdict.NONE, f"No result yet: {reason}.")
    arm = results.difference_arm
    # Looked up once for all pairs: a search for each pair would take most of the time.
    differences = list(results.find("kappa_difference", outcome=outcome, arm=arm, weights=weights))
    # A kappa of 0 from a single score would otherwise be printed as a measured value.
    if _all_pairs_degenerate(differences):
        return MainFinding(
            Verdict.NONE,
            "No result yet: in one arm, one reader of each pair used one score only, so kappa is "
            "not informative.",
        )
    mean = _with_interval(mean, interval_of)
    estimate = mean.estimate
    # Over the pairs of the difference only, so that the two means differ by the value that is
    # printed.
    before, after = (
        _mean_of_defined(results, outcome, weights, name, differences) for name in (second, first)
    )
    size = f"{len(names)} readers, {_patients_of_difference(mean, table)}"
    difference = f"difference {decimal(estimate.value)}"
    if estimate.ci:
        difference += f", 95 % CI {interval(estimate, clip=DIFFERENCE_LIMIT)}"
    kappa = f"mean {kappa_name(weights)}"
    values = (
        f"{kappa} was {decimal(before)} {second} and {decimal(after)} {first} "
        f"({difference}; {size})"
    )
    verdict = _verdict(estimate)
    if verdict in OPENINGS:
        return MainFinding(verdict, f"{OPENINGS[verdict]}: {values}.", estimate.note, mean)
    verb = "increased" if verdict == Verdict.RAISED else "decreased"
    sentence = (
        f"{first.capitalize()} reading {verb} {kappa} from {decimal(before)} to "
        f"{decimal(after)} ({difference}; {size})."
    )
    return MainFinding(verdict, sentence, estimate.note, mean)


def _with_interval(result: Result, interval_of: IntervalOf) -> Result:
    """Return the result with the interval on which the finding is based."""
    return replace(result, estimate=replace(result.estimate, ci=interval_of(result)))


def _groups_of_readers(table: ReadingTable, results: Agreement, result: Result) -> MainFinding:
    """Return the finding of a study whose arms were read by different readers."""
    assert results.compared is not None and result.weights is not None
    first, second = results.compared
    estimate = result.estimate
    if estimate.value is None:
        return MainFinding(Verdict.NONE, f"No result yet: {estimate.note}.")
    kappa = f"mean {kappa_name(result.weights)}"
    means = {
        mean.arm: mean.estimate
        for mean in results.find("light_kappa", outcome=result.outcome, weights=result.weights)
    }
    after, before = (decimal(means[arm].value) for arm in (first, second))
    difference = f"difference {decimal(estimate.value)}"
    if estimate.ci:
        difference += f", 95 % CI {interval(estimate, clip=DIFFERENCE_LIMIT)}"
    patients = _patients_of_difference(result, table)
    size = f"{len(result.readers)} readers in two groups, {patients}"
    values = f"{kappa} was {before} {second} and {after} {first} ({difference}; {size})"
    verdict = _verdict(estimate)
    # "Increased" would claim an effect of the arm, which other readers may have caused.
    higher = "higher" if verdict == Verdict.RAISED else "lower"
    opening = OPENINGS.get(verdict, f"Agreement was {higher} in the {first} group of readers")
    caution = "; ".join(filter(None, (DIFFERENT_READERS, estimate.note)))
    return MainFinding(verdict, f"{opening}: {values}.", caution, result)


def _verdict(estimate: Estimate) -> Verdict:
    # Checked before the interval is compared with 0: too few data must not give a verdict.
    if estimate.ci is None or estimate.n < MIN_PATIENTS or _half_width(estimate) > MAX_HALF_WIDTH:
        return Verdict.TOO_SMALL
    if estimate.ci[0] <= 0 <= estimate.ci[1]:
        return Verdict.NOT_SHOWN
    return Verdict.RAISED if estimate.ci[0] > 0 else Verdict.LOWERED


def _all_pairs_degenerate(differences: Iterable[Result]) -> bool:
    """Return whether every difference includes the kappa of a reader with a single score."""
    statuses = [
        result.estimate.status for result in differences if result.estimate.value is not None
    ]
    return bool(statuses) and all(status.is_degenerate for status in statuses)


def _single_arm(
    table: ReadingTable, results: Agreement, outcome: str, weights: str, interval_of: IntervalOf
) -> MainFinding:
    for result in results.find("light_kappa", outcome=outcome, weights=weights):
        if result.estimate.value is None:
            break
        result = _with_interval(result, interval_of)
        estimate = result.estimate
        arm = f"in the {result.arm} arm " if result.arm else ""
        bounds = f" (95 % CI {interval(estimate, clip=KAPPA_LIMIT)}; " if estimate.ci else " ("
        sentence = (
            f"Mean {kappa_name(weights)} between readers {arm}was {decimal(estimate.value)}"
            f"{bounds}{len(result.readers)} readers, {_patients(estimate.n, table)})."
        )
        caution = results.not_compared.rstrip(".") or "single arm without a comparator"
        return MainFinding(Verdict.ONE_ARM, sentence, caution, result)
    return MainFinding(Verdict.NONE, "No result yet: no two readers have read the same cases.")


def _mean_of_defined(
    results: Agreement, outcome: str, weights: str, arm: str, differences: Iterable[Result]
) -> float:
    """Return the mean kappa of an arm over the pairs whose difference is defined."""
    pairs = {result.readers for result in differences if result.estimate.value is not None}
    kappas = results.find("cohen_kappa", outcome=outcome, arm=arm, weights=weights)
    values = [kappa.estimate.value for kappa in kappas if kappa.readers in pairs]
    return float(np.mean([value for value in values if value is not None]))


def _half_width(estimate: Estimate) -> float:
    return (estimate.ci[1] - estimate.ci[0]) / 2 if estimate.ci else float("inf")


def _patients_of_difference(result: Result, table: ReadingTable) -> str:
    """Return the patients of a difference, and those of each kappa where they differ."""
    counts = result.more["n_arms"]
    whole = _patients(result.estimate.n, table)
    if set(counts) == {result.estimate.n}:
        return whole
    first, second = result.more["arms"]
    return f"{whole} in both arms ({counts[1]} {second}, {counts[0]} {first})"


def _patients(n: int, table: ReadingTable) -> str:
    """Return "24 patients", or "24 cases" if every patient has one case."""
    noun = "case" if len(table.patients) == len(table.cases) else "patient"
    return f"{n} {noun}" + ("" if n == 1 else "s")
