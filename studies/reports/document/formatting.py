"""How numbers, intervals, outcomes and moments are written, on the page and in the report."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final

from studies.analytics.estimate import Estimate, Status
from studies.analytics.scale import CELLS, LEVELS, WALLS

NOTHING: Final = "–"
UNDEFINED: Final = "undefined"
ONE_SCORE_ONLY: Final = "one score only"
KAPPA_LIMIT: Final = 1.0
DIFFERENCE_LIMIT: Final = 2.0
"""What a kappa, or a difference between two, cannot exceed: intervals are cut there in print."""
SOME_PAIRS: Final = "*"
"""Marks a mean over pairs of which some were left out or say nothing."""


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


def interval(estimate: Estimate, digits: int = 2, *, clip: float | None = None) -> str:
    """Write an interval as "0.05 to 0.13", cut at ``clip`` and its negative."""
    return bounds(estimate.ci, digits, clip=clip)


def bounds(ci: tuple[float, float] | None, digits: int = 2, *, clip: float | None = None) -> str:
    if ci is None:
        return NOTHING
    low, high = ci
    if clip is not None:
        low, high = max(low, -clip), min(high, clip)
    return f"{decimal(low, digits)} to {decimal(high, digits)}"


def kappa_text(estimate: Estimate | None, *, clip: float = KAPPA_LIMIT) -> str:
    """Write a kappa, or a difference with its own ``clip``, as "0.71 (0.64 to 0.78)", or why not.

    Examples
    --------
    >>> kappa_text(Estimate(0.95, 0.1, (0.75, 1.15), 20))
    '0.95 (0.75 to 1.00)'
    >>> kappa_text(Estimate(0.95, 0.1, (0.75, 1.15), 20), clip=DIFFERENCE_LIMIT)
    '0.95 (0.75 to 1.15)'
    """
    if estimate is None:
        return NOTHING
    if estimate.value is None:
        return UNDEFINED
    if estimate.status.is_degenerate:
        return ONE_SCORE_ONLY
    mark = SOME_PAIRS if estimate.status is Status.SOME_PAIRS else ""
    bounds = f" ({interval(estimate, clip=clip)})" if estimate.ci else ""
    return f"{decimal(estimate.value)}{bounds}{mark}"


def number_text(estimate: Estimate | None, *, clip: float | None = None) -> str:
    """Write any other number with its interval, cut at ``clip`` if given, or why there is none."""
    if estimate is None or estimate.value is None:
        return UNDEFINED if estimate else NOTHING
    bounds = f" ({interval(estimate, clip=clip)})" if estimate.ci else ""
    return f"{decimal(estimate.value)}{bounds}"


def arm_name(arm: str | None) -> str:
    return arm.capitalize() if arm else "All readings"


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


def when(moment: datetime, zone: tzinfo | None = None) -> str:
    """Write a moment out: "22 Nov 2026, 14:05 UTC", or without the suffix in a person's zone."""
    if zone is None:
        return f"{moment.astimezone(UTC):%-d %b %Y, %H:%M} UTC"
    return f"{moment.astimezone(zone):%-d %b %Y, %H:%M}"


def unbroken(text: str) -> str:
    """Keep "95 % CI" and "n = 24" together at the end of a line."""
    for words in ("95 % CI", "95 %", "n = "):
        text = text.replace(words, words.replace(" ", "\u00a0"))
    return text
