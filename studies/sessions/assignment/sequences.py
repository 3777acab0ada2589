"""Which arms a reader reads in, and in which order: the sequences of a design.

In a crossover, a reader reads in every arm, one per period, in a sequence of a Williams design. In
parallel groups and with a single arm, a sequence consists of one arm. Readers are allocated to the
sequences at random, balanced within each site.

References
----------
Williams EJ. Experimental designs balanced for the estimation of residual effects of treatments.
Aust J Sci Res A 1949; 2: 149-168.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from studies.sessions.assignment.orders import repeats_of_share

ArmSequence: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RepeatShare:
    """The percentage of a reader's cases that are read twice in each arm.

    ``cases`` and ``repeats`` are those that the reader has in each arm from earlier batches.
    """

    percent: int
    cases: int = 0
    repeats: int = 0

    def count_missing(self, new_cases: int) -> int:
        """Return the repeats with which the share holds for all cases of the reader."""
        total = repeats_of_share(self.percent, self.cases + new_cases)
        return max(0, total - self.repeats)


@dataclass(frozen=True, slots=True)
class ReaderSlot:
    """A reader who can be assigned cases.

    ``sequence`` lists the arms of the reader's periods once the reader has reading lists, and
    ``repeats`` is the number of hidden repeats per list that the reader has not been assigned yet.
    With a ``share``, the number of cases of the batch decides how many these are.
    """

    reader: int
    site: int
    sequence: ArmSequence = ()
    repeats: int = 0
    share: RepeatShare | None = None

    def count_repeats(self, cases: int) -> int:
        """Return the hidden repeats per list in a batch of so many cases of the reader."""
        return self.repeats if self.share is None else self.share.count_missing(cases)


def williams_sequences(arms: Sequence[str]) -> list[ArmSequence]:
    """Return the sequences of a Williams design of the arms.

    Each arm occurs equally often in each period, and each arm follows each other arm equally often.
    There are as many sequences as arms, or twice as many if the number of arms is odd.
    """
    count = len(arms)
    # 0, 1, n-1, 2, n-2, ...: the differences of neighbours are all different.
    first = [0]
    for step in range(1, count):
        first.append((step + 1) // 2 if step % 2 else count - step // 2)
    square = [[(start + number) % count for number in first] for start in range(count)]
    if count > 1 and count % 2:
        square += [row[::-1] for row in square]
    return [tuple(arms[number] for number in row) for row in square]


def parallel_sequences(arms: Sequence[str]) -> list[ArmSequence]:
    """Return one sequence per arm, for readers who each read in a single arm."""
    return [(arm,) for arm in arms]


def draw_sequences(
    readers: Sequence[ReaderSlot],
    sequences: Sequence[ArmSequence],
    rng: random.Random,
    *,
    within_site_only: bool = False,
) -> dict[int, ArmSequence]:
    """Counterbalance the sequences within each site; readers who have one keep it.

    A site often has fewer readers than there are sequences. Among the sequences that are rarest at
    the site, the rarest of the study are then preferred, unless ``within_site_only``.
    """
    drawn = {slot.reader: slot.sequence for slot in readers if slot.sequence}
    # Within each site, so that differences between sites do not look like effects of the order.
    for site in sorted({slot.site for slot in readers}):
        of_site = [slot.reader for slot in readers if slot.site == site]
        new = [reader for reader in of_site if reader not in drawn]
        for reader in rng.sample(new, len(new)):
            site_sequences = (drawn[other] for other in of_site if other in drawn)
            options = _rarest(sequences, site_sequences)
            if not within_site_only:
                options = _rarest(options, drawn.values())
            # Chance decides between equals.
            drawn[reader] = rng.choice(options)
    return drawn


def _rarest(options: Sequence[ArmSequence], drawn: Iterable[ArmSequence]) -> list[ArmSequence]:
    counts = Counter(drawn)
    least = min(counts[option] for option in options)
    return [option for option in options if counts[option] == least]
