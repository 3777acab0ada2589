"""Pages of announcements: publish, withdraw and acknowledge."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from studies.correspondence.announcements import (
    acknowledge_announcement,
    publish_announcement,
    withdraw_announcement,
)
from studies.correspondence.forms import AnnouncementForm
from studies.correspondence.models import Announcement
from studies.errors import StudyError
from studies.readers.access import accessible_readers, get_membership, require_coordinator
from studies.readers.models import Membership, Role
from studies.readers.requests import UserRequest

PER_PAGE = 20


@login_required
def announcements(request: UserRequest, slug: str) -> HttpResponse:
    """List a coordinator's announcements, and publish another one."""
    membership = require_coordinator(request.user, slug)
    form = AnnouncementForm(membership, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            publish_announcement(
                author=membership,
                site=membership.site or form.cleaned_data.get("site"),
                message_id=form.cleaned_data["message_id"],
                text=form.cleaned_data["text"],
            )
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            text = (
                "Announcement published. Readers see it between two readings or on their home page."
            )
            messages.success(request, text)
            return redirect("announcements", slug=slug)
    page = Paginator(_listed(membership), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": membership.study,
        "membership": membership,
        "form": form,
        "page": page,
    }
    return render(request, "correspondence/announcements.html", context)


@login_required
@require_POST
def withdraw(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Withdraw an announcement, with a reason."""
    membership = require_coordinator(request.user, slug)
    try:
        withdraw_announcement(pk=pk, by=membership, reason=request.POST.get("reason", ""))
    except StudyError as error:
        if error.status == 404:
            raise
        messages.error(request, error.message)
    else:
        messages.success(request, "Announcement withdrawn. Readers no longer see it.")
    return redirect("announcements", slug=slug)


@login_required
@require_POST
def acknowledge(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Acknowledge an announcement and return to the page that showed it."""
    reader = get_membership(request.user, slug, Role.READER)
    acknowledge_announcement(pk=pk, reader=reader)
    if request.POST.get("from") == "messages":
        return redirect("messages", slug=slug)
    return redirect("home")


def _listed(membership: Membership) -> QuerySet[Announcement]:
    """Return the announcements with the number of the coordinator's readers who read them."""
    readers = accessible_readers(membership).filter(active=True)
    acknowledged = Count(
        "acknowledgements", filter=Q(acknowledgements__reader__in=readers.values("pk"))
    )
    rows = Announcement.objects.seen_by(membership).annotate(acknowledged=acknowledged)
    return rows.select_related("author__user", "site", "withdrawn_by__user").order_by(
        "-published_at", "pk"
    )
