"""The page on which two people reopen a locked study."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from studies.errors import StudyError
from studies.readers.models import Role
from studies.readers.requests import UserRequest
from studies.review.access import review_membership
from studies.review.reopening.actions import (
    MAX_REASON_LENGTH,
    OTHER_ROLE,
    confirm_reopening,
    confirmed_reopenings,
    pending_reopening,
    request_reopening,
    withdraw_reopening,
)


@login_required
@never_cache
def reopening(request: UserRequest, slug: str) -> HttpResponse:
    """Show the reopenings of a study, and the form to request or confirm one."""
    membership = review_membership(request.user, slug)
    pending = pending_reopening(membership.study)
    context = {
        "study": membership.study,
        "membership": membership,
        "pending": pending,
        "may_confirm": pending is not None and membership.role != pending.requested_role,
        "other_role": OTHER_ROLE[Role(membership.role)].label.lower(),
        "reopenings": confirmed_reopenings(membership.study),
        "max_length": MAX_REASON_LENGTH,
    }
    return render(request, "review/reopening.html", context)


@login_required
@require_POST
def request_page(request: UserRequest, slug: str) -> HttpResponse:
    """Request that the study be reopened."""
    membership = review_membership(request.user, slug)
    reason = request.POST.get("reason", "")
    try:
        request_reopening(study=membership.study, by=membership, reason=reason)
    except StudyError as error:
        messages.warning(request, error.message)
    else:
        other = OTHER_ROLE[Role(membership.role)].label.lower()
        messages.success(request, f"Request recorded. A {other} of the study has to confirm it.")
    return redirect("reopening", slug=slug)


@login_required
@require_POST
def confirm_page(request: UserRequest, slug: str) -> HttpResponse:
    """Confirm the request, which reopens the study."""
    membership = review_membership(request.user, slug)
    confirm_reopening(study=membership.study, by=membership)
    messages.success(
        request,
        "The study is reopened and paused, and its scores are masked again. A coordinator can "
        "open it for reading or lock it again.",
    )
    return redirect("reopening", slug=slug)


@login_required
@require_POST
def withdraw_page(request: UserRequest, slug: str) -> HttpResponse:
    """Withdraw or decline the request."""
    membership = review_membership(request.user, slug)
    withdraw_reopening(study=membership.study, by=membership)
    messages.success(request, "Request withdrawn. The study stays locked.")
    return redirect("reopening", slug=slug)
