"""Review of disagreements after the lock: the ranked list, and one case with two score pads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from studies.analytics.coefficients.kappa import WEIGHTS
from studies.analytics.ratings import reader_pairs
from studies.analytics.study.disagreements.ranking import shift_hints
from studies.errors import StudyError
from studies.readers.requests import UserRequest
from studies.reports.disagreements.ranking import (
    CASES_PER_PAGE,
    DisagreementFilters,
    describe_shift,
    disagreement_rows,
    farthest_pair,
    filtered_table,
    parse_disagreement_filters,
    rank_cases,
)
from studies.reports.document.formatting import arm_name, outcome_name, weights_name
from studies.reports.filters import PAIR_SEPARATOR
from studies.reports.pages.pairs import page_number
from studies.reports.snapshot import NoReadings, Snapshot, current_snapshot, snapshot_or_conflict
from studies.review.access import get_reviewed_case, review_membership
from studies.review.case_readings import reviewed_case_json
from studies.review.notes import MAX_NOTE_LENGTH, add_note, count_notes, notes_of
from studies.review.reopening.actions import pending_reopening


@login_required
@never_cache
def disagreements(request: UserRequest, slug: str) -> HttpResponse:
    """List the cases of a locked study by decreasing disagreement."""
    membership = review_membership(request.user, slug)
    study = membership.study
    context: dict[str, Any] = {"study": study, "membership": membership}
    if not study.locked:
        return render(request, "review/not_locked.html", context)
    try:
        snapshot = current_snapshot(study)
    except NoReadings:
        return render(request, "reports/no_readings.html", context)
    filters = parse_disagreement_filters(request.GET, snapshot.table, snapshot.summary)
    table = filtered_table(snapshot.table, filters)
    ranked = rank_cases(table, filters)
    pages = max(1, -(-len(ranked) // CASES_PER_PAGE))
    number = page_number(request.GET.get("page", ""), pages)
    start = (number - 1) * CASES_PER_PAGE
    shown = ranked[start : start + CASES_PER_PAGE]
    notes = count_notes(study, [row.case for row in shown])
    rows = disagreement_rows(table, filters, shown, start)
    context |= _filter_context(snapshot, filters) | {
        "rows": [(row, notes.get(row.case.case, 0)) for row in rows],
        "pending_reopening": pending_reopening(study),
        "count": len(ranked),
        "first": start + 1,
        "last": start + len(shown),
        "number": number,
        "pages": pages,
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if number < pages else None,
    }
    return render(request, "review/disagreements.html", context)


@login_required
@never_cache
def disagreement(request: UserRequest, slug: str, label: str) -> HttpResponse:
    """Show the image of one case with the readings that disagree, and its notes."""
    membership, case = get_reviewed_case(request.user, slug, label)
    snapshot = snapshot_or_conflict(membership.study)
    filters = parse_disagreement_filters(request.GET, snapshot.table, snapshot.summary)
    ranked = rank_cases(filtered_table(snapshot.table, filters), filters)
    labels = [row.case for row in ranked]
    # A case that does not match the filters can still be opened, without a place in the list.
    index = labels.index(label) if label in labels else None
    data = reviewed_case_json(case, filters.arm or "")
    context = {
        "study": membership.study,
        "membership": membership,
        "case": case,
        "has_traces": any(reading["traces"] for reading in data["readings"]),
        "query": filters.query,
        "outcome_name": outcome_name(filters.outcome),
        "arm_name": arm_name(filters.arm),
        "row": None if index is None else ranked[index],
        "number": None if index is None else index + 1,
        "total": len(ranked),
        "list_page": 1 if index is None else index // CASES_PER_PAGE + 1,
        "previous": labels[index - 1] if index else None,
        "next": labels[index + 1] if index is not None and index + 1 < len(labels) else None,
        "notes": list(notes_of(case)),
        "max_note_length": MAX_NOTE_LENGTH,
        "page_data": {
            **data,
            "pixels": reverse("api-review-pixels", args=[slug, label]),
            "pair": list(_opening_pair(snapshot, filters, label)),
            "hints": _hints(snapshot, filters, label),
        },
    }
    return render(request, "review/disagreement.html", context)


@login_required
@require_POST
def add_note_page(request: UserRequest, slug: str, label: str) -> HttpResponse:
    """Add a note to a case, and return to it with the same filters."""
    membership, case = get_reviewed_case(request.user, slug, label)
    snapshot = snapshot_or_conflict(membership.study)
    filters = parse_disagreement_filters(request.GET, snapshot.table, snapshot.summary)
    try:
        add_note(case=case, by=membership, text=request.POST.get("text", ""))
    except StudyError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "Note added.")
    return redirect(f"{reverse('disagreement', args=[slug, label])}?{filters.query}")


def _filter_context(snapshot: Snapshot, filters: DisagreementFilters) -> dict[str, Any]:
    table = snapshot.table
    pairs = reader_pairs(table, filters.arm)
    site_names = {site.code: site.name for site in snapshot.summary.sites}
    codes = sorted(set(table.case_site) - {""})
    scanners = sorted(set(table.case_scanner) - {""})
    return {
        "filters": filters,
        "query": filters.query,
        "outcome_name": outcome_name(filters.outcome),
        "outcomes": [(outcome, outcome_name(outcome)) for outcome in table.outcomes],
        "weights": [(weights, weights_name(weights).capitalize()) for weights in WEIGHTS],
        "arms": [(arm, arm_name(arm)) for arm in table.arms] if len(table.arms) > 1 else [],
        "sites": [(code, site_names.get(code, code)) for code in codes] if len(codes) > 1 else [],
        "scanners": scanners if len(scanners) > 1 else [],
        "pairs": [(PAIR_SEPARATOR.join(pair), " and ".join(pair)) for pair in pairs],
        "selected_pair": PAIR_SEPARATOR.join(filters.pair or ()),
    }


def _opening_pair(snapshot: Snapshot, filters: DisagreementFilters, label: str) -> Sequence[str]:
    """Return the pair of readers to show first: the selected one, or the one farthest apart."""
    table = snapshot.table
    if filters.pair or label not in table.cases:
        return filters.pair or ()
    return farthest_pair(table, filters, label)


def _hints(snapshot: Snapshot, filters: DisagreementFilters, label: str) -> list[dict[str, Any]]:
    """Return the level shifts of a case in words, with the readers concerned."""
    if label not in snapshot.table.cases:
        return []
    pairs = reader_pairs(snapshot.table, filters.arm)
    hints = shift_hints(snapshot.table, filters.arm, pairs, [label])
    return [{"readers": list(hint.readers), "text": describe_shift(hint)} for hint in hints]
