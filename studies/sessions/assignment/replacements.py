"""Draw which of the remaining readers takes over each case of a reader who dropped out.

The rule is that of the assignment: within each stratum, the cases are divided equally over the
readers, and then over all strata. It can be met only as far as readers do not already have the
cases. docs/design/0002-stratified-assignment.md gives the reasons.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from studies.sessions.assignment.strata import Strata, Stratum, by_stratum

ONE_STRATUM = Stratum("", "")


def draw_replacements(
    cases: Sequence[str],
    readers: Sequence[int],
    readers_of_case: Mapping[str, Collection[int]],
    rng: random.Random,
    strata: Strata | None = None,
) -> dict[str, int]:
    """Return the new reader of each case; cases that all readers already have are left out.

    Parameters
    ----------
    readers_of_case
        The readers who already have each case.
    strata
        The stratum of each case; without it, only the numbers of cases are balanced.
    """
    strata = strata or dict.fromkeys(cases, ONE_STRATUM)
    load: Counter[int] = Counter()
    drawn: dict[str, int] = {}
    for _, group in by_stratum(cases, strata):
        of_stratum: Counter[int] = Counter()
        free = {
            case: [reader for reader in readers if reader not in readers_of_case.get(case, ())]
            for case in group
        }
        # Cases with the smallest choice first, because the others can even out the numbers.
        for case in sorted(rng.sample(group, len(group)), key=lambda case: len(free[case])):
            if not free[case]:
                continue
            costs = {
                reader: (of_stratum[reader], load[reader], rng.random()) for reader in free[case]
            }
            drawn[case] = min(costs, key=costs.__getitem__)
            of_stratum[drawn[case]] += 1
            load[drawn[case]] += 1
    return drawn
