"""The page that lists a reader's sessions, and signing out, which ends them."""

from __future__ import annotations

from allauth.account import views as account
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from studies.errors import NotFound
from studies.readers.access import accessible_readers, require_coordinator
from studies.readers.models import User
from studies.readers.requests import UserRequest
from studies.sessions.reading_sessions.ending import end_sessions_of_sign_in
from studies.sessions.reading_sessions.requests import sign_in_key
from studies.sessions.reading_sessions.rule import idle_limit
from studies.sessions.reading_sessions.summaries import (
    NO_SESSIONS,
    session_page,
    session_statistics,
    summarise_sessions,
)


@login_required
def reader_sessions(request: UserRequest, slug: str, label: str) -> HttpResponse:
    """List the sessions of one reader, the newest first."""
    membership = require_coordinator(request.user, slug)
    # A reader of another site is answered like one that does not exist.
    readers = accessible_readers(membership).filter(label=label)
    reader = readers.first()
    if reader is None:
        raise NotFound
    page = session_page(readers, request.GET.get("page", ""))
    context = {
        "study": membership.study,
        "membership": membership,
        "reader": reader,
        "page": page,
        "idle_minutes": round(idle_limit().total_seconds() / 60),
        "sessions": list(summarise_sessions(page.object_list)),
        "statistics": session_statistics(membership.study_id).get(reader.pk, NO_SESSIONS),
    }
    return render(request, "sessions/reader_sessions.html", context)


def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Sign out, and end the person's reading sessions in this browser."""
    if request.method == "POST" and isinstance(request.user, User):
        # Before allauth flushes the sign-in session, whose key identifies the sessions.
        end_sessions_of_sign_in(user=request.user, sign_in=sign_in_key(request))
    answer: HttpResponseBase = account.logout(request)
    return answer
