"""Pages of a study's cases: list, upload, de-identification review and one case."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from studies.cases.access import get_coordinated_case
from studies.cases.landmarks.repeated_analyses import repeat_analyses
from studies.cases.listing import (
    ORDERS,
    STATES,
    CaseFilters,
    count_cases,
    find_case_position,
    read_case_page,
)
from studies.cases.models import Case, Upload
from studies.cases.queueing import queue_analyses
from studies.cases.representations.cases import case_json, outline_json
from studies.readers.access import (
    accessible_sites,
    require_coordinator,
    require_study_coordinator,
)
from studies.readers.models import Membership
from studies.readers.requests import UserRequest
from studies.registry.usability import name_cases


@login_required
def cases(request: UserRequest, slug: str) -> HttpResponse:
    """Show one page of the cases that match the filters."""
    membership = require_coordinator(request.user, slug)
    filters = CaseFilters.from_query(request.GET)
    sites = list(accessible_sites(membership))
    visible = Case.objects.seen_by(membership)
    counts = count_cases(visible, filters, [site.code for site in sites])
    page = read_case_page(visible, filters, request.GET.get("page", ""), counts.shown)
    context = {
        **_study_context(membership),
        "cases": [{**case_json(case), "outline": outline_json(case)} for case in page.cases],
        "page": page,
        "counts": counts,
        "states": [
            (name, label, counts.states[name])
            for name, label in STATES.items()
            # Only this arm needs confirmed corners.
            if name != "unconfirmed" or membership.study.has_corrected_arm
        ],
        "sites": [(site.code, site.name, counts.sites[site.code]) for site in sites],
        "orders": ORDERS.items(),
        "filters": filters,
        "query": filters.to_query(),
    }
    return render(request, "cases/cases.html", context)


@login_required
def upload(request: UserRequest, slug: str) -> HttpResponse:
    """Show the page that uploads files, which works through the API."""
    membership = require_coordinator(request.user, slug)
    sites = [{"code": site.code, "name": site.name} for site in accessible_sites(membership)]
    data = {
        "study": slug,
        "api": "/api/v1/",
        "sites": sites,
        "has_uploads": Upload.objects.of(request.user, membership.study).exists(),
    }
    return render(request, "cases/upload.html", {**_study_context(membership), "page_data": data})


@login_required
def deidentification_review(request: UserRequest, slug: str) -> HttpResponse:
    """Show the images that are pending de-identification review, one after the other."""
    data = {"study": slug, "api": "/api/v1/", "case": request.GET.get("case", "")}
    context = {**_study_context(require_coordinator(request.user, slug)), "page_data": data}
    return render(request, "cases/deidentification.html", context)


@login_required
def case(request: UserRequest, pk: UUID) -> HttpResponse:
    """Show one case with its image and landmarks, and links to its neighbours in the list."""
    case = get_coordinated_case(request.user, pk)
    slug = case.study.slug
    membership = require_coordinator(request.user, slug)
    filters = CaseFilters.from_query(request.GET)
    data = {
        "case": str(case.pk),
        "api": "/api/v1/",
        "cases_url": reverse("cases", args=[slug]),
        "review_url": f"{reverse('deidentification-review', args=[slug])}?case={pk}",
    }
    context = {
        **_study_context(membership),
        "case": case,
        "position": find_case_position(Case.objects.seen_by(membership), filters, case),
        "query": filters.to_query(),
        "page_data": data,
    }
    return render(request, "cases/case.html", context)


@login_required
@require_POST
def repeat_analyses_page(request: UserRequest, slug: str) -> HttpResponse:
    """Analyse the unassigned cases with other weights again, with the model of the study."""
    study = require_study_coordinator(request.user, slug)
    with transaction.atomic():
        other = repeat_analyses(study=study, actor=request.user)
        # On commit, because a worker must not look for the rows before they are there.
        transaction.on_commit(lambda: queue_analyses(other.cases))
    text = f"{len(other.cases)} case{'' if len(other.cases) == 1 else 's'} will be analysed again."
    if other.left_alone:
        text += (
            f" Left as they are, because a person corrected or confirmed their landmarks: "
            f"{name_cases(list(other.left_alone))}."
        )
    messages.success(request, text)
    return redirect("study-models", slug=slug)


def _study_context(membership: Membership) -> dict[str, object]:
    return {"study": membership.study, "membership": membership}
