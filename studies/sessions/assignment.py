"""Who reads which case, in which order, arm and period: drawn once from a seed.

Crossover design: a case is read by the same readers in every arm; half of each site's readers
start with the first arm, half with the second, the odd one by chance; a fresh random order for
each reader and period. The result is stored as rows and never drawn again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations


@dataclass(frozen=True, slots=True)
class ReaderSlot:
    """A reader who can be dealt cases; ``first_arm`` is set once the reader has a list."""

    reader: int
    site: int
    first_arm: str | None = None


@dataclass(frozen=True, slots=True)
class Dealt:
    """One reading to be made; ``position`` counts from 1 within its batch, reader and period."""

    reader: int
    case: str
    arm: str
    period: int
    position: int


class CannotDeal(ValueError):
    """The lists cannot be dealt; the text says what is missing."""


def assign_readers(
    cases: Sequence[str], readers: Sequence[ReaderSlot], readers_per_case: int, rng: random.Random
) -> dict[str, tuple[int, ...]]:
    """Draw the readers of each case: loads differ by one at most, pairs meet about equally often.

    Raises CannotDeal when there are fewer readers than a case needs.
    """
    if not 1 <= readers_per_case <= len(readers):
        needed = "1 reader" if readers_per_case == 1 else f"{readers_per_case} readers"
        raise CannotDeal(
            f"Each case needs {needed} and the study has {len(readers)}. "
            "Invite more readers or lower the readers per case."
        )
    load = {slot.reader: 0 for slot in readers}
    met: Counter[tuple[int, int]] = Counter()
    drawn: dict[str, tuple[int, ...]] = {}
    for case in rng.sample(list(cases), len(cases)):
        chosen: list[int] = []
        luck = {slot.reader: rng.random() for slot in readers}
        while len(chosen) < readers_per_case:
            free = [reader for reader in luck if reader not in chosen]
            least = min(load[reader] for reader in free)
            costs = {
                reader: (sum(met[reader, other] for other in chosen), luck[reader])
                for reader in free
                if load[reader] == least
            }
            reader = min(costs, key=costs.__getitem__)
            chosen.append(reader)
            load[reader] += 1
        met.update(permutations(chosen, 2))
        drawn[case] = tuple(chosen)
    return drawn


def draw_first_arms(
    readers: Sequence[ReaderSlot], arms: Sequence[str], rng: random.Random
) -> dict[int, str]:
    """Counter-balance the starting arm within each site; readers who have one keep it."""
    first = {slot.reader: slot.first_arm for slot in readers if slot.first_arm is not None}
    for site in sorted({slot.site for slot in readers}):
        new = [s.reader for s in readers if s.site == site and s.first_arm is None]
        for reader in rng.sample(new, len(new)):
            starts = Counter(
                first[s.reader] for s in readers if s.site == site and s.reader in first
            )
            least = min(starts[arm] for arm in arms)
            first[reader] = rng.choice([arm for arm in arms if starts[arm] == least])
    return first


def deal(
    *,
    cases: Sequence[str],
    readers: Sequence[ReaderSlot],
    arms: Sequence[str],
    readers_per_case: int,
    seed: int,
    batch: int,
) -> list[Dealt]:
    """Deal one batch of new cases. The same arguments give the same rows.

    Raises CannotDeal when there is no case, no arm or too few readers.
    """
    if not cases:
        raise CannotDeal("No case is ready to be dealt.")
    if not arms:
        raise CannotDeal("The study has no arm.")
    rng = random.Random(f"{seed}/{batch}")
    cases = sorted(cases)
    readers = sorted(readers, key=lambda slot: slot.reader)
    assigned = assign_readers(cases, readers, readers_per_case, rng)
    first_arms = draw_first_arms(readers, list(arms), rng)
    cases_of: dict[int, list[str]] = {slot.reader: [] for slot in readers}
    for case in cases:
        for reader in assigned[case]:
            cases_of[reader].append(case)
    dealt: list[Dealt] = []
    for slot in readers:
        own = cases_of[slot.reader]
        for period, arm in enumerate(_arms_from(arms, first_arms[slot.reader]), start=1):
            order = rng.sample(own, len(own))
            dealt += [
                Dealt(slot.reader, case, arm, period, position)
                for position, case in enumerate(order, start=1)
            ]
    return dealt


def _arms_from(arms: Sequence[str], first: str) -> list[str]:
    start = list(arms).index(first)
    return [*arms[start:], *arms[:start]]
