"""Who rated what: the ratings of one outcome in one arm, by pair of readers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from studies.analytics.coefficients.kappa import Pair
from studies.analytics.table import (
    MISSING,
    FloatArray,
    IntArray,
    ReadingTable,
    category_labels,
)

Pairs = tuple[tuple[str, str], ...]


def reader_pairs(table: ReadingTable, arm: str | None) -> Pairs:
    """Return the pairs of readers who have readings in an arm, sorted as text."""
    present = (table.first_readings(arm) != MISSING).any(axis=1)
    names = [name for name, there in zip(table.readers, present, strict=True) if there]
    return tuple(combinations(names, 2))


def pair_of(table: ReadingTable, outcome: str, arm: str | None, readers: tuple[str, str]) -> Pair:
    """Return the items of an outcome that two readers both scored in an arm."""
    return Ratings(table, outcome, arm).pair(readers)


class Ratings:
    """The ratings of one outcome in one arm, and where each item comes from."""

    def __init__(self, table: ReadingTable, outcome: str, arm: str | None) -> None:
        self.names = {name: index for index, name in enumerate(table.readers)}
        self.outcome, self.arm = outcome, arm
        self.values = table.ratings(outcome, arm)
        self.case = table.item_cases(outcome)
        self.patient = table.case_patient[self.case]
        self.categories = len(category_labels(outcome))
        self.patients = len(table.patients)

    def of(self, reader: str) -> IntArray:
        ratings: IntArray = self.values[self.names[reader]]
        return ratings

    def category_numbers(self, readers: Sequence[str]) -> IntArray:
        """Return category numbers (items, readers), -1 where missing."""
        return self.values[[self.names[reader] for reader in readers]].T

    def as_numbers(self, readers: Sequence[str]) -> FloatArray:
        """Return totals (cases, readers), NaN where missing."""
        totals = np.array([self.of(reader) for reader in readers], dtype=float).T
        totals[totals == MISSING] = np.nan
        return totals

    def pair(self, readers: tuple[str, str]) -> Pair:
        return self.pair_of(self.of(readers[0]), self.of(readers[1]))

    def pair_of(self, first: IntArray, second: IntArray) -> Pair:
        """Return the items that both of two rows of ratings (items,) have."""
        return Pair.of(
            first,
            second,
            case=self.case,
            patient=self.patient,
            categories=self.categories,
            patients=self.patients,
        )
