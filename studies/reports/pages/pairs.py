"""Tables of reader pairs: an excerpt on the agreement page, all pairs on paginated pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from studies.errors import NotFound
from studies.readers.requests import UserRequest
from studies.reports.disagreements.links import review_link
from studies.reports.document.plots.forest import pairs_by_kappa
from studies.reports.document.tables import agreement_tables, measured_tables
from studies.reports.document.tables.text_table import RowSubject, TextTable
from studies.reports.filters import Selection, parse_selection
from studies.reports.report_runs import get_unmasked_study, statistics_membership
from studies.reports.snapshot import snapshot_or_conflict

PAIRS_ON_PAGE: Final = 25
"""Pairs in each table of the agreement page; of more pairs, those with the lowest kappa."""
PAIRS_PER_PAGE: Final = 100
KINDS: Final = ("kappa", "totals", "readable", "aac8", "measured", "lengths")

ORDERED_BY: Final = {
    "totals": "aac24",
    "aac8": "aac8",
    "measured": "measured_cells",
    "lengths": "measured_cells",
}
"""Outcome whose kappa orders the pairs of a kind of table, unless it is the selected one."""

Pairs = Sequence[tuple[str, str]] | None


@dataclass(frozen=True)
class ShortTable(TextTable):
    """A table of some of the pairs; ``kind`` names the page that lists all ``pair_count``."""

    kind: str = ""
    pair_count: int = 0


@login_required
@never_cache
def pairs(request: UserRequest, slug: str, kind: str) -> HttpResponse:
    """List all pairs of readers of a selection, PAIRS_PER_PAGE on a page."""
    if kind not in KINDS:
        raise NotFound
    membership = statistics_membership(request.user, slug)
    snapshot = snapshot_or_conflict(get_unmasked_study(request.user, slug))
    selection = parse_selection(request.GET, snapshot)
    all_pairs = agreement_tables.pairs_of(selection.results)
    # Rounded up; without pairs there is one empty page.
    pages = max(1, -(-len(all_pairs) // PAIRS_PER_PAGE))
    number = page_number(request.GET.get("page", ""), pages)
    start = (number - 1) * PAIRS_PER_PAGE
    shown = all_pairs[start : start + PAIRS_PER_PAGE]
    context = {
        "study": membership.study,
        "membership": membership,
        "query": selection.filters.query,
        "table": template_table(table_of(selection, kind, shown), review_link(selection)),
        "first": start + 1,
        "last": start + len(shown),
        "count": len(all_pairs),
        "number": number,
        "pages": pages,
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if number < pages else None,
    }
    return render(request, "reports/pairs/pairs.html", context)


def page_number(text: str, pages: int) -> int:
    """Return the requested page number, limited to 1 to ``pages``; 1 for invalid text."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
    return min(max(number, 1), pages)


def first_pairs(selection: Selection, kind: str) -> TextTable:
    """Return a table of all pairs or, of more than PAIRS_ON_PAGE, those with the lowest kappa."""
    all_pairs = agreement_tables.pairs_of(selection.results)
    if len(all_pairs) <= PAIRS_ON_PAGE:
        return table_of(selection, kind, None)
    order = {"outcome": selection.filters.outcome, "weights": selection.filters.weights}
    if kind == "readable":
        order = {"outcome": "readable", "weights": "none"}
    if kind in ORDERED_BY:
        order["outcome"] = ORDERED_BY[kind]
    lowest = pairs_by_kappa(selection.results, **order)[:PAIRS_ON_PAGE]
    short = table_of(selection, kind, lowest or all_pairs[:PAIRS_ON_PAGE])
    note = f"The {PAIRS_ON_PAGE} of {len(all_pairs):,} pairs with the lowest kappa, lowest first."
    fields = {**vars(short), "caption": f"{short.caption} {note}"}
    return ShortTable(**fields, kind=kind, pair_count=len(all_pairs))


def table_of(selection: Selection, kind: str, shown: Pairs) -> TextTable:
    """Return the table of a kind (one of KINDS) for the given pairs, or for all if None."""
    results, filters = selection.results, selection.filters
    if kind == "totals":
        return agreement_tables.totals_table(results, pairs=shown)
    if kind == "aac8":
        return agreement_tables.totals_table(results, outcome="aac8", pairs=shown)
    if kind == "measured":
        return measured_tables.measured_pair_table(results, weights=filters.weights, pairs=shown)
    if kind == "lengths":
        return measured_tables.length_table(selection.table, results, pairs=shown)
    if kind == "readable":
        return agreement_tables.pair_table(results, outcome="readable", weights="none", pairs=shown)
    return agreement_tables.pair_table(
        results, outcome=filters.outcome, weights=filters.weights, pairs=shown
    )


def template_table(
    table: TextTable, link: Callable[[RowSubject], str] | None = None
) -> dict[str, Any]:
    """Return a table for the template: each cell as its text and whether it holds a number.

    ``link`` returns the address of the cases behind a row.
    """
    links = [link(subject) for subject in table.subjects] if link else []
    rows = [
        {
            "cells": [(text, column >= table.text_columns) for column, text in enumerate(row)],
            "strong": number in table.strong,
            "link": links[number] if links else "",
        }
        for number, row in enumerate(table.rows)
    ]
    header = [(text, column >= table.text_columns) for column, text in enumerate(table.header)]
    short = table if isinstance(table, ShortTable) else None
    return {
        "title": table.title,
        "caption": table.caption,
        "header": header,
        "rows": rows,
        "note": table.note,
        "method": table.method,
        "kind": short.kind if short else "",
        "pair_count": short.pair_count if short else 0,
    }
