"""REST endpoints of a reader's own readings.

A request for a reading that belongs to another reader, or cannot be fetched now, returns 404.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from studies.cases.images.responses import pixels_response
from studies.errors import ErrorJSON, StudyError
from studies.readers.access import get_membership
from studies.readers.models import Membership, Role
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.guides import GuidesJSON, guides_json
from studies.sessions.inputs import (
    CELL,
    CELL_PARAMETER,
    COMMENT,
    OPEN,
    SUBMIT,
    TIME,
    CellInput,
    ChangeInput,
    CommentInput,
    PeriodInput,
    StaleCellJSON,
    StaleCommentJSON,
    SubmitInput,
    TimeInput,
)
from studies.sessions.period_changes import PeriodAcknowledgedJSON, acknowledge_period
from studies.sessions.reading.access import (
    get_fetchable_reading,
    get_guided_reading,
    get_own_reading,
)
from studies.sessions.reading.actions import (
    CommentJSON,
    TimeJSON,
    add_time,
    open_reading,
    save_comment,
    submit_reading,
)
from studies.sessions.reading_representations import ReadingJSON, reading_json
from studies.sessions.reading_sessions.breaks import (
    record_break_reminder,
)
from studies.sessions.reading_sessions.requests import ClientInput, take_client
from studies.sessions.representations import SubmittedJSON
from studies.sessions.scoring import SavedCellJSON, save_cell


class BreakReminderJSON(TypedDict):
    """Minutes of active reading since the last pause; null if no reminder is due."""

    minutes: int | None


def _reader(request: UserAPIRequest, slug: str) -> Membership:
    return get_membership(request.user, slug, Role.READER)


@extend_schema(request=PeriodInput, responses={200: PeriodAcknowledgedJSON})
@user_api_view("POST")
def reading_period(request: UserAPIRequest, slug: str) -> Response:
    """Record that the reader has acknowledged the changes in the period of the current reading."""
    reader = _reader(request, slug)
    form = PeriodInput(data=request.data)
    form.is_valid(raise_exception=True)
    acknowledged = acknowledge_period(reader=reader, **form.validated_data)
    answer: PeriodAcknowledgedJSON = {
        "period": acknowledged.reading_list.period,
        "acknowledged_at": acknowledged.at,
    }
    return Response(answer)


@extend_schema(request=None, responses={200: BreakReminderJSON})
@user_api_view("POST")
def break_reminder(request: UserAPIRequest, slug: str) -> Response:
    """Count a break reminder in the reading session, if one is due."""
    answer: BreakReminderJSON = {"minutes": record_break_reminder(reader=_reader(request, slug))}
    return Response(answer)


@extend_schema(responses={200: ReadingJSON})
@user_api_view("GET")
def reading(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the current or the next reading, without opening it."""
    return Response(reading_json(get_fetchable_reading(user=request.user, pk=pk)))


@extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 503: ErrorJSON})
@user_api_view("GET")
def reading_pixels(request: UserAPIRequest, pk: UUID) -> HttpResponse:
    """Return the image of a reading."""
    # Only the current and the next reading answer: no address lets a reader look ahead.
    return pixels_response(get_fetchable_reading(user=request.user, pk=pk).case.image)


@extend_schema(responses={200: GuidesJSON})
@user_api_view("GET")
def reading_guides(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the guides of a reading in an arm with guides."""
    reading = get_guided_reading(user=request.user, pk=pk)
    return Response(guides_json(reading.landmark_set))


@extend_schema(request=ClientInput, responses={200: ReadingJSON})
@user_api_view("POST")
def reading_open(request: UserAPIRequest, pk: UUID) -> Response:
    """Open the current reading and start its clock."""
    client = take_client(_validated(OPEN, request, pk), request._request)
    return Response(reading_json(open_reading(user=request.user, pk=pk, client=client)))


@extend_schema(
    parameters=[CELL_PARAMETER],
    request=CellInput,
    responses={200: SavedCellJSON, 409: StaleCellJSON},
)
@user_api_view("PUT")
def reading_cell(request: UserAPIRequest, pk: UUID, cell: str) -> Response:
    """Store or clear the score of one cell."""
    values = _validated(CELL, request, pk)
    return Response(save_cell(user=request.user, pk=pk, cell=cell, **values))


@extend_schema(
    request=CommentInput,
    responses={200: CommentJSON, 409: StaleCommentJSON},
)
@user_api_view("PUT")
def reading_comment(request: UserAPIRequest, pk: UUID) -> Response:
    """Store the comment on a reading."""
    return Response(save_comment(user=request.user, pk=pk, **_validated(COMMENT, request, pk)))


@extend_schema(request=TimeInput, responses={200: TimeJSON})
@user_api_view("POST")
def reading_time(request: UserAPIRequest, pk: UUID) -> Response:
    """Add the time and the view states since the last request."""
    values = _validated(TIME, request, pk)
    # Time reports without activity must not prolong the sign-in session; see IdleTimeoutMiddleware.
    setattr(request._request, "automatic", values["active_ms"] == 0)  # noqa: B010
    client = take_client(values, request._request)
    return Response(add_time(user=request.user, pk=pk, client=client, **values))


@extend_schema(request=SubmitInput, responses={200: SubmittedJSON})
@user_api_view("POST")
def reading_submit(
    request: UserAPIRequest, pk: UUID, answer: Callable[[Membership], SubmittedJSON]
) -> Response:
    """Submit a reading; return the next one and the reader's progress."""
    # Of the URL table: ``answer`` also counts the practice cases that an app above this one adds.
    values = _validated(SUBMIT, request, pk)
    client = take_client(values, request._request)
    submitted = submit_reading(user=request.user, pk=pk, client=client, **values)
    return Response(answer(submitted.reading_list.reader))


def _validated(
    form: ChangeInput | ClientInput, request: UserAPIRequest, pk: UUID
) -> dict[str, Any]:
    """Return the validated body of the request.

    Another person's reading is a 404 even when the body is invalid, so that a reply never
    reveals that a reading exists.
    """
    try:
        return dict(form.run_validation(request.data))
    # Ownership is checked first for every kind of error: a 400 for another person's reading would
    # reveal that it exists.
    except (APIException, StudyError):
        get_own_reading(user=request.user, pk=pk)
        raise
