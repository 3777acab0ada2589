"""A person's studies, a study's course, and the reading room."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from studies.errors import NotFound, StudyError
from studies.protocol.models import Study
from studies.readers.access import (
    coordinated,
    coordinated_whole,
    may_see_scores,
    membership_in,
    memberships_of,
)
from studies.readers.models import Membership, Role
from studies.readers.requests import UserRequest
from studies.sessions.forms import ReopenForm
from studies.sessions.models import Reading
from studies.sessions.progress import reader_progress, site_progress, study_overview
from studies.sessions.queue import progress_of, queue_of
from studies.sessions.reading import reopen_reading
from studies.sessions.study_lifecycle import (
    deal_lists,
    lock_study,
    open_study,
    pause_study,
    preview_dealing,
    state_since,
)


@login_required
def home(request: UserRequest) -> HttpResponse:
    """My studies, each with what this person has to do there."""
    own = []
    for membership in memberships_of(request.user).order_by("-study__created_at"):
        entry: dict[str, object] = {"membership": membership, "study": membership.study}
        if membership.role == Role.READER:
            entry |= {"queue": queue_of(membership), "progress": progress_of(membership)}
        elif membership.role == Role.COORDINATOR:
            entry["overview"] = study_overview(membership)
        own.append(entry)
    return render(request, "home.html", {"entries": own})


@login_required
def study(request: UserRequest, slug: str) -> HttpResponse:
    membership = membership_in(request.user, slug)
    if membership.role == Role.READER:
        return redirect("home")
    if membership.role == Role.STATISTICIAN:
        return redirect("agreement", slug=slug)
    overview = study_overview(membership)
    context = {
        "study": membership.study,
        "membership": membership,
        "overview": overview,
        "since": state_since(membership.study),
        "next_url": _next_url(overview.next_page, slug),
        "may_see_scores": may_see_scores(membership),
    }
    return render(request, "study.html", context)


@login_required
def progress(request: UserRequest, slug: str) -> HttpResponse:
    membership = coordinated(request.user, slug)
    form = _reopen_form(request, membership)
    if request.method == "POST" and form is not None and form.is_valid():
        reading = form.cleaned_data["reading"]
        try:
            reopen_reading(reading=reading, by=request.user, reason=form.cleaned_data["reason"])
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            label = reading.reading_list.reader.label
            messages.success(request, f"{label} has {reading.case.label} back, scores and all.")
            return redirect("progress", slug=slug)
    readers = reader_progress(membership)
    context = {
        "study": membership.study,
        "membership": membership,
        "readers": readers,
        "sites": site_progress(readers),
        "form": form,
        "q": request.GET.get("q", ""),
    }
    return render(request, "progress.html", context)


@login_required
def dealing(request: UserRequest, slug: str) -> HttpResponse:
    found = coordinated_whole(request.user, slug)
    membership = coordinated(request.user, slug)
    preview, missing = None, ""
    try:
        preview = preview_dealing(found)
    except StudyError as error:
        missing = error.message
    context = {
        "study": found,
        "membership": membership,
        "overview": study_overview(membership),
        "since": state_since(found),
        "preview": preview,
        "missing": missing,
    }
    return render(request, "dealing.html", context)


@login_required
@require_POST
def deal(request: UserRequest, slug: str) -> HttpResponse:
    dealt = deal_lists(study=coordinated_whole(request.user, slug), by=request.user)
    messages.success(request, f"{dealt} readings are dealt.")
    return redirect("dealing", slug=slug)


@login_required
@require_POST
def open_page(request: UserRequest, slug: str) -> HttpResponse:
    return _course(request, slug, open_study, "The study is open: readers can begin.")


@login_required
@require_POST
def pause_page(request: UserRequest, slug: str) -> HttpResponse:
    return _course(request, slug, pause_study, "The study is paused. Nothing is lost.")


@login_required
@require_POST
def lock_page(request: UserRequest, slug: str) -> HttpResponse:
    return _course(request, slug, lock_study, "The study is locked. The agreement can be seen.")


@login_required
def reading_room(request: UserRequest, slug: str) -> HttpResponse:
    membership = membership_in(request.user, slug, Role.READER)
    data = {
        "study": slug,
        "api": "/api/v1/",
        "home": reverse("home"),
        "reader": membership.label,
        "user": request.user.pk,
    }
    context = {"study": membership.study, "page_data": data}
    return render(request, "reading_room.html", context)


def _course(
    request: UserRequest, slug: str, change: Callable[..., Study], done: str
) -> HttpResponse:
    change(study=coordinated_whole(request.user, slug), by=request.user)
    messages.success(request, done)
    return redirect("study", slug=slug)


def _reopen_form(request: UserRequest, membership: Membership) -> ReopenForm | None:
    """For who may give readings back: a coordinator of the whole study, before its lock."""
    if membership.site_id is not None or membership.study.locked:
        return None
    if not Reading.objects.filter(reading_list__study=membership.study_id).submitted().exists():
        return None
    words = request.GET.get("q", "").strip()
    return ReopenForm(membership.study, words, request.POST if request.method == "POST" else None)


def _next_url(page: str, slug: str) -> str:
    if page == "doubt":
        return reverse("cases", args=[slug]) + "?state=uncertain"
    return reverse(page, args=[slug])


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "error.html", {"message": NotFound().message}, status=404)
