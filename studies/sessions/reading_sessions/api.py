"""REST endpoint of the reading sessions of a study, for coordinators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypedDict

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from studies.openapi import Keyword
from studies.readers.access import accessible_readers, require_coordinator
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.models import DisplayCheck, ReadingSession
from studies.sessions.reading_sessions.summaries import (
    RUNNING,
    SessionSummary,
    session_page,
    summarise_sessions,
)


class LastDisplayCheckJSON(TypedDict):
    """A display check; contrasts in grey levels of 0 to 255, null if no letters were read."""

    at: datetime
    dark_contrast: int | None
    bright_contrast: int | None
    letters_correct: int
    letters_shown: int
    required_contrast: int
    passed: bool


class ReadingSessionJSON(TypedDict):
    """One reading session, numbered from 1 for each reader.

    ``reader`` is the reader's label; ``readings`` counts the readings worked on, ``submitted``
    those that were submitted, and ``break_reminders`` the break reminders that were shown.
    ``ended_at`` is null while the session is running. ``display_check`` is the last one of the
    session.
    """

    reader: str
    number: int
    started_at: datetime
    last_activity_at: datetime
    ended_at: datetime | None
    end: Annotated[str, Keyword("enum", (RUNNING, *ReadingSession.End.values))]
    length_s: int
    readings: int
    submitted: int
    active_ms: int
    idle_ms: int
    break_reminders: int
    browser: str
    viewport_width: int | None
    viewport_height: int | None
    device_pixel_ratio: float | None
    display_checks: int
    display_check: LastDisplayCheckJSON | None


class ReadingSessionPageJSON(TypedDict):
    """One page of reading sessions, the newest first."""

    results: list[ReadingSessionJSON]
    count: int
    page: int
    pages: int


@extend_schema(
    parameters=[
        OpenApiParameter("reader", str, description="Label of a reader; default: all readers."),
        OpenApiParameter("page", int),
    ],
    responses={200: ReadingSessionPageJSON},
)
@user_api_view("GET")
def reading_sessions(request: UserAPIRequest, slug: str) -> Response:
    """Return one page of the reading sessions that the coordinator has access to."""
    readers = accessible_readers(require_coordinator(request.user, slug))
    # Filters the accessible readers, so that a label of another site gives an empty list.
    if label := request.query_params.get("reader", ""):
        readers = readers.filter(label=label)
    page = session_page(readers, request.query_params.get("page", ""))
    answer: ReadingSessionPageJSON = {
        "results": [session_json(session) for session in summarise_sessions(page.object_list)],
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
    }
    return Response(answer)


def session_json(session: SessionSummary) -> ReadingSessionJSON:
    """Return a session as coordinators see it."""
    return {
        "reader": session.reader,
        "number": session.number,
        "started_at": session.started_at,
        "last_activity_at": session.last_activity_at,
        "ended_at": session.ended_at,
        "end": session.end,
        "length_s": session.length_s,
        "readings": session.readings,
        "submitted": session.submitted,
        "active_ms": session.active_ms,
        "idle_ms": session.idle_ms,
        "break_reminders": session.break_reminders,
        "browser": session.browser,
        "viewport_width": session.viewport_width,
        "viewport_height": session.viewport_height,
        "device_pixel_ratio": session.device_pixel_ratio,
        "display_checks": session.display_checks,
        "display_check": _check_json(session.display_check) if session.display_check else None,
    }


def _check_json(check: DisplayCheck) -> LastDisplayCheckJSON:
    return {
        "at": check.at,
        "dark_contrast": check.dark_contrast,
        "bright_contrast": check.bright_contrast,
        "letters_correct": check.letters_correct,
        "letters_shown": check.letters_shown,
        "required_contrast": check.required_contrast,
        "passed": check.passed,
    }
