"""Pages of the linkage list, for coordinators; each access is in the audit trail."""

from __future__ import annotations

import csv
import io

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from studies.audit.record import record
from studies.cases.linkage.encryption import has_key
from studies.cases.linkage.entries import (
    delete_linkage,
    entry_page,
    keep_linkage,
    read_entries,
    visible_entries,
)
from studies.readers.access import require_coordinator, require_study_coordinator
from studies.readers.requests import UserRequest
from studies.spreadsheets import escape_formula

COLUMNS = ("case", "case_site", "patient_id", "accession_number", "file_name")


@login_required
def linkage(request: UserRequest, slug: str) -> HttpResponse:
    """Show whether the study keeps a linkage list, without any identifier."""
    membership = require_coordinator(request.user, slug)
    study = membership.study
    context = {
        "study": study,
        "membership": membership,
        "has_key": has_key(),
        "has_cases": study.cases.exists(),
        "entries": visible_entries(membership).count(),
    }
    return render(request, "cases/linkage.html", context)


@login_required
@never_cache
def linkage_list(request: UserRequest, slug: str) -> HttpResponse:
    """Show one page of the list."""
    membership = require_coordinator(request.user, slug)
    page = entry_page(membership, request.GET.get("page", ""))
    rows = read_entries(page.object_list)
    record("linkage.viewed", actor=request.user, study=membership.study, entries=len(rows))
    context = {"study": membership.study, "membership": membership, "page": page, "rows": rows}
    return render(request, "cases/linkage_list.html", context)


@login_required
@never_cache
def linkage_csv(request: UserRequest, slug: str) -> HttpResponse:
    """Download the list as CSV."""
    membership = require_coordinator(request.user, slug)
    rows = read_entries(visible_entries(membership))
    record("linkage.downloaded", actor=request.user, study=membership.study, entries=len(rows))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        values = (row.case, row.site, row.patient_id, row.accession_number, row.file_name)
        writer.writerow([escape_formula(value) for value in values])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="verteread-{slug}-linkage.csv"'
    return response


@login_required
@require_POST
def keep_linkage_page(request: UserRequest, slug: str) -> HttpResponse:
    """Switch the linkage list on."""
    keep_linkage(study=require_study_coordinator(request.user, slug), by=request.user)
    messages.success(
        request, "Linkage list switched on. Identifiers of uploaded files are kept from now on."
    )
    return redirect("linkage", slug=slug)


@login_required
@require_POST
def delete_linkage_page(request: UserRequest, slug: str) -> HttpResponse:
    """Delete the list and switch it off."""
    count = delete_linkage(study=require_study_coordinator(request.user, slug), by=request.user)
    entries = f"{count} entr{'y' if count == 1 else 'ies'}"
    messages.success(request, f"Linkage list deleted: {entries}. Cases and readings are unchanged.")
    return redirect("linkage", slug=slug)
