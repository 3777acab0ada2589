"""The AAC-24 and AAC-8 scales: levels, walls and cells, validity codes, sums and groups.

Every sum and every group of scores is computed here, so that page, report, workbook and
NHANES file cannot disagree.

References
----------
Kauppila et al. 1997, Atherosclerosis 132:245 (grades, sums). Schousboe et al. 2007, PLoS ONE 2:e715
(AAC-8). NHANES DXXAAC_H (validity codes).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEVELS: tuple[str, ...] = ("L1", "L2", "L3", "L4")
WALLS: tuple[str, ...] = ("posterior", "anterior")
CELLS: tuple[str, ...] = tuple(f"{level}_{wall}" for level in LEVELS for wall in WALLS)
CELL_SCORES: tuple[int, ...] = (0, 1, 2, 3)
HIGHEST_TOTAL: Final = max(CELL_SCORES) * len(CELLS)
GROUPS: tuple[str, ...] = ("low", "moderate", "high")

# AAC-8 scores each wall over L1 to L4 at once. It is scored from the image, not derived from the
# cells; its two scores are named and stored like cells, with the level "all".
AAC8_CELLS: tuple[str, ...] = tuple(f"all_{wall}" for wall in WALLS)
AAC8_SCORES: tuple[int, ...] = (0, 1, 2, 3, 4)
HIGHEST_AAC8: Final = max(AAC8_SCORES) * len(WALLS)
AAC8_CUT: Final = 3
"""AAC-8 totals from here on form the upper of the two AAC-8 groups."""
AAC8_GROUPS: tuple[str, ...] = (f"0 to {AAC8_CUT - 1}", f"{AAC8_CUT} to {HIGHEST_AAC8}")

# Lowest totals of the moderate and of the high group: low 0-1, moderate 2-5, high 6-24.
DEFAULT_GROUP_LIMITS: tuple[int, int] = (2, 6)

# Missing scores are -1 in integer arrays, never NaN in float arrays: kappa counts whole numbers.
MISSING: Final = -1

ScoreArray = NDArray[np.int64]


class Validity(IntEnum):
    """Whether a cell was readable, with the codes that NHANES uses for a level."""

    VALID = 0
    OBJECT = 1
    NOISE = 3
    INSUFFICIENT_SCAN_AREA = 4
    MOVEMENT = 5
    OTHER = 6


VALIDITY_LABELS: dict[Validity, str] = {
    Validity.VALID: "Readable",
    Validity.OBJECT: "Object in front of the aorta",
    Validity.NOISE: "Noise",
    Validity.INSUFFICIENT_SCAN_AREA: "Outside the scanned area",
    Validity.MOVEMENT: "Movement",
    Validity.OTHER: "Other (degeneration, fusion, fracture)",
}


def cells_to_score(*, aac8: bool) -> tuple[str, ...]:
    """Return what a reader scores: the eight cells and, with ``aac8``, the AAC-8 of both walls."""
    return (*CELLS, *AAC8_CELLS) if aac8 else CELLS


def scores_of_cell(cell: str) -> tuple[int, ...]:
    """Return the scores that a cell can have: 0 to 3, or 0 to 4 for the AAC-8 of a wall.

    Examples
    --------
    >>> max(scores_of_cell("L1_anterior")), max(scores_of_cell("all_anterior"))
    (3, 4)
    """
    return AAC8_SCORES if cell in AAC8_CELLS else CELL_SCORES


def summed_cells(outcome: str) -> tuple[str, ...]:
    """Return the cells whose grades add up to an outcome.

    Parameters
    ----------
    outcome : str
        A cell, a level, a wall, "aac24" or "aac_group" (the group of the total).

    Raises
    ------
    ValueError
        If the outcome is not a sum of cells.

    Examples
    --------
    >>> summed_cells("L1")
    ('L1_posterior', 'L1_anterior')
    """
    if outcome in CELLS:
        return (outcome,)
    if outcome in LEVELS:
        return tuple(f"{outcome}_{wall}" for wall in WALLS)
    if outcome in WALLS:
        return tuple(f"{level}_{outcome}" for level in LEVELS)
    if outcome in ("aac24", "aac_group"):
        return CELLS
    raise ValueError(f"There is no outcome named {outcome!r}.")


def sum_grades(grades: Iterable[int | None]) -> int | None:
    """Return the sum of grades, None if one of them is missing.

    Examples
    --------
    >>> sum_grades([0, 3, 1]), sum_grades([0, None])
    (4, None)
    """
    values = list(grades)
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def group_of(total: int | None, group_limits: tuple[int, int]) -> str | None:
    """Return the group of an AAC-24 total, None if the total is missing.

    Parameters
    ----------
    total : int or None
        0 to 24.
    group_limits : (int, int)
        Lowest totals of the moderate and of the high group.

    Examples
    --------
    >>> [group_of(total, (2, 6)) for total in (1, 2, 6, None)]
    ['low', 'moderate', 'high', None]
    """
    return None if total is None else GROUPS[sum(total >= limit for limit in group_limits)]


def aac8_group_of(total: int | None) -> str | None:
    """Return the group of an AAC-8 total, None if the total is missing.

    Examples
    --------
    >>> aac8_group_of(2), aac8_group_of(3)
    ('0 to 2', '3 to 8')
    """
    return None if total is None else AAC8_GROUPS[total >= AAC8_CUT]


def outcome_scores(grades: ScoreArray, outcome: str, group_limits: tuple[int, int]) -> ScoreArray:
    """Return an outcome of many readings.

    Parameters
    ----------
    grades : int array (rows, 8)
        Grades in the order of `CELLS`, -1 where missing.
    outcome : str
        "cells" or an outcome that `summed_cells` accepts.
    group_limits : (int, int)
        Lowest totals of the moderate and of the high group.

    Returns
    -------
    int array (rows,), or (rows, 8) for "cells"
        Sums, or group numbers 0 to 2 for "aac_group"; -1 where a part is missing.
    """
    if outcome == "cells":
        return grades
    parts = grades[:, [CELLS.index(cell) for cell in summed_cells(outcome)]]
    missing = (parts == MISSING).any(axis=1)
    values = parts.sum(axis=1)
    if outcome == "aac_group":
        values = np.digitize(values, group_limits)
    return np.where(missing, MISSING, values)
