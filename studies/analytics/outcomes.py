"""The outcomes of AAC-24 and AAC-8 that agreement is computed for, and their categories."""

from __future__ import annotations

from functools import cache
from typing import Final

from studies.analytics.scale import (
    AAC8_GROUPS,
    AAC8_SCORES,
    CELL_SCORES,
    CELLS,
    GROUPS,
    HIGHEST_AAC8,
    LEVELS,
    WALLS,
    summed_cells,
)

# Outcomes with eight items per case: the cells of one patient form a cluster.
POOLED: Final = ("cells", "readable", "measured_cells")

# The AAC-8 of each wall, by outcome, in the order of the columns of `ReadingTable.aac8_walls`.
AAC8_WALLS: Final = tuple(f"aac8_{wall}" for wall in WALLS)

# Every outcome of AAC-24; those of AAC-8 are added before the last where a table has them.
OUTCOMES: Final = ("cells", *CELLS, *LEVELS, *WALLS, "aac24", "aac_group", "readable")


@cache
def category_labels(outcome: str) -> tuple[str, ...]:
    """Return the fixed categories of an outcome in order, whether or not they were used.

    Raises
    ------
    ValueError
        If there is no such outcome.

    Examples
    --------
    >>> category_labels("L1_anterior")
    ('0', '1', '2', '3')
    >>> len(category_labels("aac24")), category_labels("aac_group")
    (25, ('low', 'moderate', 'high'))
    """
    if outcome == "aac_group":
        return GROUPS
    if outcome == "readable":
        return ("not readable", "readable")
    if outcome == "aac8_group":
        return AAC8_GROUPS
    if outcome in ("cells", "measured_cells"):
        highest = max(CELL_SCORES)
    elif outcome in AAC8_WALLS:
        highest = max(AAC8_SCORES)
    elif outcome == "aac8":
        highest = HIGHEST_AAC8
    else:
        highest = max(CELL_SCORES) * len(summed_cells(outcome))
    return tuple(str(score) for score in range(highest + 1))
