"""The answer of a study in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from studies.analytics.estimate import Estimate
from studies.analytics.results import Agreement, Result
from studies.analytics.table import ReadingTable
from studies.reports.document.formatting import (
    DIFFERENCE_LIMIT,
    KAPPA_LIMIT,
    decimal,
    interval,
    kappa_name,
)

FEWEST_PATIENTS: Final = 20
"""With fewer patients the normal interval itself is not to be trusted."""
WIDEST_HALF: Final = 0.25
"""An interval wider than twice this says nothing of use about a kappa."""


class Verdict(StrEnum):
    RAISED = "raised"
    LOWERED = "lowered"
    NOT_SHOWN = "not shown"
    TOO_SMALL = "too small"
    ONE_ARM = "one arm"
    NONE = "none"


@dataclass(frozen=True)
class Answer:
    verdict: Verdict
    sentence: str
    caution: str = ""


def answer(table: ReadingTable, found: Agreement, *, outcome: str, weights: str) -> Answer:
    """Answer whether guided reading changed agreement, honestly."""
    if found.compared is None:
        return _one_arm(table, found, outcome, weights)
    first, second = found.compared
    shared = [pair for pair in found.pairs[second] if pair in set(found.pairs[first])]
    names = tuple(sorted({name for pair in shared for name in pair}))
    mean = found.get(
        "mean_kappa_difference",
        outcome=outcome,
        arm=found.difference_arm,
        weights=weights,
        readers=names,
    )
    if mean is None or mean.estimate.value is None:
        why = mean.estimate.note if mean else "no pair of readers read in both arms"
        return Answer(Verdict.NONE, f"There is no answer yet: {why}.")
    if _says_nothing(found, outcome, weights, shared):
        return Answer(
            Verdict.NONE,
            "There is no answer yet: in one arm a reader of each pair used one score only, so "
            "kappa is not informative.",
        )
    estimate = mean.estimate
    before, after = (
        _mean_of_defined(found, outcome, weights, arm, shared) for arm in (second, first)
    )
    size = f"{len(names)} readers, {_patients(estimate.n, table)}"
    difference = f"difference {decimal(estimate.value)}"
    if estimate.ci:
        difference += f", 95 % CI {interval(estimate, clip=DIFFERENCE_LIMIT)}"
    kappa = f"mean {kappa_name(weights)}"
    was = (
        f"{kappa} was {decimal(before)} {second} and {decimal(after)} {first}, {difference}, {size}"
    )
    if estimate.ci is None or estimate.n < FEWEST_PATIENTS or _half(estimate) > WIDEST_HALF:
        return Answer(Verdict.TOO_SMALL, f"The study is too small to tell: {was}.", estimate.note)
    if estimate.ci[0] <= 0 <= estimate.ci[1]:
        return Answer(Verdict.NOT_SHOWN, f"No difference could be shown: {was}.", estimate.note)
    rose = estimate.ci[0] > 0
    verb, verdict = ("raised", Verdict.RAISED) if rose else ("lowered", Verdict.LOWERED)
    sentence = (
        f"{first.capitalize()} reading {verb} {kappa} from {decimal(before)} to "
        f"{decimal(after)}, {difference}, {size}."
    )
    return Answer(verdict, sentence, estimate.note)


def _says_nothing(
    found: Agreement, outcome: str, weights: str, pairs: list[tuple[str, str]]
) -> bool:
    """Whether no pair's difference is one of two kappas that say something."""
    statuses = [
        result.estimate.status
        for pair in pairs
        if (result := _difference(found, outcome, weights, pair)) is not None
        and result.estimate.value is not None
    ]
    return bool(statuses) and all(status.is_degenerate for status in statuses)


def _difference(
    found: Agreement, outcome: str, weights: str, pair: tuple[str, str]
) -> Result | None:
    return found.get(
        "kappa_difference",
        outcome=outcome,
        arm=found.difference_arm,
        weights=weights,
        readers=pair,
    )


def _one_arm(table: ReadingTable, found: Agreement, outcome: str, weights: str) -> Answer:
    for result in found.find("light_kappa", outcome=outcome, weights=weights):
        estimate = result.estimate
        if estimate.value is None:
            break
        arm = f"in the {result.arm} arm " if result.arm else ""
        bounds = f", 95 % CI {interval(estimate, clip=KAPPA_LIMIT)}" if estimate.ci else ""
        sentence = (
            f"Mean {kappa_name(weights)} between readers {arm}was {decimal(estimate.value)}"
            f"{bounds}, {len(result.readers)} readers, {_patients(estimate.n, table)}."
        )
        caution = found.not_compared.rstrip(".") or "one arm alone, with nothing to compare it with"
        return Answer(Verdict.ONE_ARM, sentence, caution)
    return Answer(Verdict.NONE, "There is no answer yet: no two readers read the same cases.")


def _mean_of_defined(
    found: Agreement, outcome: str, weights: str, arm: str, pairs: list[tuple[str, str]]
) -> float:
    """Return the mean kappa of an arm over the pairs that the mean difference stands on."""
    values = []
    for pair in pairs:
        of_pair = _difference(found, outcome, weights, pair)
        kappa = found.get("cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair)
        if of_pair and of_pair.estimate.value is not None and kappa:
            values.append(kappa.estimate.value)
    return float(np.mean([value for value in values if value is not None]))


def _half(estimate: Estimate) -> float:
    return (estimate.ci[1] - estimate.ci[0]) / 2 if estimate.ci else float("inf")


def _patients(n: int, table: ReadingTable) -> str:
    noun = "case" if len(table.patients) == len(table.cases) else "patient"
    return f"{n} {noun}" + ("" if n == 1 else "s")
