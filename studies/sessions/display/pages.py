"""The coordinator's waiver of display checks, on the page of the readers' progress."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from studies.errors import NotFound, StudyError
from studies.readers.access import accessible_readers, require_study_coordinator
from studies.readers.models import Membership, Role
from studies.readers.requests import UserRequest
from studies.sessions.display.checks import waive_display_check
from studies.sessions.display.summary import has_display_checks, reader_display_checks


@login_required
@require_POST
def waive_display_check_page(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Let a reader read without display checks, with a reason."""
    study = require_study_coordinator(request.user, slug)
    reader = Membership.objects.filter(study=study, pk=pk, role=Role.READER).first()
    if reader is None:
        raise NotFound
    try:
        waive_display_check(reader=reader, by=request.user, reason=request.POST.get("reason", ""))
    except StudyError as error:
        messages.error(request, error.message)
    else:
        text = f"Display check of {reader.label} waived. {reader.label} can now read without it."
        messages.success(request, text)
    return redirect(reverse("progress", args=[slug]) + "#display-checks")


def display_section(membership: Membership) -> dict[str, object]:
    """Return what the page of the readers' progress shows of their display checks."""
    if not has_display_checks(membership.study):
        return {}
    return {"display_checks": reader_display_checks(accessible_readers(membership))}
