"""Pages of messages: the list of threads, one thread, and the download of all messages."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from studies.audit.record import record
from studies.correspondence.export import message_lines
from studies.correspondence.forms import (
    COORDINATOR_WARNING,
    READER_WARNING,
    QuestionForm,
    TextForm,
)
from studies.correspondence.inbox import get_inbox
from studies.correspondence.models import Announcement, Thread
from studies.correspondence.representations import message_rows, thread_rows
from studies.correspondence.subjects import find_own_subject, list_subjects
from studies.correspondence.threads import (
    ask_question,
    close_thread,
    get_thread,
    mark_read,
    write_message,
)
from studies.errors import NotAllowed, NotFound, StudyError
from studies.readers.access import (
    get_membership,
    require_coordinator,
    require_study_coordinator,
)
from studies.readers.models import Membership, Role
from studies.readers.requests import UserRequest
from studies.sessions.masking import may_see_scores

THREADS_PER_PAGE = 20
MESSAGES_PER_PAGE = 50
ANNOUNCEMENTS_PER_PAGE = 10
STATES = {"unanswered": "Unanswered", "answered": "Answered", "closed": "Closed"}


@login_required
def message_list(request: UserRequest, slug: str) -> HttpResponse:
    """Show the threads that the member may see; a reader also asks questions here."""
    membership = get_membership(request.user, slug, Role.READER, Role.COORDINATOR)
    if membership.role == Role.READER:
        return _reader_page(request, membership)
    if request.method == "POST":
        raise NotAllowed("Readers ask questions. Open a thread to answer it.")
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    context = {
        "study": membership.study,
        "membership": membership,
        "state": state,
        "states": STATES,
        **_thread_page(request, membership, state),
    }
    return render(request, "correspondence/coordinator.html", context)


@login_required
def thread_page(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Show a thread, from now on as read, and write a further message in it."""
    membership = get_membership(request.user, slug, Role.READER, Role.COORDINATOR)
    thread = get_thread(membership, pk)
    if thread.reader.study_id != membership.study_id:
        raise NotFound
    by_reader = membership.role == Role.READER
    label = "Further question" if by_reader else "Answer"
    warning = READER_WARNING if by_reader else COORDINATOR_WARNING
    form = TextForm(label, warning, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            write_message(thread=thread, author=membership, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Message sent.")
            return redirect("message-thread", slug=slug, pk=pk)
    pages = Paginator(thread.messages.select_related("author__user"), MESSAGES_PER_PAGE)
    page = pages.get_page(request.GET.get("page") or pages.num_pages)
    rows = list(page.object_list)
    mark_read(thread=thread, member=membership, last_message=rows[-1].pk)
    shown = Thread.objects.filter(pk=pk).with_last_message().select_related(*RELATED)
    context = {
        "study": membership.study,
        "membership": membership,
        "row": thread_rows(list(shown), membership)[0],
        "page": page,
        "rows": message_rows(rows, membership),
        "form": form,
        "interim_look": not membership.study.locked and may_see_scores(membership),
    }
    return render(request, "correspondence/thread.html", context)


@login_required
@require_POST
def close(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Close a thread."""
    membership = require_coordinator(request.user, slug)
    thread = get_thread(membership, pk)
    close_thread(thread=thread, by=membership)
    messages.success(request, "Thread closed. The reader can still read it and ask a new question.")
    return redirect("messages", slug=slug)


@login_required
@transaction.atomic
def download(request: UserRequest, slug: str) -> HttpResponseBase:
    """Download all messages and announcements of the study as CSV."""
    study = require_study_coordinator(request.user, slug)
    record("messages.downloaded", actor=request.user, study=study)
    lines = (line.encode() for line in message_lines(study))
    response = StreamingHttpResponse(lines, content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-messages.csv"'
    return response


RELATED = ("reader__user", "reader__site", "reading", "refresher__practice_case")


def _reader_page(request: UserRequest, reader: Membership) -> HttpResponse:
    form = QuestionForm(list_subjects(reader), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _ask(reader, form)
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Question sent. The answer will appear on this page.")
            return redirect("messages", slug=reader.study.slug)
    inbox = get_inbox(reader)
    pending = [row.pk for row in inbox.announcements]
    published = Announcement.objects.seen_by(reader).exclude(pk__in=pending)
    announcements = Paginator(published.select_related("author"), ANNOUNCEMENTS_PER_PAGE).get_page(
        request.GET.get("announcements")
    )
    context = {
        "study": reader.study,
        "membership": reader,
        "form": form,
        "inbox": inbox,
        "announcements": announcements,
        **_thread_page(request, reader, ""),
    }
    return render(request, "correspondence/reader.html", context)


def _ask(reader: Membership, form: QuestionForm) -> None:
    about = form.cleaned_data["about"]
    subject = find_own_subject(user=reader.user, pk=about) if about else None
    if subject is not None and subject.reader.pk != reader.pk:
        raise NotFound
    ask_question(
        reader=reader,
        subject=subject,
        message_id=form.cleaned_data["message_id"],
        text=form.cleaned_data["text"],
    )


def _thread_page(request: UserRequest, membership: Membership, state: str) -> dict[str, object]:
    """Return a page of the threads, those with the latest messages first."""
    threads = (
        Thread.objects.seen_by(membership).with_last_message().with_unread(membership)
    ).select_related(*RELATED)
    if state == "closed":
        threads = threads.filter(closed_at__isnull=False)
    elif state:
        last = {"last_role": Role.READER}
        threads = threads.filter(closed_at=None)
        threads = threads.filter(**last) if state == "unanswered" else threads.exclude(**last)
    page = Paginator(threads, THREADS_PER_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "threads": thread_rows(list(page.object_list), membership)}
