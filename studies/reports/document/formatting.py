"""Format numbers, intervals, outcomes and times for the agreement page and the report."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Final

from studies.analytics.estimate import Estimate, Status
from studies.analytics.outcomes import AAC8_WALLS
from studies.analytics.scale import AAC8_GROUPS, CELLS, LEVELS, WALLS
from studies.formats.numbers import NO_VALUE, decimal

UNDEFINED: Final = "undefined"
ONE_SCORE_ONLY: Final = "one score only"
KAPPA_LIMIT: Final = 1.0
DIFFERENCE_LIMIT: Final = 2.0
"""Largest absolute kappa and difference of kappas; printed intervals are truncated there."""
SOME_PAIRS: Final = "*"
"""Marks a mean over pairs some of which have no informative kappa."""


def interval(estimate: Estimate, digits: int = 2, *, clip: float | None = None) -> str:
    """Return the interval of an estimate as "0.05 to 0.13", truncated at ± ``clip``."""
    return bounds(estimate.ci, digits, clip=clip)


def bounds(ci: tuple[float, float] | None, digits: int = 2, *, clip: float | None = None) -> str:
    """Return an interval as `interval` does; a dash for None."""
    if ci is None:
        return NO_VALUE
    low, high = ci
    if clip is not None:
        low, high = max(low, -clip), min(high, clip)
    return f"{decimal(low, digits)} to {decimal(high, digits)}"


def kappa_text(estimate: Estimate | None, *, clip: float = KAPPA_LIMIT) -> str:
    """Return a kappa, or a difference, as "0.71 (0.64 to 0.78)", or why it has no value.

    Parameters
    ----------
    clip
        Absolute value at which the interval is truncated; DIFFERENCE_LIMIT for differences.

    Examples
    --------
    >>> kappa_text(Estimate(0.95, 0.1, (0.75, 1.15), 20))
    '0.95 (0.75 to 1.00)'
    >>> kappa_text(Estimate(0.95, 0.1, (0.75, 1.15), 20), clip=DIFFERENCE_LIMIT)
    '0.95 (0.75 to 1.15)'
    """
    if estimate is None:
        return NO_VALUE
    if estimate.value is None:
        return UNDEFINED
    if estimate.status.is_degenerate:
        return ONE_SCORE_ONLY
    mark = SOME_PAIRS if estimate.status is Status.SOME_PAIRS else ""
    bounds = f" ({interval(estimate, clip=clip)})" if estimate.ci else ""
    return f"{decimal(estimate.value)}{bounds}{mark}"


def number_text(estimate: Estimate | None, *, clip: float | None = None) -> str:
    """Return any other number with its interval, truncated at ± ``clip`` if given."""
    if estimate is None or estimate.value is None:
        return UNDEFINED if estimate else NO_VALUE
    bounds = f" ({interval(estimate, clip=clip)})" if estimate.ci else ""
    return f"{decimal(estimate.value)}{bounds}"


def arm_name(arm: str | None) -> str:
    """Return the name of an arm as a heading; "All readings" where a file names no arm."""
    return arm.capitalize() if arm else "All readings"


def outcome_name(outcome: str) -> str:
    """Return the name of an outcome with its range, as in the row of a table."""
    if outcome in CELLS:
        level, wall = outcome.split("_")
        return f"{level}, {wall} wall"
    if outcome in LEVELS:
        return f"{outcome}, both walls (0–6)"
    if outcome in WALLS:
        return f"{outcome.capitalize()} wall (0–12)"
    if outcome in AAC8_WALLS:
        return f"AAC-8, {outcome.removeprefix('aac8_')} wall (0–4)"
    names = {
        "cells": "Eight cells, pooled (0–3)",
        "measured_cells": "Measured grades, pooled (0–3)",
        "aac24": "AAC-24 total (0–24)",
        "aac8": "AAC-8 total (0–8)",
        "aac8_group": f"AAC-8 group ({', '.join(AAC8_GROUPS)})",
        "aac_group": "AAC group (low, moderate, high)",
        "readable": "Cell readability (yes, no)",
    }
    return names[outcome]


def short_outcome_name(outcome: str) -> str:
    """Return the name of an outcome without its range, for the narrow column of a plot."""
    return outcome_name(outcome).split(" (")[0].split(", both")[0]


def kappa_name(weights: str) -> str:
    """Return the name of a kappa with its weights: "linearly weighted kappa"."""
    return {
        "none": "unweighted kappa",
        "linear": "linearly weighted kappa",
        "quadratic": "quadratically weighted kappa",
    }[weights]


def weights_name(weights: str | None) -> str:
    """Return the name of weights, "" for a statistic without weights."""
    return "unweighted" if weights == "none" else weights or ""


def minutes_seconds(minutes: float) -> str:
    """Return a duration as "4:05" (minutes and seconds).

    Examples
    --------
    >>> minutes_seconds(3.9999)
    '4:00'
    >>> minutes_seconds(125.5)
    '125:30'
    """
    seconds = round(60 * minutes)
    return f"{seconds // 60}:{seconds % 60:02d}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 day", "28 days"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def when(moment: datetime, zone: tzinfo | None = None) -> str:
    """Return a time as "22 Nov 2026, 14:05 UTC", or without the suffix in the reader's zone."""
    if zone is None:
        return f"{moment.astimezone(UTC):%-d %b %Y, %H:%M} UTC"
    return f"{moment.astimezone(zone):%-d %b %Y, %H:%M}"


def as_sentence(text: str) -> str:
    """Return the description of a method, or a note, with a capital and typographic marks.

    Examples
    --------
    >>> as_sentence("mean of Cohen's kappas; Bland-Altman")
    'Mean of Cohen’s kappas; Bland–Altman'
    """
    # A hyphen between a small and a capital letter joins two names, which takes an en dash.
    text = re.sub(r"(?<=[a-z])-(?=[A-Z])", "–", text).replace("'", "’")
    return text[:1].upper() + text[1:]


def unbroken(text: str) -> str:
    """Return the text with non-breaking spaces in "95 % CI" and "n = 24"."""
    for phrase in ("95 % CI", "95 %", "n = "):
        text = text.replace(phrase, phrase.replace(" ", "\u00a0"))
    return text
