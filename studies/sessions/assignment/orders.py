"""The order of a reading list, with hidden repeats for intrareader agreement.

A reading list with repeats has two parts. Cases that are read twice have their first reading in the
first part and their second reading in the second part, among cases that are read once. Readers who
have to pause between the parts therefore cannot conclude that a repeat follows.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from studies.sessions.assignment.strata import Strata, draw_balanced_order


@dataclass(frozen=True, slots=True)
class OrderedReading:
    """A case in a reading list; replicate 2 is a hidden repeat."""

    case: str
    replicate: int = 1


def repeats_of_share(percent: int, cases: int) -> int:
    """Return how many of the cases a percentage is, rounded up.

    Examples
    --------
    >>> repeats_of_share(10, 40), repeats_of_share(10, 41), repeats_of_share(0, 40)
    (4, 5, 0)
    """
    return -(-percent * cases // 100)


def min_cases(repeats: int, spacing: int) -> int:
    """Return how many cases a reading list needs for repeats that come ``spacing`` readings later.

    The first readings can come first and the repeats last, so that every other case lies between.
    """
    return max(repeats, spacing) if repeats else 0


def spacing_in_cases(spacing: int, *, sequential: bool) -> int:
    """Return how many cases later a repeat comes, if it comes ``spacing`` readings later.

    In a sequential study each case has two readings, and the spacing counts from the second one,
    so that the list of revisable readings does not reveal that the case is shown again.

    Examples
    --------
    >>> spacing_in_cases(20, sequential=False), spacing_in_cases(20, sequential=True)
    (20, 11)
    """
    return spacing // 2 + 1 if sequential else spacing


def draw_order(
    cases: Sequence[str],
    repeated: Collection[str],
    spacing: int,
    rng: random.Random,
    strata: Strata | None = None,
) -> list[OrderedReading]:
    """Return the cases in random order, ``repeated`` ones once more at least ``spacing`` later.

    With ``strata``, the cases of each stratum are balanced over the halves of the order; hidden
    repeats can then shift single cases.

    The list must have `min_cases`. The same cases without repeats are drawn as in version 0.1.0.
    """
    if strata is None:
        order = rng.sample(list(cases), len(cases))
    else:
        order = draw_balanced_order(cases, strata, rng)
    if not repeated:
        return [OrderedReading(case) for case in order]
    total = len(cases) + len(repeated)
    first_indices = _draw_first_indices(len(cases), len(repeated), spacing, rng)
    repeat_indices = _draw_repeat_indices(first_indices, total, spacing, rng)
    twice = iter([case for case in order if case in repeated])
    once = iter([case for case in order if case not in repeated])
    index_of = dict(zip(twice, first_indices, strict=True))
    first_readings = {index: case for case, index in index_of.items()}
    repeats: dict[int, str] = {}
    for index in repeat_indices:
        left = [case for case in index_of if case not in repeats.values()]
        # There is always one, because each repeat lies far enough behind a first reading.
        far_enough = [case for case in left if index_of[case] + spacing <= index]
        repeats[index] = rng.choice(far_enough)
    return [
        OrderedReading(repeats[index], 2)
        if index in repeats
        else OrderedReading(first_readings.get(index) or next(once))
        for index in range(total)
    ]


def _draw_first_indices(cases: int, repeats: int, spacing: int, rng: random.Random) -> list[int]:
    """Return the sorted indices of the first readings, within the first half of the list."""
    # Behind these, too few readings would be left for the spacing.
    last = min((cases + repeats) // 2, cases - spacing + repeats)
    return sorted(rng.sample(range(last), repeats))


def _draw_repeat_indices(
    first_indices: Sequence[int], total: int, spacing: int, rng: random.Random
) -> list[int]:
    """Return sorted indices behind all first readings, each far enough behind its counterpart."""
    behind = range(first_indices[-1] + 1, total)
    indices: list[int] = []
    for first, drawn in zip(
        first_indices, sorted(rng.sample(behind, len(first_indices))), strict=True
    ):
        least = max(drawn, first + spacing)
        indices.append(max(least, indices[-1] + 1) if indices else least)
    return indices
