"""Pages for reading and running a study: home, overview, progress, assignment, reading room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from studies.errors import PAGE_NOT_FOUND, NotFound, StudyError
from studies.protocol.models import Study
from studies.readers.access import (
    active_memberships,
    get_membership,
    require_coordinator,
    require_study_coordinator,
)
from studies.readers.models import Membership, Role
from studies.readers.profiles.changes import find_profile
from studies.readers.requests import UserRequest
from studies.sessions.assignment.batches import batch_page, batch_progress
from studies.sessions.assignment.preview import (
    pace_or_default,
    plan_preview,
    preview_assignment,
)
from studies.sessions.assignment.readiness import list_requirements
from studies.sessions.assignment.reassignment import readers_with_unread, reassign_cases
from studies.sessions.display.pages import display_section
from studies.sessions.forms import Numbers, ReopenForm
from studies.sessions.masking import may_see_scores
from studies.sessions.models import Reading
from studies.sessions.progress import get_reader_progress, get_site_progress, get_study_overview
from studies.sessions.queue import Progress, get_progress, get_queue
from studies.sessions.study_lifecycle import (
    assign_cases,
    lock_study,
    open_study,
    pause_study,
    queue_snapshot,
    reopen_reading,
)
from studies.sessions.submitted_readings.reopenings import reopened_readings, reopenings_for

# Pages of the next step that a coordinator of a single site may open as well.
CASE_LISTS = {"uncertain-cases": "uncertain", "unconfirmed-cases": "unconfirmed"}
SITE_PAGES = {"upload", "deidentification-review", "cases", "progress", *CASE_LISTS}
NEXT_STEP_BUTTONS = {
    "agreement": "View agreement",
    "setup": "Add sites",
    "upload": "Upload images",
    "deidentification-review": "Review images",
    "uncertain-cases": "Review level labels",
    "unconfirmed-cases": "Review corners",
    "people": "Invite readers",
    "cases": "View cases",
    "assignment": "Open assignment",
    "progress": "View reader progress",
}


@login_required
def home(
    request: UserRequest,
    reader_progress: Callable[[Membership], Progress] = get_progress,
    inbox: Callable[[Membership], object] = lambda membership: None,
) -> HttpResponse:
    """Show the person's studies, each with the next task there.

    ``reader_progress`` counts a reader's readings as the reading room does, and ``inbox`` returns
    the messages that wait for a member; both are apps above this one, which the URL table names.
    """
    entries = []
    for membership in active_memberships(request.user).order_by("-study__created_at"):
        entry: dict[str, Any] = {"membership": membership, "study": membership.study}
        if membership.role == Role.READER:
            entry |= {"queue": get_queue(membership), "progress": reader_progress(membership)}
            entry["reopened"] = reopened_readings(membership)
        elif membership.role == Role.COORDINATOR:
            entry["overview"] = get_study_overview(membership)
        entry["inbox"] = inbox(membership)
        entries.append(entry)
    is_reader = any(entry["membership"].role == Role.READER for entry in entries)
    ask_profile = is_reader and find_profile(request.user) is None
    return render(request, "home.html", {"entries": entries, "ask_profile": ask_profile})


@login_required
def study(request: UserRequest, slug: str) -> HttpResponse:
    """Show the overview to a coordinator; redirect all others to their pages."""
    membership = get_membership(request.user, slug)
    if membership.role == Role.READER:
        return redirect("home")
    if membership.role == Role.STATISTICIAN:
        return redirect("agreement", slug=slug)
    if membership.role == Role.ADJUDICATOR:
        return redirect("adjudicator-cases", slug=slug)
    overview = get_study_overview(membership)
    next_url = ""
    if membership.site_id is None or overview.next_page in SITE_PAGES:
        next_url = _next_url(overview.next_page, slug)
    study = membership.study
    # The numbers of the whole study are not for the coordinator of one site.
    preparing = study.state == Study.State.DRAFT and membership.site_id is None
    context = {
        "study": study,
        "membership": membership,
        "overview": overview,
        "requirements": list_requirements(study) if preparing else (),
        "since": study.state_changed_at,
        "next_url": next_url,
        "next_button": NEXT_STEP_BUTTONS[overview.next_page],
        "may_see_scores": may_see_scores(membership),
    }
    return render(request, "study/study.html", context)


@login_required
def progress(
    request: UserRequest,
    slug: str,
    more_context: Callable[[Membership], dict[str, object]],
    numbers: Numbers,
) -> HttpResponse:
    """Show the readers' progress, with a form to reopen a submitted reading.

    ``more_context`` and ``numbers`` return what apps above this one add to the page and to the
    choices of the form; the URL table names them.
    """
    membership = require_coordinator(request.user, slug)
    form = _reopen_form(request, membership, numbers)
    if request.method == "POST" and form is not None and form.is_valid():
        reading = form.cleaned_data["reading"]
        try:
            reopen_reading(reading=reading, by=request.user, reason=form.cleaned_data["reason"])
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            label = reading.reading_list.reader.label
            # Only the first letter: the rest of the name has no capitals.
            text = f"{reading.name.capitalize()} of {label} was reopened; its scores are kept."
            messages.success(request, f"{text} The reader sees the reason.")
            return redirect("progress", slug=slug)
    readers = get_reader_progress(membership)
    context = {
        "study": membership.study,
        "membership": membership,
        "readers": readers,
        "sites": get_site_progress(readers),
        "several_periods": membership.study.arms.count() > 1 and not membership.study.sequential,
        "reopened": reopenings_for(membership),
        "form": form,
        "q": request.GET.get("q", ""),
        **display_section(membership),
        **more_context(membership),
    }
    return render(request, "sessions/progress.html", context)


@login_required
def assignment(request: UserRequest, slug: str) -> HttpResponse:
    """Show the state of the study, and a preview of the next batch of readings."""
    study = require_study_coordinator(request.user, slug)
    membership = require_coordinator(request.user, slug)
    # Missing cases or readers are no error on this page, which states what is missing.
    preview, missing, plan = None, "", []
    pace, pace_error = pace_or_default(request.GET.get("readings_per_week", ""))
    try:
        preview = preview_assignment(study)
        plan = plan_preview(study, preview, pace)
    except StudyError as error:
        missing = error.message
    page = batch_page(study, request.GET.get("page", ""))
    context = {
        "study": study,
        "membership": membership,
        "overview": get_study_overview(membership),
        "since": study.state_changed_at,
        "preview": preview,
        "missing": missing,
        "plan": plan,
        "pace": pace,
        "pace_error": pace_error,
        "page": page,
        "batches": batch_progress(study, list(page.object_list)),
        "unread_readers": [] if study.locked else readers_with_unread(study),
        "active_readers": study.memberships.filter(role=Role.READER, active=True).order_by("label"),
    }
    return render(request, "sessions/assignment.html", context)


@login_required
@require_POST
def assign(request: UserRequest, slug: str) -> HttpResponse:
    """Assign the new cases to the readers."""
    study = require_study_coordinator(request.user, slug)
    confirmed = request.POST.get("other_weights") == "on"
    count = assign_cases(study=study, by=request.user, other_weights=confirmed)
    text = f"{count} reading{'' if count == 1 else 's'} assigned."
    if study.state != Study.State.OPEN:
        text += " Next, open the study so that readers can start."
    messages.success(request, text)
    return redirect("assignment", slug=slug)


@login_required
@require_POST
def reassign(request: UserRequest, slug: str) -> HttpResponse:
    """Reassign the unfinished cases of a deactivated reader to one or all other readers."""
    study = require_study_coordinator(request.user, slug)
    reader, to = request.POST.get("reader", ""), request.POST.get("to", "")
    reassigned = reassign_cases(study=study, reader=reader, to=to, by=request.user)
    cases = f"{reassigned.cases} case{'' if reassigned.cases == 1 else 's'}"
    messages.success(
        request, f"{cases} of {reader} reassigned to {reassigned.to}. Opened readings are kept."
    )
    return redirect("assignment", slug=slug)


@login_required
@require_POST
def open_page(request: UserRequest, slug: str) -> HttpResponse:
    """Open the study for reading."""
    return _change_state(request, slug, open_study, "The study is open. Readers can start.")


@login_required
@require_POST
def pause_page(request: UserRequest, slug: str) -> HttpResponse:
    """Pause the study."""
    text = "The study is paused. All scores are saved. Open the study again to resume reading."
    return _change_state(request, slug, pause_study, text)


@login_required
@require_POST
def lock_page(request: UserRequest, slug: str) -> HttpResponse:
    """Lock the study permanently."""
    text = "The study is locked. Agreement and downloads are now available."
    return _change_state(request, slug, lock_study, text, then=queue_snapshot)


@login_required
def reading_room(request: UserRequest, slug: str) -> HttpResponse:
    """Show the reading room, which works through the API."""
    membership = get_membership(request.user, slug, Role.READER)
    data = {
        "study": slug,
        "api": "/api/v1/",
        "home": reverse("home"),
        "reader": membership.label,
        "user": request.user.pk,
    }
    context = {"study": membership.study, "page_data": data}
    return render(request, "sessions/reading_room.html", context)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Show the page for an unknown address, which does not reveal whether something exists."""
    context = {"message": NotFound().message, "title": PAGE_NOT_FOUND}
    return render(request, "error.html", context, status=404)


def _change_state(
    request: UserRequest,
    slug: str,
    change: Callable[..., Study],
    text: str,
    *,
    then: Callable[[Study], object] | None = None,
) -> HttpResponse:
    study = change(study=require_study_coordinator(request.user, slug), by=request.user)
    if then:
        then(study)
    messages.success(request, text)
    return redirect("study", slug=slug)


def _reopen_form(
    request: UserRequest, membership: Membership, numbers: Numbers
) -> ReopenForm | None:
    """Return the form for coordinators of the whole study, until the study is locked."""
    if membership.site_id is not None or membership.study.locked:
        return None
    if not Reading.objects.filter(reading_list__study=membership.study_id).submitted().exists():
        return None
    search = request.GET.get("q", "").strip()
    data = request.POST if request.method == "POST" else None
    return ReopenForm(membership.study, search, numbers, data)


def _next_url(page: str, slug: str) -> str:
    if page in CASE_LISTS:
        return reverse("cases", args=[slug]) + f"?state={CASE_LISTS[page]}"
    return reverse(page, args=[slug])
