"""Cases selected for adjudication because their readers disagree, and grades of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.ratings import Ratings
from studies.analytics.scale import MISSING
from studies.analytics.study.consensus import consensus
from studies.analytics.table import IntArray, ReadingTable

FEWEST_READINGS: Final = 2
"""Readings of a case from which its readers can disagree."""


@dataclass(frozen=True, slots=True)
class SelectionRules:
    """Rules of which one is enough to select a case.

    Parameters
    ----------
    group_differs : bool
        The AAC groups of two readers differ.
    total_differs_by : int or None
        The AAC-24 totals of two readers differ by at least this many points.
    cell_differs_by : int or None
        The grades of a cell by two readers differ by at least this many grades.
    readability_differs : bool
        A cell is readable for one reader and not for another.
    """

    group_differs: bool = False
    total_differs_by: int | None = None
    cell_differs_by: int | None = None
    readability_differs: bool = False


def select_cases(
    table: ReadingTable, arm: str | None, rules: SelectionRules
) -> dict[str, tuple[str, ...]]:
    """Return the cases that at least one rule selects, each with its rules by name.

    Parameters
    ----------
    table : ReadingTable
        The readings; the first reading of each reader and case counts.
    arm : str or None
        The arm whose readings are compared.
    rules : SelectionRules
        The rules.

    Returns
    -------
    dict of str to tuple of str
        "group", "total", "cell" and "readability" by case, cases in the order of the table.
    """
    met: dict[str, NDArray[np.bool_]] = {}
    if rules.group_differs:
        met["group"] = _ranges(table, "aac_group", arm) >= 1
    if rules.total_differs_by is not None:
        met["total"] = _ranges(table, "aac24", arm) >= rules.total_differs_by
    if rules.cell_differs_by is not None:
        met["cell"] = _ranges(table, "cells", arm) >= rules.cell_differs_by
    if rules.readability_differs:
        met["readability"] = _ranges(table, "readable", arm) >= 1
    selected = {}
    for row, case in enumerate(table.cases):
        reasons = tuple(name for name, cases in met.items() if cases[row])
        if reasons:
            selected[case] = reasons
    return selected


def agreed_grades(table: ReadingTable, arm: str | None) -> dict[str, tuple[tuple[int, ...], bool]]:
    """Return the grades on which the readers of each case agree, and whether all were equal.

    The grade of a cell is the lower median of the readers' grades, -1 with fewer than two. Cases
    with fewer than two readings are left out.
    """
    ratings = Ratings(table, "cells", arm)
    medians = consensus(ratings.values)
    known = ratings.values != MISSING
    readings = (table.first_readings(arm) != MISSING).sum(axis=0)
    agreed = {}
    for row, case in enumerate(table.cases):
        if readings[row] < FEWEST_READINGS:
            continue
        items = np.flatnonzero(ratings.case == row)
        grades = medians[items]
        read = table.first_readings(arm)[:, row] != MISSING
        equal = bool(
            (known[:, items] | ~read[:, None]).all()
            and (ratings.values[read][:, items] == grades).all()
        )
        agreed[case] = (tuple(int(grade) for grade in grades), equal)
    return agreed


def _ranges(table: ReadingTable, outcome: str, arm: str | None) -> IntArray:
    """Return the largest difference between two readers of each case (cases,); 0 without a pair."""
    ratings = Ratings(table, outcome, arm)
    known = ratings.values != MISSING
    highest = np.where(known, ratings.values, -1).max(axis=0)
    lowest = np.where(known, ratings.values, np.iinfo(np.int64).max).min(axis=0)
    of_item = np.where(known.sum(axis=0) >= FEWEST_READINGS, highest - lowest, 0)
    ranges = np.zeros(len(table.cases), dtype=np.int64)
    np.maximum.at(ranges, ratings.case, of_item)
    return ranges
