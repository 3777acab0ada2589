"""Pages of a study's cases. What they show and do comes from the API."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from studies.cases.api import coordinated_case
from studies.cases.models import AORTA_VERDICTS, Case
from studies.cases.serial import case_json, outline_of
from studies.readers.access import coordinated, sites_of
from studies.readers.models import Membership

STATES = [("doubt", "levels in doubt"), *AORTA_VERDICTS.items(), *Case.State.choices]


@login_required
def cases(request: HttpRequest, slug: str) -> HttpResponse:
    membership = coordinated(request.user, slug)
    state, site, words = (request.GET.get(name, "") for name in ("state", "site", "q"))
    found = Case.objects.seen_by(membership)
    total = found.count()
    found = found.matching(state=state, site=site, words=words).listed()
    waiting = Case.objects.seen_by(membership).unfinished().count()
    context = {
        **_study_context(membership),
        "cases": [{**case_json(case), "outline": outline_of(case)} for case in found],
        "total": total,
        "waiting": waiting,
        "states": STATES,
        "sites": sites_of(membership),
        "chosen": {"state": state, "site": site, "q": words},
    }
    return render(request, "cases.html", context)


@login_required
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    membership = coordinated(request.user, slug)
    sites = [{"code": site.code, "name": site.name} for site in sites_of(membership)]
    data = {"study": slug, "api": "/api/v1/", "sites": sites}
    return render(request, "upload.html", {**_study_context(membership), "page_data": data})


@login_required
def deidentification_review(request: HttpRequest, slug: str) -> HttpResponse:
    data = {"study": slug, "api": "/api/v1/", "case": request.GET.get("case", "")}
    context = {**_study_context(coordinated(request.user, slug)), "page_data": data}
    return render(request, "deidentification.html", context)


@login_required
def case(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = coordinated_case(request.user, pk)
    data = {
        "case": str(found.pk),
        "api": "/api/v1/",
        "cases_url": reverse("cases", args=[found.study.slug]),
        "review_url": f"{reverse('deidentification-review', args=[found.study.slug])}?case={pk}",
    }
    context = {
        **_study_context(coordinated(request.user, found.study.slug)),
        "case": found,
        "page_data": data,
    }
    return render(request, "case.html", context)


def _study_context(membership: Membership) -> dict[str, object]:
    return {"study": membership.study, "membership": membership}
