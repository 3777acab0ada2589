"""REST endpoints of readings that may belong to a refresher.

A refresher reading has addresses and responses like those of a study reading, so that a reader
cannot tell them apart. The URL table joins each endpoint of study readings with its counterpart
here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from studies.errors import NotFound, StudyError
from studies.json_parser import MAX_BYTES
from studies.practice.case_images import practice_case_pixels
from studies.practice.refreshers.actions import (
    add_refresher_time,
    get_fetchable_refresher,
    get_own_refresher,
    mark_refresher_feedback_seen,
    open_refresher,
    refuse_revision,
    save_refresher_cell,
    save_refresher_comment,
    save_refresher_traces,
    submit_refresher,
)
from studies.practice.refreshers.representations import (
    mixed_overview_json,
    refresher_guides_json,
    refresher_json,
)
from studies.practice.refreshers.turn import get_mixed_turn
from studies.practice.representations import ReadingOverviewJSON
from studies.protocol.design import GUIDED
from studies.readers.access import get_membership
from studies.readers.models import Membership, Role
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.inputs import CELL, COMMENT, OPEN, SUBMIT, TIME
from studies.sessions.measuring.inputs import validated_traces
from studies.sessions.reading_sessions.requests import take_client
from studies.sessions.representations import SubmittedJSON

View = Callable[..., HttpResponse]


def study_or_refresher(study_view: View, refresher_view: View) -> View:
    """Return a view of a study reading that falls back on the reading of a refresher.

    Study readings come first, so that their requests take no further query.
    """

    @wraps(study_view)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) <= MAX_BYTES:
            request.body  # noqa: B018 (Django keeps the body, so that both views can read it)
        answer = study_view(request, *args, **kwargs)
        return refresher_view(request, *args, **kwargs) if answer.status_code == 404 else answer

    return view


@extend_schema(responses={200: ReadingOverviewJSON})
@user_api_view("GET")
def study_reading(request: UserAPIRequest, slug: str) -> Response:
    """Return the reader's progress in the study and the reading to do now."""
    return Response(mixed_overview_json(get_membership(request.user, slug, Role.READER)))


@user_api_view("GET")
def refresher(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the current or the next reading, without opening it."""
    reading, turn = get_fetchable_refresher(user=request.user, pk=pk)
    return Response(refresher_json(reading, turn.beside))


@user_api_view("GET")
def refresher_pixels(request: UserAPIRequest, pk: UUID) -> HttpResponse:
    """Return the image of a reading."""
    reading, _ = get_fetchable_refresher(user=request.user, pk=pk)
    return practice_case_pixels(reading.practice_case)


@user_api_view("GET")
def refresher_guides(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the guides of a reading in an arm with guides."""
    reading, turn = get_fetchable_refresher(user=request.user, pk=pk)
    if reading.round.arm not in GUIDED:
        raise NotFound
    return Response(refresher_guides_json(reading, turn))


@user_api_view("POST")
def refresher_open(request: UserAPIRequest, pk: UUID) -> Response:
    """Open the current reading."""
    client = take_client(_validated(OPEN, request, pk), request._request)
    reading = open_refresher(user=request.user, pk=pk, client=client)
    return Response(refresher_json(reading, get_mixed_turn(reading.round.reader).beside))


@user_api_view("POST")
def refresher_revise(request: UserAPIRequest, pk: UUID) -> Response:
    """Refuse to open a submitted reading again."""
    _validated(OPEN, request, pk)
    refuse_revision(user=request.user, pk=pk)


@user_api_view("PUT")
def refresher_cell(request: UserAPIRequest, pk: UUID, cell: str) -> Response:
    """Store or clear the score of one cell."""
    values = _validated(CELL, request, pk)
    return Response(save_refresher_cell(user=request.user, pk=pk, cell=cell, **values))


@user_api_view("PUT")
def refresher_comment(request: UserAPIRequest, pk: UUID) -> Response:
    """Store the comment on a reading."""
    values = _validated(COMMENT, request, pk)
    return Response(save_refresher_comment(user=request.user, pk=pk, **values))


@user_api_view("PUT")
def refresher_traces(request: UserAPIRequest, pk: UUID) -> Response:
    """Store the traces of a reading; return the lengths and grades measured from them."""
    try:
        values = validated_traces(request)
    except (APIException, StudyError):
        get_own_refresher(user=request.user, pk=pk)
        raise
    return Response(save_refresher_traces(user=request.user, pk=pk, **values))


@user_api_view("POST")
def refresher_time(request: UserAPIRequest, pk: UUID) -> Response:
    """Add the time since the last request."""
    values = _validated(TIME, request, pk)
    # Time reports without activity must not prolong the sign-in session; see IdleTimeoutMiddleware.
    setattr(request._request, "automatic", values["active_ms"] == 0)  # noqa: B010
    client = take_client(values, request._request)
    return Response(add_refresher_time(user=request.user, pk=pk, client=client, **values))


@user_api_view("POST")
def refresher_submit(
    request: UserAPIRequest, pk: UUID, answer: Callable[[Membership], SubmittedJSON]
) -> Response:
    """Submit a reading; return the next one and the reader's progress."""
    client = take_client(_validated(SUBMIT, request, pk), request._request)
    return Response(answer(submit_refresher(user=request.user, pk=pk, client=client)))


@extend_schema(request=None, responses={204: None})
@user_api_view("POST")
def reading_feedback_seen(request: UserAPIRequest, pk: UUID) -> Response:
    """Record that the reader has closed the feedback, so that it is not shown again."""
    mark_refresher_feedback_seen(user=request.user, pk=pk)
    return Response(status=status.HTTP_204_NO_CONTENT)


def _validated(form: Serializer[Any], request: UserAPIRequest, pk: UUID) -> dict[str, Any]:
    """Return the validated body; another person's reading is a 404 even when it is invalid."""
    try:
        return dict(form.run_validation(request.data))
    except (APIException, StudyError):
        get_own_refresher(user=request.user, pk=pk)
        raise
