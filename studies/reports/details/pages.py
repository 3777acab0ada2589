"""The page on which a coordinator enters the report details."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from studies.errors import Conflict
from studies.readers.access import get_membership, require_study_coordinator
from studies.readers.requests import UserRequest
from studies.reports.details.forms import DetailsForm
from studies.reports.details.versions import change_details, current_details


@login_required
@never_cache
def report_details(request: UserRequest, slug: str) -> HttpResponse:
    """Show and change what only the coordinator can state in the report, before and after lock."""
    study = require_study_coordinator(request.user, slug)
    details = current_details(study)
    form = DetailsForm(
        request.POST or None,
        instance=details,
        initial={"version": details.version if details else 0},
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_details(
                study=study,
                by=request.user,
                version=form.cleaned_data["version"],
                texts=form.texts,
            )
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(
                request, "Report details saved. Reports created from now on state them."
            )
            return redirect("report-details", slug=slug)
    context = {
        "study": study,
        "membership": get_membership(request.user, slug),
        "form": form,
        # An invalid form has changed its instance in memory.
        "details": current_details(study),
    }
    return render(request, "reports/details/page.html", context)
