"""The study log: the audit trail of a study in sentences, for its coordinators."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from studies.audit.kinds.kind import About
from studies.audit.kinds.table import kind_choices
from studies.audit.record import record
from studies.audit.trail import BY_SYSTEM, TrailFilters, in_batches, trail_page
from studies.conduct.log.entries import LOG_COLUMNS, log_entries, log_rows
from studies.conduct.log.visible import people_to_filter_by, visible_events, visible_people
from studies.readers.access import require_coordinator
from studies.readers.models import Membership
from studies.readers.requests import UserRequest
from studies.reports.download_responses import csv_response
from studies.reports.files.tidy import lines_of_columns


@login_required
def study_log(request: UserRequest, slug: str) -> HttpResponse:
    """Show one page of the log."""
    membership = require_coordinator(request.user, slug)
    filters = _filters(request, membership)
    page = trail_page(filters.apply(visible_events(membership)), request.GET.get("page", ""))
    context = {
        "study": membership.study,
        "membership": membership,
        "filters": filters,
        "people": [(str(key), person) for key, person in people_to_filter_by(membership).items()],
        "by_system": BY_SYSTEM,
        "groups": kind_choices(without=About.INSTALLATION),
        "page": page,
        "entries": log_entries(
            page.object_list, membership=membership, people=visible_people(membership)
        ),
    }
    return render(request, "conduct/log.html", context)


@login_required
def study_log_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    """Download the log with the filters of the page."""
    membership = require_coordinator(request.user, slug)
    # Recorded first, so that the file contains its own download.
    record("data.downloaded", actor=request.user, study=membership.study, subject="study-log")
    events = _filters(request, membership).apply(visible_events(membership))
    rows = log_rows(in_batches(events), membership=membership, people=visible_people(membership))
    return csv_response(lines_of_columns(LOG_COLUMNS, rows), f"verteread-{slug}-log.csv")


def _filters(request: UserRequest, membership: Membership) -> TrailFilters:
    people = {str(key) for key in people_to_filter_by(membership)}
    return TrailFilters.from_query(request.GET, people=people)
