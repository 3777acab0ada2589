"""Pages for administrators: the audit trail of the installation in sentences."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from studies.administration.trail_entries import COLUMNS, trail_entries, trail_rows
from studies.audit.kinds.table import kind_choices
from studies.audit.record import record
from studies.audit.trail import TrailFilters, all_events, in_batches, trail_page
from studies.readers.access import require_administrator
from studies.readers.models import User
from studies.readers.requests import UserRequest
from studies.reports.download_responses import csv_response
from studies.reports.files.tidy import lines_of_columns

MAX_USERNAME = 150


@login_required
def trail(request: UserRequest) -> HttpResponse:
    """Show one page of the audit trail."""
    require_administrator(request.user)
    filters, username, problem = _filters(request)
    page = trail_page(filters.apply(all_events()), request.GET.get("page", ""))
    context = {
        "filters": filters,
        "accounts_by_name": True,
        "username": username,
        "problem": problem,
        "groups": kind_choices(),
        "page": page,
        "entries": trail_entries(page.object_list),
        "query": filters.to_query(username if filters.person else ""),
    }
    return render(request, "administration/trail.html", context)


@login_required
def trail_csv(request: UserRequest) -> HttpResponseBase:
    """Download the audit trail with the filters of the page."""
    require_administrator(request.user)
    # Recorded first, so that the file contains its own download.
    record("data.downloaded", actor=request.user, subject="audit-trail")
    filters, _, _ = _filters(request)
    rows = trail_rows(in_batches(filters.apply(all_events())))
    return csv_response(lines_of_columns(COLUMNS, rows), "verteread-audit-trail.csv")


def _filters(request: UserRequest) -> tuple[TrailFilters, str, str]:
    """Return the filters, the username that was entered, and why it could not be used.

    People are selected by username, because an installation can have thousands of accounts.
    """
    username = request.GET.get("person", "").replace("\0", "").strip()[:MAX_USERNAME]
    account = User.objects.filter(username__iexact=username).first() if username else None
    key = str(account.pk) if account else ""
    query = {**request.GET.dict(), "person": key}
    problem = ""
    if username and account is None:
        problem = "There is no account with this username. Events of all people are shown."
    return TrailFilters.from_query(query, people={key}), username, problem
