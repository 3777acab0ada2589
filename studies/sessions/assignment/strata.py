"""Stratified assignment: balance kinds of cases over readers, and over the halves of their lists.

Cases of one scanner, site and AAC group form a stratum. Within each stratum, the numbers of cases
per reader differ by one at most, and so do the numbers in the two halves of a reader's list, unless
hidden repeats shift them. Over all strata, the readers' numbers of cases differ by two at most.
docs/design/0002-stratified-assignment.md gives the reasons.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations


@dataclass(frozen=True, slots=True, order=True)
class Stratum:
    """Scanner, site and AAC group of cases; the group is "" without a reference standard."""

    scanner: str
    site: str
    group: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.scanner or "unknown scanner", self.site, self.group)))


@dataclass(frozen=True, slots=True)
class StratumBalance:
    """The cases of a stratum, and the fewest and the most of them that one reader reads.

    In parallel groups, ``fewest`` and ``most`` are taken over the readers of all groups.
    """

    stratum: Stratum
    cases: int
    fewest: int
    most: int


Strata = Mapping[str, Stratum]
"""The stratum of each case."""


def by_stratum(cases: Sequence[str], strata: Strata) -> list[tuple[Stratum, list[str]]]:
    """Return the cases by stratum, the largest first: small ones then even out the sums."""
    groups: dict[Stratum, list[str]] = {}
    for case in sorted(cases):
        groups.setdefault(strata[case], []).append(case)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def draw_readers_within_strata(
    cases: Sequence[str],
    readers: Sequence[int],
    readers_per_case: int,
    strata: Strata,
    rng: random.Random,
) -> dict[str, tuple[int, ...]]:
    """Draw the readers of each case, one stratum after the other.

    A case gets the readers with the fewest cases of its stratum; of these, those with the fewest
    cases in all, and of these, those who share the fewest cases. There must be enough readers.
    """
    load: Counter[int] = Counter()
    shared_cases: Counter[tuple[int, int]] = Counter()
    readers_of_case: dict[str, tuple[int, ...]] = {}
    for _, group in by_stratum(cases, strata):
        of_stratum: Counter[int] = Counter()
        for case in rng.sample(group, len(group)):
            drawn: list[int] = []
            tie_breaker = {reader: rng.random() for reader in readers}
            while len(drawn) < readers_per_case:
                costs = {
                    reader: (
                        of_stratum[reader],
                        load[reader],
                        sum(shared_cases[reader, other] for other in drawn),
                        tie_breaker[reader],
                    )
                    for reader in readers
                    if reader not in drawn
                }
                drawn.append(min(costs, key=costs.__getitem__))
            of_stratum.update(drawn)
            load.update(drawn)
            # Both orders of each pair, so that the count can be read from either reader's side.
            shared_cases.update(permutations(drawn, 2))
            readers_of_case[case] = tuple(drawn)
    return readers_of_case


def draw_balanced_order(cases: Sequence[str], strata: Strata, rng: random.Random) -> list[str]:
    """Return the cases in random order, with each stratum balanced over both halves."""
    halves: tuple[list[str], list[str]] = ([], [])
    for _, group in by_stratum(cases, strata):
        order = rng.sample(group, len(group))
        middle = len(order) // 2
        halves[0].extend(order[:middle])
        halves[1].extend(order[middle : 2 * middle])
        if len(order) % 2:
            # The odd case enters the shorter half, so that the halves differ by one at most.
            sizes = len(halves[0]), len(halves[1])
            half = rng.randrange(2) if sizes[0] == sizes[1] else sizes.index(min(sizes))
            halves[half].append(order[-1])
    return [case for half in halves for case in rng.sample(half, len(half))]


def balance_of(
    readers_of_case: Iterable[tuple[int, str]], readers: Sequence[int], strata: Strata
) -> list[StratumBalance]:
    """Return the balance of each stratum.

    Parameters
    ----------
    readers_of_case
        Pairs of a reader and a case that the reader is assigned; repetitions do not count.
    readers
        All readers, also those without a case.
    strata
        The stratum of each case.
    """
    counts = Counter((strata[case], reader) for reader, case in set(readers_of_case))
    sizes = Counter(strata.values())
    return [
        StratumBalance(
            stratum,
            sizes[stratum],
            min((counts[stratum, reader] for reader in readers), default=0),
            max((counts[stratum, reader] for reader in readers), default=0),
        )
        for stratum in sorted(sizes)
    ]
