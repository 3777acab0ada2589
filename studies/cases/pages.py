"""Pages of a study's cases. What they show and do comes from the API."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from studies.cases.api import coordinated_case
from studies.cases.listing import (
    ORDERS,
    STATES,
    CaseFilters,
    case_page,
    case_place,
    count_cases,
)
from studies.cases.models import Case
from studies.cases.representations import case_json, outline_of
from studies.readers.access import accessible_sites, require_coordinator
from studies.readers.models import Membership
from studies.readers.requests import UserRequest


@login_required
def cases(request: UserRequest, slug: str) -> HttpResponse:
    membership = require_coordinator(request.user, slug)
    filters = CaseFilters.of(request.GET)
    sites = list(accessible_sites(membership))
    seen = Case.objects.seen_by(membership)
    counts = count_cases(seen, filters, [site.code for site in sites])
    page = case_page(seen, filters, request.GET.get("page", ""), counts.shown)
    context = {
        **_study_context(membership),
        "cases": [{**case_json(case), "outline": outline_of(case)} for case in page.cases],
        "page": page,
        "counts": counts,
        "states": [(name, words, counts.states[name]) for name, words in STATES.items()],
        "sites": [(site.code, site.name, counts.sites[site.code]) for site in sites],
        "orders": ORDERS.items(),
        "filters": filters,
        "query": filters.to_query(),
    }
    return render(request, "cases.html", context)


@login_required
def upload(request: UserRequest, slug: str) -> HttpResponse:
    membership = require_coordinator(request.user, slug)
    sites = [{"code": site.code, "name": site.name} for site in accessible_sites(membership)]
    data = {"study": slug, "api": "/api/v1/", "sites": sites}
    return render(request, "upload.html", {**_study_context(membership), "page_data": data})


@login_required
def deidentification_review(request: UserRequest, slug: str) -> HttpResponse:
    data = {"study": slug, "api": "/api/v1/", "case": request.GET.get("case", "")}
    context = {**_study_context(require_coordinator(request.user, slug)), "page_data": data}
    return render(request, "deidentification.html", context)


@login_required
def case(request: UserRequest, pk: UUID) -> HttpResponse:
    found = coordinated_case(request.user, pk)
    data = {
        "case": str(found.pk),
        "api": "/api/v1/",
        "cases_url": reverse("cases", args=[found.study.slug]),
        "review_url": f"{reverse('deidentification-review', args=[found.study.slug])}?case={pk}",
    }
    membership = require_coordinator(request.user, found.study.slug)
    filters = CaseFilters.of(request.GET)
    context = {
        **_study_context(membership),
        "case": found,
        "place": case_place(Case.objects.seen_by(membership), filters, found),
        "query": filters.to_query(),
        "page_data": data,
    }
    return render(request, "case.html", context)


def _study_context(membership: Membership) -> dict[str, object]:
    return {"study": membership.study, "membership": membership}
