"""Cases ranked by the disagreement of their readers, and levels that readers seem to have shifted.

The disagreement of a case is the mean of 1 - w over all pairs of readers and, for pooled outcomes,
cells, where w is the agreement weight of weighted kappa: 0 if all readers agree, 1 if all pairs are
as far apart as the scale allows. The mean over all items is the observed disagreement of kappa.

References
----------
Cohen 1968, Psychol Bull 70:213 (weights of disagreement).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.ratings import Ratings
from studies.analytics.scale import CELLS, LEVELS, MISSING
from studies.analytics.study.level_shifts import suspected_shifts
from studies.analytics.table import IntArray, ReadingTable

ReaderPairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class CaseDisagreement:
    """The disagreement of the readers of one case.

    Parameters
    ----------
    case : str
        Name of the case.
    disagreement : float
        Mean weighted disagreement, 0 to 1.
    largest : int
        Largest difference between two readers, in categories.
    items : int
        Ratings compared: pairs of readers, times cells for pooled outcomes.
    """

    case: str
    disagreement: float
    largest: int
    items: int


@dataclass(frozen=True, slots=True)
class ShiftHint:
    """Two readers who agree once the levels of the second are moved by one.

    ``by`` is 1 if the second reader's L2 corresponds to the first reader's L1, else -1.
    """

    case: str
    readers: tuple[str, str]
    by: int


def rank_disagreements(
    table: ReadingTable,
    outcome: str,
    arm: str | None,
    weights: Weights,
    pairs: ReaderPairs,
    categories: tuple[int, int] | None = None,
) -> list[CaseDisagreement]:
    """Return the cases of an arm by decreasing disagreement, then by name.

    Parameters
    ----------
    table : ReadingTable
        The readings; the first reading of each reader and case counts.
    outcome : str
        One of ``table.outcomes``.
    arm : str or None
        One of ``table.arms``.
    weights : {"none", "linear", "quadratic"}
        Scheme of the weights.
    pairs : sequence of (str, str)
        The pairs of readers to compare.
    categories : (int, int), optional
        Keep only the cases in which the first reader of a pair used the first category, and the
        second reader the second one, for the same item.

    Returns
    -------
    list of CaseDisagreement
        Cases that no pair rated in common are left out.

    Examples
    --------
    Two readers with totals of 3 and 9 differ by 6 of 24 categories, so that their linear
    disagreement is 0.25.
    """
    ratings = Ratings(table, outcome, arm)
    cases = len(table.cases)
    total, items, largest = np.zeros((3, cases), dtype=np.int64)
    selected = np.full(cases, categories is None)
    for readers in pairs:
        first, second = (ratings.of(name) for name in readers)
        known = np.flatnonzero((first != MISSING) & (second != MISSING))
        distance = np.abs(first[known] - second[known])
        case = ratings.case[known]
        np.add.at(total, case, _penalties(distance, weights))
        items += np.bincount(case, minlength=cases)
        np.maximum.at(largest, case, distance)
        if categories is not None:
            in_cell = (first[known] == categories[0]) & (second[known] == categories[1])
            selected[case[in_cell]] = True
    rows = np.flatnonzero(selected & (items > 0))
    # Integers divided once: equal disagreements are equal, so that the name decides between them.
    farthest = _penalties(np.array(max(1, ratings.categories - 1)), weights)
    mean = total[rows] / (items[rows] * farthest)
    ranked = [
        CaseDisagreement(table.cases[case], float(value), int(largest[case]), int(items[case]))
        for case, value in zip(rows, mean, strict=True)
    ]
    return sorted(ranked, key=lambda row: (-row.disagreement, row.case))


def shift_hints(
    table: ReadingTable, arm: str | None, pairs: ReaderPairs, cases: Sequence[str]
) -> list[ShiftHint]:
    """Return the pairs of readers of given cases who agree after a shift by one level.

    The rule is that of `level_shifts.suspected_shifts`.
    """
    rows = [table.cases.index(case) for case in cases]
    ratings = Ratings(table, "cells", arm)
    shape = (len(table.cases), len(LEVELS), len(CELLS) // len(LEVELS))
    hints: list[ShiftHint] = []
    for readers in pairs:
        first, second = (ratings.of(name).reshape(shape)[rows] for name in readers)
        for by in (-1, 1):
            suspects = np.flatnonzero(suspected_shifts(first, second, by)).tolist()
            hints.extend(ShiftHint(cases[row], readers, by) for row in suspects)
    return hints


def _penalties(distance: IntArray, weights: Weights) -> IntArray:
    """Return 1 - w of rating differences, in categories, times that of the largest difference."""
    if weights == "none":
        return (distance > 0).astype(np.int64)
    return distance**2 if weights == "quadratic" else distance
