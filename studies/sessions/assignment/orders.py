"""The order of a reading list, with hidden repeats for agreement within a reader.

A reading list with repeats has two parts. Cases that are read twice have their first reading in the
first part and their second reading in the second part, among cases that are read once. Readers who
have to pause between the parts therefore cannot conclude that a repeat follows.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrderedReading:
    """A case at its position in a reading list; replicate 2 is a hidden repeat."""

    case: str
    replicate: int = 1


def min_cases(repeats: int, spacing: int) -> int:
    """Return how many cases a reading list needs for repeats that come ``spacing`` readings later.

    The first readings can come first and the repeats last, so that every other case lies between.
    """
    return max(repeats, spacing) if repeats else 0


def draw_order(
    cases: Sequence[str], repeated: Collection[str], spacing: int, rng: random.Random
) -> list[OrderedReading]:
    """Return the cases in random order, ``repeated`` ones once more at least ``spacing`` later.

    The list must have `min_cases`. The same cases without repeats are drawn as in version 0.1.0.
    """
    order = rng.sample(list(cases), len(cases))
    if not repeated:
        return [OrderedReading(case) for case in order]
    total = len(cases) + len(repeated)
    first_places = _draw_first_places(len(cases), len(repeated), spacing, rng)
    repeat_places = _draw_repeat_places(first_places, total, spacing, rng)
    twice = iter([case for case in order if case in repeated])
    once = iter([case for case in order if case not in repeated])
    place_of = dict(zip(twice, first_places, strict=True))
    first_readings = {position: case for case, position in place_of.items()}
    repeats: dict[int, str] = {}
    for position in repeat_places:
        left = [case for case in place_of if case not in repeats.values()]
        # There is always one, because each position lies far enough behind a first reading.
        far_enough = [case for case in left if place_of[case] + spacing <= position]
        repeats[position] = rng.choice(far_enough)
    return [
        OrderedReading(repeats[position], 2)
        if position in repeats
        else OrderedReading(first_readings.get(position) or next(once))
        for position in range(total)
    ]


def _draw_first_places(cases: int, repeats: int, spacing: int, rng: random.Random) -> list[int]:
    """Return the sorted places of the first readings, within the first half of the list."""
    # Behind these places, too few readings would be left for the spacing.
    last = min((cases + repeats) // 2, cases - spacing + repeats)
    return sorted(rng.sample(range(last), repeats))


def _draw_repeat_places(
    first_places: Sequence[int], total: int, spacing: int, rng: random.Random
) -> list[int]:
    """Return sorted places behind all first readings, each far enough behind its counterpart."""
    behind = range(first_places[-1] + 1, total)
    places: list[int] = []
    for first, drawn in zip(
        first_places, sorted(rng.sample(behind, len(first_places))), strict=True
    ):
        least = max(drawn, first + spacing)
        places.append(max(least, places[-1] + 1) if places else least)
    return places
