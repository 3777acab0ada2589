"""The answer of a study in one sentence, and how numbers are written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from studies.analytics.estimate import Estimate
from studies.analytics.results import Agreement
from studies.analytics.scale import CELLS, LEVELS, WALLS
from studies.analytics.table import ReadingTable

FEWEST_PATIENTS: Final = 20
"""With fewer patients the normal interval itself is not to be trusted."""
WIDEST_HALF: Final = 0.25
"""An interval wider than twice this says nothing of use about a kappa."""

NOTHING: Final = "–"


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


def decimal(value: float | None, digits: int = 2) -> str:
    """Write a number with a true minus sign, never "-0.00".

    Examples
    --------
    >>> decimal(0.714), decimal(-0.05), decimal(-0.001), decimal(None)
    ('0.71', '−0.05', '0.00', '–')
    """
    if value is None:
        return NOTHING
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def interval(estimate: Estimate, digits: int = 2, *, clip: bool = False) -> str:
    """Write an interval as "0.05 to 0.13"; ``clip`` to what a kappa can be."""
    if estimate.ci is None:
        return NOTHING
    low, high = estimate.ci
    if clip:
        low, high = max(low, -1.0), min(high, 1.0)
    return f"{decimal(low, digits)} to {decimal(high, digits)}"


def outcome_name(outcome: str) -> str:
    """Name an outcome as a table's row does."""
    if outcome in CELLS:
        level, wall = outcome.split("_")
        return f"{level}, {wall} wall"
    if outcome in LEVELS:
        return f"{outcome}, both walls (0–6)"
    if outcome in WALLS:
        return f"{outcome.capitalize()} wall (0–12)"
    names = {
        "cells": "Eight cells, pooled (0–3)",
        "aac24": "AAC-24 total (0–24)",
        "aac8": "AAC-8 total (0–8)",
        "aac_group": "AAC group (low, moderate, high)",
        "readable": "Cell readable or not",
    }
    return names[outcome]


def short_outcome_name(outcome: str) -> str:
    """Name an outcome without its categories, for a plot's narrow column."""
    return outcome_name(outcome).split(" (")[0].split(", both")[0]


def kappa_name(weights: str) -> str:
    return "kappa" if weights == "none" else f"{weights} weighted kappa"


def weights_name(weights: str | None) -> str:
    return "unweighted" if weights == "none" else weights or ""


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
    estimate = mean.estimate
    before, after = (
        _mean_of_defined(found, outcome, weights, arm, shared) for arm in (second, first)
    )
    size = f"{len(names)} readers, {_patients(estimate.n, table)}"
    difference = f"difference {decimal(estimate.value)}"
    if estimate.ci:
        difference += f", 95 % CI {interval(estimate)}"
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


def _one_arm(table: ReadingTable, found: Agreement, outcome: str, weights: str) -> Answer:
    for result in found.find("light_kappa", outcome=outcome, weights=weights):
        estimate = result.estimate
        if estimate.value is None:
            break
        arm = f"in the {result.arm} arm " if result.arm else ""
        bounds = f", 95 % CI {interval(estimate, clip=True)}" if estimate.ci else ""
        sentence = (
            f"Mean {kappa_name(weights)} between readers {arm}was {decimal(estimate.value)}"
            f"{bounds}, {len(result.readers)} readers, {_patients(estimate.n, table)}."
        )
        return Answer(Verdict.ONE_ARM, sentence, "There is no second arm to compare with.")
    return Answer(Verdict.NONE, "There is no answer yet: no two readers read the same cases.")


def _mean_of_defined(
    found: Agreement, outcome: str, weights: str, arm: str, pairs: list[tuple[str, str]]
) -> float:
    """Return the mean kappa of an arm over the pairs that the mean difference stands on."""
    values = []
    for pair in pairs:
        of_pair = found.get(
            "kappa_difference",
            outcome=outcome,
            arm=found.difference_arm,
            weights=weights,
            readers=pair,
        )
        kappa = found.get("cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=pair)
        if of_pair and of_pair.estimate.value is not None and kappa:
            values.append(kappa.estimate.value)
    return float(np.mean([value for value in values if value is not None]))


def _half(estimate: Estimate) -> float:
    return (estimate.ci[1] - estimate.ci[0]) / 2 if estimate.ci else float("inf")


def _patients(n: int, table: ReadingTable) -> str:
    noun = "case" if len(table.patients) == len(table.cases) else "patient"
    return f"{n} {noun}" + ("" if n == 1 else "s")
