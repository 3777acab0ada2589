"""The plan of a study as CSV, before and after assignment, for coordinators of the whole study."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from studies.audit.record import record
from studies.conduct.plan.rows import COLUMNS, preview_rows, stored_rows
from studies.readers.access import require_study_coordinator
from studies.readers.requests import UserRequest
from studies.reports.download_responses import csv_response
from studies.reports.files.tidy import lines_of_columns
from studies.sessions.assignment.preview import pace_or_default, preview_assignment


@login_required
@require_GET
def plan_preview_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    """Download the readings that would be assigned now."""
    study = require_study_coordinator(request.user, slug)
    pace, _ = pace_or_default(request.GET.get("readings_per_week", ""))
    preview = preview_assignment(study)
    record("data.downloaded", actor=request.user, study=study, subject="plan-preview")
    lines = lines_of_columns(COLUMNS, preview_rows(study, preview, pace))
    return csv_response(lines, f"verteread-{slug}-plan-preview.csv")


@login_required
@require_GET
def plan_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    """Download the assigned readings, with the days on which the remaining ones are expected."""
    study = require_study_coordinator(request.user, slug)
    pace, _ = pace_or_default(request.GET.get("readings_per_week", ""))
    record("data.downloaded", actor=request.user, study=study, subject="plan")
    lines = lines_of_columns(COLUMNS, stored_rows(study, pace))
    return csv_response(lines, f"verteread-{slug}-plan.csv")
