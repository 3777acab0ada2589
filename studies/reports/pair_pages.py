"""The tables of pairs of readers: a few on the agreement page, all of them in pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from studies.errors import NotFound
from studies.readers.requests import UserRequest
from studies.reports.document.plots.forest import pairs_by_kappa
from studies.reports.document.tables import agreement_tables
from studies.reports.filters import Chosen, chosen_from
from studies.reports.report_runs import seeing_scores, statistics_membership
from studies.reports.snapshot import cut_or_conflict

PAIRS_ON_PAGE: Final = 25
"""How many pairs the agreement page lists in each table; where there are more, the lowest."""
PAIRS_AT_ONCE: Final = 100
KINDS: Final = ("kappa", "totals", "readable")

Pairs = Sequence[tuple[str, str]] | None


@dataclass(frozen=True)
class ShortTable(agreement_tables.TextTable):
    """A table of some of the pairs; ``kind`` names the page that lists all ``pair_count``."""

    kind: str = ""
    pair_count: int = 0


@login_required
@never_cache
def pairs(request: UserRequest, slug: str, kind: str) -> HttpResponse:
    """All pairs of readers of what is chosen in the address, a page at a time."""
    if kind not in KINDS:
        raise NotFound
    membership = statistics_membership(request.user, slug)
    chosen = chosen_from(request.GET, cut_or_conflict(seeing_scores(request.user, slug)))
    every = agreement_tables.pairs_of(chosen.found)
    pages = max(1, -(-len(every) // PAIRS_AT_ONCE))
    number = page_number(request.GET.get("page", ""), pages)
    start = (number - 1) * PAIRS_AT_ONCE
    shown = every[start : start + PAIRS_AT_ONCE]
    context = {
        "study": membership.study,
        "membership": membership,
        "query": chosen.choice.query,
        "table": cells_of(table_of(chosen, kind, shown)),
        "first": start + 1,
        "last": start + len(shown),
        "count": len(every),
        "number": number,
        "pages": pages,
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if number < pages else None,
    }
    return render(request, "reports/pairs.html", context)


def page_number(text: str, pages: int) -> int:
    """Return the number of a page, the nearest one where the text names none."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
    return min(max(number, 1), pages)


def first_pairs(chosen: Chosen, kind: str) -> agreement_tables.TextTable:
    """Return a table of all pairs where they are few, or of those with the lowest kappa."""
    every = agreement_tables.pairs_of(chosen.found)
    if len(every) <= PAIRS_ON_PAGE:
        return table_of(chosen, kind, None)
    of = {"outcome": chosen.choice.outcome, "weights": chosen.choice.weights}
    if kind == "readable":
        of = {"outcome": "readable", "weights": "none"}
    if kind == "totals":
        of["outcome"] = "aac24"
    lowest = pairs_by_kappa(chosen.found, **of)[:PAIRS_ON_PAGE]
    short = table_of(chosen, kind, lowest or every[:PAIRS_ON_PAGE])
    which = f"The {PAIRS_ON_PAGE} of {len(every):,} pairs with the lowest kappa, lowest first."
    fields = {**vars(short), "caption": f"{short.caption} {which}"}
    return ShortTable(**fields, kind=kind, pair_count=len(every))


def table_of(chosen: Chosen, kind: str, shown: Pairs) -> agreement_tables.TextTable:
    """Return the table of a kind with these pairs, or with all."""
    found, choice = chosen.found, chosen.choice
    if kind == "totals":
        return agreement_tables.totals_table(found, pairs=shown)
    if kind == "readable":
        return agreement_tables.pair_table(found, outcome="readable", weights="none", pairs=shown)
    return agreement_tables.pair_table(
        found, outcome=choice.outcome, weights=choice.weights, pairs=shown
    )


def cells_of(table: agreement_tables.TextTable) -> dict[str, Any]:
    """Return a table as the template takes it: each cell with whether it is a number."""
    rows = [
        {
            "cells": [(text, place >= table.text_columns) for place, text in enumerate(row)],
            "strong": number in table.strong,
        }
        for number, row in enumerate(table.rows)
    ]
    header = [(text, place >= table.text_columns) for place, text in enumerate(table.header)]
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
