"""Ratings of one outcome in one arm, for single readers and pairs of readers."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from itertools import combinations

import numpy as np

from studies.analytics.coefficients.pair import Pair
from studies.analytics.outcomes import category_labels
from studies.analytics.scale import MISSING
from studies.analytics.table import FloatArray, IntArray, ReadingTable

Pairs = tuple[tuple[str, str], ...]


def reader_pairs(table: ReadingTable, arm: str | None) -> Pairs:
    """Return all pairs of readers with first readings in an arm, sorted as text."""
    has_readings = (table.first_readings(arm) != MISSING).any(axis=1)
    names = [name for name, present in zip(table.readers, has_readings, strict=True) if present]
    return tuple(combinations(names, 2))


def pair_of(table: ReadingTable, outcome: str, arm: str | None, readers: tuple[str, str]) -> Pair:
    """Return the items of an outcome that two readers both scored in an arm."""
    return Ratings(table, outcome, arm).pair(readers)


class Ratings:
    """The first readings of one outcome in one arm.

    Parameters
    ----------
    table : ReadingTable
        All readings of the study.
    outcome : str
        One of ``table.outcomes``.
    arm : str or None
        One of ``table.arms``.

    Attributes
    ----------
    values : int array (readers, items)
        Category numbers from 0, -1 where missing.
    case, patient : int arrays (items,)
        The case and the patient of each item; patients are the clusters.
    categories, patients : int
        Number of categories of the scale, and of patients in the study.
    """

    def __init__(self, table: ReadingTable, outcome: str, arm: str | None) -> None:
        self.names = {name: index for index, name in enumerate(table.readers)}
        self.outcome, self.arm = outcome, arm
        self.values = table.ratings(outcome, arm)
        self.case = table.item_cases(outcome)
        self.patient = table.case_patient[self.case]
        self.categories = len(category_labels(outcome))
        self.patients = len(table.patients)

    def of(self, reader: str) -> IntArray:
        """Return one reader's ratings (items,)."""
        ratings: IntArray = self.values[self.names[reader]]
        return ratings

    def rated_by(self, reader: str) -> Ratings:
        """Return the ratings of the items that a reader rated."""
        items = np.flatnonzero(self.of(reader) != MISSING)
        part = copy(self)
        part.values = self.values[:, items]
        part.case, part.patient = self.case[items], self.patient[items]
        return part

    def category_numbers(self, readers: Sequence[str]) -> IntArray:
        """Return category numbers (items, readers), -1 where missing."""
        return self.values[[self.names[reader] for reader in readers]].T

    def as_numbers(self, readers: Sequence[str]) -> FloatArray:
        """Return totals (cases, readers), NaN where missing."""
        totals = np.array([self.of(reader) for reader in readers], dtype=float).T
        totals[totals == MISSING] = np.nan
        return totals

    def pair(self, readers: tuple[str, str]) -> Pair:
        """Return the items that two readers both rated."""
        return self.pair_of(self.of(readers[0]), self.of(readers[1]))

    def pair_of(self, first: IntArray, second: IntArray) -> Pair:
        """Return the items that two rows of ratings (items,) have in common."""
        return Pair.of(
            first,
            second,
            case=self.case,
            patient=self.patient,
            categories=self.categories,
            patients=self.patients,
        )
