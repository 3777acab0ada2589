"""The cases of a data snapshot ranked by disagreement, for the review of disagreements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import numpy as np
from django.http import QueryDict

from studies.analytics.coefficients.kappa import WEIGHTS, Weights
from studies.analytics.outcomes import category_labels
from studies.analytics.ratings import Ratings, reader_pairs
from studies.analytics.scale import MISSING
from studies.analytics.study.disagreements.ranking import (
    CaseDisagreement,
    ShiftHint,
    rank_disagreements,
    shift_hints,
)
from studies.analytics.table import ReadingTable
from studies.formats.numbers import NO_VALUE
from studies.reports.document.summary.study import StudySummary
from studies.reports.filters import PAIR_SEPARATOR, known_value

CASES_PER_PAGE: Final = 25
MAX_SHOWN_HINTS: Final = 3
"""Pairs of readers named in the list as having shifted levels."""


@dataclass(frozen=True, slots=True)
class DisagreementFilters:
    """Validated filters of the list of disagreements.

    Parameters
    ----------
    outcome, weights, arm
        What is compared, and with which weights.
    site, scanner
        Where and on which scanner the cases were imaged, "" for all.
    pair
        The two readers compared; None for all pairs.
    categories
        The cell of the pair's confusion matrix to which the list is restricted.
    """

    outcome: str
    weights: Weights
    arm: str | None
    site: str
    scanner: str
    pair: tuple[str, str] | None
    categories: tuple[int, int] | None

    @property
    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield the filters as names and values of a query string."""
        yield "outcome", self.outcome
        yield "weights", self.weights
        for name in ("arm", "site", "scanner"):
            if value := getattr(self, name):
                yield name, value
        if self.pair:
            yield "pair", PAIR_SEPARATOR.join(self.pair)
        if self.categories:
            first, second = self.categories
            yield "first", str(first)
            yield "second", str(second)

    @property
    def query(self) -> str:
        """Return the filters as a query string."""
        return urlencode(list(self.fields))

    @property
    def categories_text(self) -> str:
        """Return the cell of the confusion matrix in words, "" without one."""
        if self.pair is None or self.categories is None:
            return ""
        labels = category_labels(self.outcome)
        return " and ".join(
            f"{reader}: {labels[category]}"
            for reader, category in zip(self.pair, self.categories, strict=True)
        )


@dataclass(frozen=True, slots=True)
class DisagreementRow:
    """One case of the list; ``rank`` counts from 1."""

    rank: int
    case: CaseDisagreement
    totals: str
    hints: tuple[str, ...]


def parse_disagreement_filters(
    query: QueryDict, table: ReadingTable, summary: StudySummary
) -> DisagreementFilters:
    """Return the filters of a query string; unknown values fall back to the defaults."""
    outcome = query.get("outcome", "")
    if outcome not in table.outcomes:
        outcome = summary.outcome
    weights = next(
        (name for name in WEIGHTS if name == query.get("weights", "")),
        next(name for name in WEIGHTS if name == summary.weights),
    )
    arm = query.get("arm", "")
    selected_arm = arm if arm in table.arms else table.arms[0]
    pairs = {PAIR_SEPARATOR.join(pair): pair for pair in reader_pairs(table, selected_arm)}
    pair = pairs.get(str(query.get("pair", "")))
    categories = _parse_categories(query, len(category_labels(outcome))) if pair else None
    site = known_value(query.get("site", ""), table.case_site)
    scanner = known_value(query.get("scanner", ""), table.case_scanner)
    return DisagreementFilters(outcome, weights, selected_arm, site, scanner, pair, categories)


def filtered_table(table: ReadingTable, filters: DisagreementFilters) -> ReadingTable:
    """Return the readings of cases from the selected site and scanner, with all their readers."""
    if not (filters.site or filters.scanner):
        return table
    keep = np.ones(len(table), dtype=bool)
    for value, of_case in ((filters.site, table.case_site), (filters.scanner, table.case_scanner)):
        if value:
            keep &= (np.array(of_case) == value)[table.case]
    return table.where(keep)


def _parse_categories(query: QueryDict, number: int) -> tuple[int, int] | None:
    # Compared as texts: a long row of digits is not worth converting.
    known = {str(category): category for category in range(number)}
    first = known.get(str(query.get("first", "")))
    second = known.get(str(query.get("second", "")))
    return None if first is None or second is None else (first, second)


def compared_pairs(table: ReadingTable, filters: DisagreementFilters) -> Sequence[tuple[str, str]]:
    """Return the pairs of readers that the filters compare."""
    return [filters.pair] if filters.pair else reader_pairs(table, filters.arm)


def rank_cases(table: ReadingTable, filters: DisagreementFilters) -> list[CaseDisagreement]:
    """Return the cases that match the filters, by decreasing disagreement."""
    return rank_disagreements(
        table,
        filters.outcome,
        filters.arm,
        filters.weights,
        compared_pairs(table, filters),
        filters.categories,
    )


def disagreement_rows(
    table: ReadingTable,
    filters: DisagreementFilters,
    ranked: Sequence[CaseDisagreement],
    start: int,
) -> list[DisagreementRow]:
    """Return the rows of one page of the list; ``ranked`` begins at ``start``, from 0."""
    cases = [row.case for row in ranked]
    pairs = compared_pairs(table, filters)
    hints: dict[str, list[ShiftHint]] = defaultdict(list)
    for hint in shift_hints(table, filters.arm, pairs, cases):
        hints[hint.case].append(hint)
    totals = case_totals(table, filters, cases)
    return [
        DisagreementRow(
            rank=start + number,
            case=row,
            totals=totals[row.case],
            hints=tuple(describe_shift(hint) for hint in hints[row.case][:MAX_SHOWN_HINTS]),
        )
        for number, row in enumerate(ranked, start=1)
    ]


def case_totals(
    table: ReadingTable, filters: DisagreementFilters, cases: Sequence[str]
) -> dict[str, str]:
    """Return the AAC-24 totals of cases: those of the pair, or the range over the readers."""
    totals = Ratings(table, "aac24", filters.arm).values
    rows = {name: row for row, name in enumerate(table.readers)}
    names = {name: column for column, name in enumerate(table.cases)}
    texts = {}
    for case in cases:
        of_case = totals[:, names[case]]
        if filters.pair:
            values = [int(of_case[rows[reader]]) for reader in filters.pair]
            texts[case] = " and ".join(NO_VALUE if v == MISSING else str(v) for v in values)
            continue
        known = of_case[of_case != MISSING]
        if not len(known):
            texts[case] = NO_VALUE
        elif known.min() == known.max():
            texts[case] = str(known.min())
        else:
            texts[case] = f"{known.min()} to {known.max()}"
    return texts


def farthest_pair(table: ReadingTable, filters: DisagreementFilters, case: str) -> tuple[str, ...]:
    """Return the two readers of a case who are farthest apart, or those there are."""
    ratings = Ratings(table, filters.outcome, filters.arm)
    items = np.flatnonzero(ratings.case == table.cases.index(case))
    values = ratings.values[:, items]
    known = values != MISSING
    both = known[:, None] & known[None]
    apart = np.where(both, np.abs(values[:, None] - values[None]), 0).sum(axis=2)
    if apart.any():
        first, second = np.unravel_index(int(apart.argmax()), apart.shape)
        return table.readers[first], table.readers[second]
    present = np.flatnonzero(table.first_readings(filters.arm)[:, table.cases.index(case)] >= 0)
    return tuple(table.readers[reader] for reader in present[:2])


def describe_shift(hint: ShiftHint) -> str:
    """Return a hint in words: which reader's levels have to move, and in which direction."""
    first, second = hint.readers
    direction = "cranially" if hint.by > 0 else "caudally"
    return f"{second} agrees with {first} after a shift {direction} by one level"
