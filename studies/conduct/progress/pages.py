"""Progress by period and by case, as pages and CSV."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from studies.audit.record import record
from studies.conduct.progress import by_case, by_period
from studies.conduct.progress.forecast import PACE_DAYS
from studies.readers.access import require_coordinator
from studies.readers.requests import UserRequest
from studies.reports.download_responses import csv_response
from studies.reports.files.tidy import lines_of_columns

ALL_CASES = "all"


@login_required
def progress_by_period(request: UserRequest, slug: str) -> HttpResponse:
    """Show each reader in each period: what is left, at which pace, and until when."""
    membership = require_coordinator(request.user, slug)
    page = by_period.reader_page(membership, request.GET.get("page", ""))
    context = {
        "study": membership.study,
        "membership": membership,
        "page": page,
        "rows": by_period.period_progress(membership, list(page.object_list)),
        "pace_days": PACE_DAYS,
    }
    return render(request, "conduct/progress_by_period.html", context)


@login_required
def progress_by_period_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    """Download the progress of all readers."""
    membership = require_coordinator(request.user, slug)
    record("data.downloaded", actor=request.user, study=membership.study, subject="progress")
    lines = lines_of_columns(by_period.COLUMNS, by_period.period_rows(membership))
    return csv_response(lines, f"verteread-{slug}-progress-by-period.csv")


@login_required
def progress_by_case(request: UserRequest, slug: str) -> HttpResponse:
    """Show what each case waits for."""
    membership = require_coordinator(request.user, slug)
    everything = request.GET.get("show", "") == ALL_CASES
    page = by_case.case_page(membership, request.GET.get("page", ""), waiting=not everything)
    context = {
        "study": membership.study,
        "membership": membership,
        "page": page,
        "rows": by_case.case_progress(membership, list(page.object_list)),
        "everything": everything,
        "query": f"show={ALL_CASES}" if everything else "",
    }
    return render(request, "conduct/progress_by_case.html", context)


@login_required
def progress_by_case_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    """Download what all cases wait for."""
    membership = require_coordinator(request.user, slug)
    record("data.downloaded", actor=request.user, study=membership.study, subject="case-progress")
    rows = by_case.case_rows(membership, waiting=False)
    lines = lines_of_columns(by_case.COLUMNS, rows)
    return csv_response(lines, f"verteread-{slug}-progress-by-case.csv")
