"""The outcomes of AAC-24 and AAC-8 that agreement is computed for, and their categories."""

from __future__ import annotations

from functools import cache
from typing import Final

from studies.analytics.scale import CELL_SCORES, CELLS, GROUPS, LEVELS, WALLS, summed_cells

# Outcomes with eight items per case: the cells of one patient form a cluster.
POOLED: Final = ("cells", "readable")

# Every outcome of AAC-24; "aac8" is added before the last where a table has AAC-8 totals.
OUTCOMES: Final = ("cells", *CELLS, *LEVELS, *WALLS, "aac24", "aac_group", "readable")

HIGHEST_AAC8: Final = 8  # two walls with 0 to 4 each (Schousboe 2007)


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
    if outcome == "cells":
        highest = max(CELL_SCORES)
    elif outcome == "aac8":
        highest = HIGHEST_AAC8
    else:
        highest = max(CELL_SCORES) * len(summed_cells(outcome))
    return tuple(str(score) for score in range(highest + 1))
