"""Draw who reads which case, in which order, arm and period, from the study's seed.

Crossover design: the same readers read a case in every arm. Half of each site's readers start with
the first arm and half with the second; with an odd number of readers, chance decides. Each reader
gets a new random order in each period. The result is stored as rows and never drawn again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations


@dataclass(frozen=True, slots=True)
class ReaderSlot:
    """A reader who can be assigned cases; ``first_arm`` is set once the reader has a list."""

    reader: int
    site: int
    first_arm: str | None = None


@dataclass(frozen=True, slots=True)
class AssignedReading:
    """One assigned reading; ``position`` counts from 1 within its batch, reader and period."""

    reader: int
    case: str
    arm: str
    period: int
    position: int


class AssignmentError(ValueError):
    """Cases cannot be assigned; the message states what is missing."""


def draw_readers(
    cases: Sequence[str], readers: Sequence[ReaderSlot], readers_per_case: int, rng: random.Random
) -> dict[str, tuple[int, ...]]:
    """Draw the readers of each case.

    The numbers of cases per reader differ by one at most, and each pair of readers shares about
    equally many cases.

    Raises AssignmentError when there are fewer readers than a case needs.
    """
    if not 1 <= readers_per_case <= len(readers):
        needed = "1 reader" if readers_per_case == 1 else f"{readers_per_case} readers"
        raise AssignmentError(
            f"Each case needs {needed}, but the study has {len(readers)}. "
            "Invite more readers or reduce the number of readers per case."
        )
    load = {slot.reader: 0 for slot in readers}
    shared_cases: Counter[tuple[int, int]] = Counter()
    readers_of_case: dict[str, tuple[int, ...]] = {}
    # In random order: otherwise the same readers would share the first cases of every study.
    for case in rng.sample(list(cases), len(cases)):
        drawn: list[int] = []
        # One random number per reader breaks ties, so that no reader is preferred by key.
        tie_breaker = {slot.reader: rng.random() for slot in readers}
        while len(drawn) < readers_per_case:
            free = [reader for reader in tie_breaker if reader not in drawn]
            # Least loaded readers first; of these, those who share the fewest cases.
            least = min(load[reader] for reader in free)
            costs = {
                reader: (sum(shared_cases[reader, other] for other in drawn), tie_breaker[reader])
                for reader in free
                if load[reader] == least
            }
            reader = min(costs, key=costs.__getitem__)
            drawn.append(reader)
            load[reader] += 1
        # Both orders of each pair, so that the count can be read from either reader's side.
        shared_cases.update(permutations(drawn, 2))
        readers_of_case[case] = tuple(drawn)
    return readers_of_case


def draw_first_arms(
    readers: Sequence[ReaderSlot], arms: Sequence[str], rng: random.Random
) -> dict[int, str]:
    """Counterbalance the starting arm within each site; readers who have one keep it."""
    first = {slot.reader: slot.first_arm for slot in readers if slot.first_arm is not None}
    # Within each site, so that differences between sites do not look like effects of the order.
    for site in sorted({slot.site for slot in readers}):
        new = [s.reader for s in readers if s.site == site and s.first_arm is None]
        for reader in rng.sample(new, len(new)):
            starts = Counter(
                first[s.reader] for s in readers if s.site == site and s.reader in first
            )
            # The arm with the fewest readers at this site; chance decides between equals.
            least = min(starts[arm] for arm in arms)
            first[reader] = rng.choice([arm for arm in arms if starts[arm] == least])
    return first


def draw_assignment(
    *,
    cases: Sequence[str],
    readers: Sequence[ReaderSlot],
    arms: Sequence[str],
    readers_per_case: int,
    seed: int,
    batch: int,
) -> list[AssignedReading]:
    """Assign one batch of new cases. The same arguments give the same rows.

    Raises AssignmentError when there is no case, no arm or too few readers.
    """
    if not cases:
        raise AssignmentError("No case is ready to be assigned.")
    if not arms:
        raise AssignmentError("The study has no arm.")
    # The order of the draws below is part of the result: reports promise that a seed can be
    # replayed, also with later versions.
    rng = random.Random(f"{seed}/{batch}")
    # Sorted, because the order in which the database returns rows must not change the draw.
    cases = sorted(cases)
    readers = sorted(readers, key=lambda slot: slot.reader)
    readers_of_case = draw_readers(cases, readers, readers_per_case, rng)
    first_arms = draw_first_arms(readers, list(arms), rng)
    cases_of_reader: dict[int, list[str]] = {slot.reader: [] for slot in readers}
    for case in cases:
        for reader in readers_of_case[case]:
            cases_of_reader[reader].append(case)
    rows: list[AssignedReading] = []
    for slot in readers:
        reader_cases = cases_of_reader[slot.reader]
        for period, arm in enumerate(_rotate_arms(arms, first_arms[slot.reader]), start=1):
            # A new order in each period, so that cases cannot be recognised by their position.
            order = rng.sample(reader_cases, len(reader_cases))
            rows += [
                AssignedReading(slot.reader, case, arm, period, position)
                for position, case in enumerate(order, start=1)
            ]
    return rows


def _rotate_arms(arms: Sequence[str], first: str) -> list[str]:
    """Return the arms in order, starting with ``first``."""
    start = list(arms).index(first)
    return [*arms[start:], *arms[:start]]
