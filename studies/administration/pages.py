"""Pages for administrators: overview with health and versions, and the list of studies."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from studies.administration.backups import last_backup
from studies.administration.health import check_health
from studies.administration.study_list import study_page, study_rows
from studies.administration.versions import read_versions
from studies.readers.access import require_administrator
from studies.readers.requests import UserRequest


@login_required
def overview(request: UserRequest) -> HttpResponse:
    """Show health, storage, backup and versions."""
    require_administrator(request.user)
    health = check_health()
    parts = [
        ("Database", health.database),
        ("File storage", health.storage),
        ("Broker", health.broker),
    ]
    context = {
        "health": health,
        "parts": parts,
        "last_backup": last_backup(),
        "versions": read_versions(),
    }
    return render(request, "administration/overview.html", context)


@login_required
def studies(request: UserRequest) -> HttpResponse:
    """Show all studies with their state and numbers."""
    require_administrator(request.user)
    page = study_page(request.GET.get("page", ""))
    rows = study_rows(list(page.object_list), check_health().use)
    return render(request, "administration/studies.html", {"page": page, "rows": rows})
