"""Expected comparisons, and warnings that say why one of them could not be computed.

A missing difference must not look like one that was never expected, so each is named in a warning
with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.arms import arm_named
from studies.analytics.estimate import Estimate
from studies.analytics.names import join_names
from studies.analytics.ratings import Pairs
from studies.analytics.result import Result
from studies.analytics.results import Block, Records
from studies.analytics.scale import CELLS, MISSING, WALLS
from studies.analytics.study.pairs.differences import DifferenceResults
from studies.analytics.table import ReadingTable

DIFFERENCES: Final = {
    "kappa_difference": "difference in kappa",
    "icc_difference": "difference in ICC",
    "kappa_with_reference_difference": "difference in kappa with the reference standard",
    "period_effect": "period effect",
    "position_effect": "position effect",
    "session_position_effect": "effect of the position in the reading session",
    "session_time_effect": "effect of the time since the start of the reading session",
}
"""Statistics that compare, except means of these, with their names in warnings."""

OUTCOME_NAMES: Final = {
    "cells": "the eight cells pooled",
    "aac24": "the AAC-24 total",
    "aac8_posterior": "AAC-8 of the posterior wall",
    "aac8_anterior": "AAC-8 of the anterior wall",
    "aac8": "the AAC-8 total",
    "aac8_group": "the AAC-8 group",
    "aac_group": "the AAC group",
    "measured_cells": "the measured grades of the eight cells",
    "readable": "readability",
    "time": "active reading time",
}


@dataclass(frozen=True)
class Comparison:
    """The arms that are compared, or the reason why none are.

    Parameters
    ----------
    arms : (str, str) or None
        Minuend and subtrahend; None where no arms can be compared.
    missing : str
        Why the expected arms cannot be compared, as a sentence; "" if they can, or if no
        comparison was expected.
    """

    arms: tuple[str, str] | None
    missing: str = ""


def comparison_of(table: ReadingTable, expected: tuple[str, str] | None) -> Comparison:
    """Return the comparison of two expected arms, with their names as the table spells them."""
    if expected is None:
        return Comparison(None)
    first, second = (arm_named(table.arms, name) for name in expected)
    if first is not None and second is not None:
        return Comparison((first, second))
    names = [name for name in expected if arm_named(table.arms, name) is None]
    reason = "the readings name no arm (the column arm is missing or empty)"
    if known := [arm for arm in table.arms if arm]:
        absent = f"the {' and '.join(names)} arm{'s' if len(names) > 1 else ''}"
        reason = f"there are no readings in {absent} (arms in the data: {', '.join(known)})"
    return Comparison(None, f"No {' minus '.join(expected)} difference was computed: {reason}.")


def reading_warnings(
    table: ReadingTable,
    comparison: Comparison,
    contrasts: Sequence[tuple[str, str]],
    pairs: dict[str | None, Pairs],
    blocks: Iterable[Block],
) -> Iterator[str]:
    """Yield a sentence for all excluded data and for every comparison that is missing.

    Parameters
    ----------
    table : ReadingTable
        The readings.
    comparison : Comparison
        The arms that are compared, with three or more arms the primary contrast.
    contrasts : sequence of (str, str)
        All contrasts of three or more arms, the primary one first; empty otherwise.
    pairs : dict
        Pairs of readers by arm.
    blocks : iterable of Block
        All results.
    """
    yield from table.warnings
    for arm, readers in pairs.items():
        name = f"the {arm} arm" if arm else "the file"
        if not readers:
            yield (
                f"Fewer than two readers have readings in {name}: no agreement between readers can "
                "be computed."
            )
        if later := table.later_periods(arm):
            yield (
                f"In {name}, {later} readings were excluded because the reader had read the same "
                "case in an earlier period."
            )
    if repeats := int((table.replicate > 1).sum()):
        yield (
            f"{repeats} repeat readings (replicate above 1) were excluded from the agreement "
            "between readers."
        )
    if comparison.missing:
        yield comparison.missing
    if comparison.arms:
        for arms in contrasts or (comparison.arms,):
            yield from _arm_warnings(table, arms, pairs)
        yield from _time_warnings(table, comparison.arms)
    yield from _repeat_warnings(table, comparison.arms)
    yield from _non_estimable_warnings(blocks)


def _arm_warnings(
    table: ReadingTable, compared: tuple[str, str], pairs: dict[str | None, Pairs]
) -> Iterator[str]:
    difference = f"{compared[0]} minus {compared[1]} difference"
    rows = [table.first_readings(arm) != MISSING for arm in compared]
    readers = [_names(table.readers, has.any(axis=1)) for has in rows]
    empty = [arm for arm, names in zip(compared, readers, strict=True) if not names]
    if empty:
        yield f"No {difference} was computed: there are no first readings in {' and '.join(empty)}."
        return
    shared = [pair for pair in pairs[compared[0]] if pair in pairs[compared[1]]]
    readers_by_arm = "; ".join(
        f"{arm}: {', '.join(names)}" for arm, names in zip(compared, readers, strict=True)
    )
    if not shared:
        if min(map(len, readers)) > 1 and not set(readers[0]) & set(readers[1]):
            yield (
                f"The {difference} is that between two groups of readers: no two readers read in "
                f"both arms ({readers_by_arm}). A difference between the readers of the groups has "
                "the same effect as a difference between the arms."
            )
        else:
            yield (
                f"No {difference} was computed: no two readers read in both arms "
                f"({readers_by_arm})."
            )
        return
    for arm, names, other in zip(compared, readers, readers[::-1], strict=True):
        if alone := [name for name in names if name not in other]:
            yield (
                f"No {difference} was computed for pairs with {', '.join(alone)}, who read in the "
                f"{arm} arm only."
            )
    if not (rows[0].any(axis=0) & rows[1].any(axis=0)).any():
        yield (
            f"The {difference} compares different cases: no case was read in both arms, so "
            "differences between arms and between cases are confounded."
        )


def _time_warnings(table: ReadingTable, compared: tuple[str, str]) -> Iterator[str]:
    timed = np.isfinite(table.active_ms) & (table.active_ms > 0)
    if not timed.any():
        return
    times = []
    for arm in compared:
        rows = table.first_readings(arm)
        times.append((rows != MISSING) & timed[rows])
    arms_without = [arm for arm, has in zip(compared, times, strict=True) if not has.any()]
    prefix = f"No ratio of reading times, {compared[0]} to {compared[1]}, was computed"
    if arms_without:
        yield f"{prefix}: there are no active times in {' and '.join(arms_without)}."
    elif not (times[0] & times[1]).any():
        yield f"{prefix}: no reader read the same case with a time in both arms."


def _repeat_warnings(table: ReadingTable, compared: tuple[str, str] | None) -> Iterator[str]:
    alone, repeated = 0, []
    for arm in table.arms:
        again = table.repeat_readings(arm) != MISSING
        first = table.first_readings(arm) != MISSING
        alone += int((again & ~first).sum())
        if (again & first).any():
            repeated.append(arm)
    if alone:
        yield (
            f"{alone} repeat readings (replicate 2) were not used: there is no first reading "
            "(replicate 1) of the same reader, case and arm."
        )
    if further := int((table.replicate > 2).sum()):
        yield f"{further} readings with a replicate above 2 were not used."
    if compared and repeated:
        arms_without = [arm for arm in compared if arm not in repeated]
        if arms_without:
            yield (
                f"No {compared[0]} minus {compared[1]} difference in intrareader agreement was "
                f"computed: there are no repeat readings in {' and '.join(arms_without)}."
            )


def _non_estimable_warnings(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield one sentence per statistic and reason, with the readers and outcomes concerned."""
    # The inner dictionaries are sets of people in the order of appearance.
    affected: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    pairs: dict[str, set[tuple[str, str]]] = {}
    for block in blocks:
        if isinstance(block, DifferenceResults):
            name = _statistic("kappa_difference", 1, block.compared)
            pairs.setdefault(name, set()).update(block.pair_rows)
    every = {name: set(map(_people, of_name)) for name, of_name in pairs.items()}
    for name, outcome, people, reason in _comparisons(blocks):
        every.setdefault(name, set()).add(people)
        if reason:
            affected.setdefault((name, reason), {}).setdefault(outcome, {})[people] = None
    for (name, reason), concerned in affected.items():
        groups: dict[tuple[str, ...], list[str]] = {}
        for outcome, reader_names in concerned.items():
            whole = len(reader_names) > 1 and len(reader_names) == len(every[name])
            groups.setdefault(("all readers",) if whole else tuple(reader_names), []).append(
                outcome
            )
        parts = [f"{_outcomes(names)} ({join_names(readers)})" for readers, names in groups.items()]
        yield f"The {name} is not estimable for {join_names(parts)}. Reason: {reason}."


def _comparisons(blocks: Iterable[Block]) -> Iterator[tuple[str, str, str, str]]:
    """Yield statistic, outcome, readers and, if it is not estimable, the reason of comparisons.

    Of the differences of pairs of readers, only those that are not estimable are included.
    """
    for block in blocks:
        if isinstance(block, DifferenceResults):
            name = _statistic("kappa_difference", 1, block.compared)
            # By identity: `gaps` shares one estimate between all pairs with the same reason.
            reasons: dict[int, str] = {}
            for readers, estimate in block.gaps():
                if id(estimate) not in reasons:
                    reasons[id(estimate)] = _reason(estimate)
                yield name, block.outcome, _people(readers), reasons[id(estimate)]
        elif isinstance(block, Records):
            for result in block:
                if result.statistic in DIFFERENCES:
                    yield _comparison(result)


def _comparison(result: Result) -> tuple[str, str, str, str]:
    name = _statistic(result.statistic, result.replicate, tuple(result.more.get("arms", ())))
    estimate = result.estimate
    estimable = estimate.value is not None and not estimate.status.is_degenerate
    reason = "" if estimable else _reason(estimate)
    return name, result.outcome, _people(result.readers), reason


def _statistic(statistic: str, replicate: object, arms: Sequence[str]) -> str:
    name = DIFFERENCES[statistic] + ("" if replicate == 1 else " within readers")
    return f"{name}, {' minus '.join(arms)}," if arms else name


def _reason(estimate: Estimate) -> str:
    """Return the note, naming both arms at once if they have the same reason."""
    arms: dict[str, list[str]] = {}
    for arm, reason in estimate.arm_notes:
        arms.setdefault(reason, []).append(arm)
    parts = [f"in {' and '.join(names)}, {reason}" for reason, names in arms.items()]
    return "; ".join(parts) or estimate.note


def _people(readers: Sequence[str]) -> str:
    if len(readers) > 2:
        return f"{len(readers)} readers"
    return " and ".join(readers)


def _outcomes(names: Sequence[str]) -> str:
    return join_names([_outcome(name) for name in names], ", ")


def _outcome(name: str) -> str:
    if name in CELLS:
        return name.replace("_", " ")
    return f"{name} wall" if name in WALLS else OUTCOME_NAMES.get(name, name)


def _names(readers: Sequence[str], present: NDArray[np.bool_]) -> list[str]:
    return [name for name, there in zip(readers, present, strict=True) if there]
