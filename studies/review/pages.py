"""Pages of adjudication: its management, and the work list and cases of adjudicators."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from studies.errors import NotFound, StudyError
from studies.readers.access import require_coordinator, require_study_coordinator
from studies.readers.models import Membership, Role
from studies.readers.requests import UserRequest
from studies.review.access import review_membership
from studies.review.adjudication.representations import adjudication_page_json
from studies.review.adjudication.rounds import current_round, start_round
from studies.review.adjudication.versions import create_version, current_version
from studies.review.adjudication.work import (
    adjudicator_membership,
    get_adjudication,
    open_adjudication,
    work_list,
)
from studies.review.forms import RulesForm
from studies.review.models import ReferenceVersion

CASES_PER_PAGE = 50


@login_required
@never_cache
def adjudication(request: UserRequest, slug: str) -> HttpResponse:
    """Show rules, progress and reference standard versions to those who may see the scores."""
    membership = review_membership(request.user, slug)
    return _management(request, membership, RulesForm(membership.study))


@login_required
@require_POST
def start_adjudication(request: UserRequest, slug: str) -> HttpResponse:
    """Select the cases by the rules and open them for adjudication."""
    study = require_study_coordinator(request.user, slug)
    membership = require_coordinator(request.user, slug)
    form = RulesForm(study, request.POST)
    if form.is_valid():
        try:
            started = start_round(
                study=study, by=membership, arm=form.cleaned_data["arm"], rules=form.rules
            )
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            cases = started.adjudications.count()
            text = f"{cases} case{'' if cases == 1 else 's'} selected for adjudication."
            messages.success(request, f"{text} The adjudicators can start.")
            return redirect("adjudication", slug=slug)
    return _management(request, membership, form)


@login_required
@require_POST
def create_reference_version(request: UserRequest, slug: str) -> HttpResponse:
    """Create the next version of the reference standard."""
    study = require_study_coordinator(request.user, slug)
    try:
        version = create_version(study=study, by=require_coordinator(request.user, slug))
    except StudyError as error:
        messages.warning(request, error.message)
    else:
        messages.success(
            request,
            f"Reference standard version {version.number} created. Agreement and reports now "
            "compare each reader with it.",
        )
    return redirect("adjudication", slug=slug)


@login_required
@never_cache
def adjudicator_cases(request: UserRequest, slug: str) -> HttpResponse:
    """List the cases that an adjudicator has or may open."""
    membership = adjudicator_membership(request.user, slug)
    cases = work_list(membership)
    page = Paginator(cases, CASES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": membership.study,
        "membership": membership,
        "page": page,
        "total": page.paginator.count,
        "submitted": cases.filter(submitted_at__isnull=False).count(),
        "next": cases.filter(submitted_at=None).first(),
    }
    return render(request, "review/adjudicator_cases.html", context)


@login_required
@never_cache
def adjudicate(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Show a case with its score pad; the case belongs to the adjudicator from then on."""
    membership = adjudicator_membership(request.user, slug)
    if get_adjudication(request.user, pk)[0].pk != membership.pk:
        raise NotFound
    # A link that a browser fetches ahead must not take a case, so opening is a separate request.
    opened = open_adjudication(user=request.user, pk=pk) if request.method == "POST" else None
    if opened is not None:
        return redirect("adjudicate", slug=slug, pk=pk)
    _, case = get_adjudication(request.user, pk)
    if case.adjudicator_id != membership.pk:
        return redirect("adjudicator-cases", slug=slug)
    context = {
        "study": membership.study,
        "membership": membership,
        "adjudication": case,
        "total": case.round.adjudications.count(),
        "page_data": {
            **adjudication_page_json(case),
            "api": f"/api/v1/adjudications/{case.pk}/",
            "list": reverse("adjudicator-cases", args=[slug]),
        },
    }
    return render(request, "review/adjudicate.html", context)


def _management(request: UserRequest, membership: Membership, form: RulesForm) -> HttpResponse:
    study = membership.study
    round_ = current_round(study)
    cases = round_.adjudications if round_ else None
    versions = ReferenceVersion.objects.filter(study=study).select_related("created_by", "round")
    adjudicators = study.memberships.filter(role=Role.ADJUDICATOR, active=True)
    context = {
        "study": study,
        "membership": membership,
        "manages": membership.role == Role.COORDINATOR,
        "form": form,
        "round": round_,
        "total": cases.count() if cases else 0,
        "submitted": cases.filter(submitted_at__isnull=False).count() if cases else 0,
        "has_version": round_ is not None and round_.versions.exists(),
        "versions": versions.order_by("-number")[:CASES_PER_PAGE],
        "current": current_version(study),
        "adjudicators": adjudicators.count(),
    }
    return render(request, "review/adjudication.html", context)
