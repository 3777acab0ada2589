"""Draw who reads which case, in which order, arm and period, from the study's seed.

In a sequential study, a reader reads each case in the first arm and at once in the second one, in
one period and in one random order.
In a crossover and with a single arm, the same readers read a case in every arm. In parallel groups,
each case has its readers in every group. Each reader gets a new random order in each period. The
result is stored as rows and never drawn again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from studies.sessions.assignment.conditions import (
    count_readers,
    explain_too_few_cases,
    explain_too_few_readers,
)
from studies.sessions.assignment.orders import draw_order, min_cases, spacing_in_cases
from studies.sessions.assignment.sequences import (
    ArmSequence,
    ReaderSlot,
    draw_sequences,
    parallel_sequences,
    williams_sequences,
)
from studies.sessions.assignment.strata import Strata, draw_readers_within_strata


@dataclass(frozen=True, slots=True)
class AssignedReading:
    """One assigned reading; ``position`` counts from 1 within its batch, reader and period.

    ``replicate`` is 2 for a hidden repeat, and ``step`` is 2 for the second reading of a case in a
    sequential study, which has the next position.
    """

    reader: int
    case: str
    arm: str
    period: int
    position: int
    replicate: int = 1
    step: int = 1


class AssignmentError(ValueError):
    """Cases cannot be assigned; the message states what is missing."""


def draw_readers(
    cases: Sequence[str],
    readers: Sequence[ReaderSlot],
    readers_per_case: int,
    rng: random.Random,
    strata: Strata | None = None,
) -> dict[str, tuple[int, ...]]:
    """Draw the readers of each case.

    The numbers of cases per reader differ by one at most, and each pair of readers shares about
    equally many cases. With ``strata``, the former applies to each stratum.

    Raises AssignmentError when there are fewer readers than a case needs.
    """
    problem = explain_too_few_readers(len(readers), readers_per_case=readers_per_case)
    if problem:
        raise AssignmentError(problem)
    if strata is not None:
        keys = [slot.reader for slot in readers]
        return draw_readers_within_strata(cases, keys, readers_per_case, strata, rng)
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


def draw_assignment(
    *,
    cases: Sequence[str],
    readers: Sequence[ReaderSlot],
    arms: Sequence[str],
    readers_per_case: int,
    seed: int,
    batch: int,
    parallel: bool = False,
    sequential: bool = False,
    repeat_spacing: int = 1,
    strata: Strata | None = None,
) -> list[AssignedReading]:
    """Assign one batch of new cases. The same arguments give the same rows.

    With ``parallel``, each reader reads in one arm, and ``readers_per_case`` counts the readers of
    a case in each arm. With ``sequential``, the arms are the two steps of each case. The hidden
    repeats of the reader slots come at least ``repeat_spacing`` readings after the first readings.

    With ``strata``, the cases of each stratum are balanced over the readers and over the halves of
    their lists.

    Raises AssignmentError when there is no case, no arm, too few readers, or too few cases for the
    hidden repeats of the first batch.
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
    if parallel:
        sequences = draw_sequences(readers, parallel_sequences(arms), rng)
        readers_of_case = _draw_readers_of_groups(
            cases, readers, sequences, arms, readers_per_case, rng, strata
        )
    elif sequential:
        readers_of_case = draw_readers(cases, readers, readers_per_case, rng, strata)
        sequences = {slot.reader: tuple(arms) for slot in readers}
    else:
        readers_of_case = draw_readers(cases, readers, readers_per_case, rng, strata)
        # Version 0.1.0 balanced its two sequences within sites alone.
        sequences = draw_sequences(
            readers, williams_sequences(arms), rng, within_site_only=len(arms) <= 2
        )
    cases_of_reader: dict[int, list[str]] = {slot.reader: [] for slot in readers}
    for case in cases:
        for reader in readers_of_case[case]:
            cases_of_reader[reader].append(case)
    if batch == 1:
        _check_repeats(readers, cases_of_reader, repeat_spacing, sequential)
    rows: list[AssignedReading] = []
    draw = draw_pairs if sequential else draw_lists
    for slot in readers:
        cases_of_slot = cases_of_reader[slot.reader]
        rows += draw(slot, sequences[slot.reader], cases_of_slot, repeat_spacing, rng, strata)
    return rows


def draw_lists(
    slot: ReaderSlot,
    sequence: ArmSequence,
    cases: Sequence[str],
    repeat_spacing: int,
    rng: random.Random,
    strata: Strata | None = None,
) -> list[AssignedReading]:
    """Draw the order of a reader's cases in each period of the sequence."""
    # The same cases in every period, so that the arms can be compared.
    repeated = _draw_repeated(cases, slot.count_repeats(len(cases)), repeat_spacing, rng)
    rows: list[AssignedReading] = []
    for period, arm in enumerate(sequence, start=1):
        # A new order in each period, so that cases cannot be recognised by their position.
        order = draw_order(cases, repeated, repeat_spacing, rng, strata)
        rows += [
            AssignedReading(slot.reader, row.case, arm, period, position, row.replicate)
            for position, row in enumerate(order, start=1)
        ]
    return rows


def draw_pairs(
    slot: ReaderSlot,
    arms: ArmSequence,
    cases: Sequence[str],
    repeat_spacing: int,
    rng: random.Random,
    strata: Strata | None = None,
) -> list[AssignedReading]:
    """Draw the order of a reader's cases in a sequential study, each with its two readings."""
    spacing = spacing_in_cases(repeat_spacing, sequential=True)
    repeated = _draw_repeated(cases, slot.count_repeats(len(cases)), spacing, rng)
    order = draw_order(cases, repeated, spacing, rng, strata)
    return [
        AssignedReading(
            slot.reader, row.case, arm, 1, len(arms) * index + step, row.replicate, step
        )
        for index, row in enumerate(order)
        for step, arm in enumerate(arms, start=1)
    ]


def _check_repeats(
    readers: Sequence[ReaderSlot],
    cases_of_reader: Mapping[int, Sequence[str]],
    spacing: int,
    sequential: bool,
) -> None:
    """Raise AssignmentError if a reader has too few cases for the hidden repeats."""
    for slot in readers:
        cases = len(cases_of_reader[slot.reader])
        problem = explain_too_few_cases(
            cases, repeats=slot.count_repeats(cases), spacing=spacing, sequential=sequential
        )
        if problem:
            raise AssignmentError(problem)


def _draw_repeated(
    cases: Sequence[str], repeats: int, spacing: int, rng: random.Random
) -> frozenset[str]:
    """Return the cases that a reader reads twice: as many of them as fit into the batch.

    None where the batch has fewer cases than have to lie between a reading and its repeat.
    """
    repeats = min(repeats, len(cases))
    if not repeats or len(cases) < min_cases(repeats, spacing):
        return frozenset()
    return frozenset(rng.sample(list(cases), repeats))


def _draw_readers_of_groups(
    cases: Sequence[str],
    readers: Sequence[ReaderSlot],
    sequences: Mapping[int, ArmSequence],
    arms: Sequence[str],
    readers_per_case: int,
    rng: random.Random,
    strata: Strata | None,
) -> dict[str, tuple[int, ...]]:
    """Draw the readers of each case in every group, so that all groups read the same cases."""
    readers_of_case: dict[str, tuple[int, ...]] = dict.fromkeys(cases, ())
    problem = explain_too_few_readers(
        len(readers), readers_per_case=readers_per_case, groups=len(arms)
    )
    if problem:
        raise AssignmentError(problem)
    for arm in arms:
        group = [slot for slot in readers if sequences[slot.reader] == (arm,)]
        if len(group) < readers_per_case:
            # The groups of readers with reading lists do not change.
            raise AssignmentError(
                f"Each case needs {count_readers(readers_per_case)} in each group, and the "
                f"{arm} group has {len(group)} active. Invite more readers; they enter the "
                "smallest group."
            )
        drawn = draw_readers(cases, group, readers_per_case, rng, strata)
        readers_of_case = {case: readers_of_case[case] + drawn[case] for case in cases}
    return readers_of_case
