"""Links from the agreement page to the cases behind a row or a cell of the confusion matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from studies.analytics.outcomes import category_labels
from studies.analytics.ratings import pair_of
from studies.reports.document.formatting import arm_name, outcome_name
from studies.reports.document.tables.text_table import RowSubject
from studies.reports.filters import PAIR_SEPARATOR, Selection


@dataclass(frozen=True, slots=True)
class Crosstab:
    """Scores of two readers in one arm: for each cell, the count and the link to its cases."""

    caption: str
    readers: tuple[str, str]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[int, str], ...]], ...]


def review_link(selection: Selection) -> Callable[[RowSubject], str] | None:
    """Return a function for the address of the cases behind a row; None before the lock."""
    if not _is_locked(selection):
        return None

    def link(subject: RowSubject) -> str:
        pair = PAIR_SEPARATOR.join(subject.readers)
        arm = subject.arm or selection.filters.subset.arm
        return _address(selection, subject.outcome, subject.weights, arm, pair, {})

    return link


def confusion_links(selection: Selection) -> list[Crosstab]:
    """Return a table of the selected pair for each arm; empty before the lock.

    Categories that neither reader used are left out.
    """
    pair, outcome = selection.filters.pair, selection.filters.outcome
    if pair is None or not _is_locked(selection):
        return []
    labels = category_labels(outcome)
    tables = []
    for arm in selection.results.arms:
        if pair not in selection.results.pairs[arm]:
            continue
        items = pair_of(selection.table, outcome, arm, pair)
        counts = Counter(zip(items.first.tolist(), items.second.tolist(), strict=True))
        used = sorted({category for cell in counts for category in cell})
        name, joined = selection.filters.weights, PAIR_SEPARATOR.join(pair)
        rows = []
        for first in used:
            cells = []
            for second in used:
                cell = {"first": str(first), "second": str(second)}
                link = _address(selection, outcome, name, arm or "", joined, cell)
                cells.append((counts[first, second], link if counts[first, second] else ""))
            rows.append((labels[first], tuple(cells)))
        caption = f"{outcome_name(outcome)}, {arm_name(arm).lower()}: {pair[0]} (rows), {pair[1]}"
        columns = tuple(labels[category] for category in used)
        tables.append(Crosstab(caption, pair, columns, tuple(rows)))
    return tables


def _is_locked(selection: Selection) -> bool:
    # The review shows readers' scores case by case and stays closed during an interim look.
    return selection.snapshot.summary.locked_at is not None


def _address(
    selection: Selection, outcome: str, weights: str, arm: str, pair: str, cell: dict[str, Any]
) -> str:
    subset = selection.filters.subset
    fields = {
        "outcome": outcome,
        "weights": weights,
        "arm": arm,
        "pair": pair,
        "site": subset.site,
        "scanner": subset.scanner,
        **cell,
    }
    query = urlencode({name: value for name, value in fields.items() if value})
    slug = selection.snapshot.summary.slug
    return f"{reverse('disagreements', args=[slug])}?{query}"
