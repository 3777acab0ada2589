"""REST endpoints of a reader's own readings.

A reading that belongs to another reader, or cannot be fetched now, answers 404.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from studies.cases.image_responses import pixels_response
from studies.errors import StudyError
from studies.readers.access import get_membership
from studies.readers.models import Membership, Role
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.queue import get_progress, get_queue
from studies.sessions.reading import (
    add_time,
    get_fetchable_reading,
    get_guided_reading,
    get_own_reading,
    open_reading,
    save_comment,
    submit_reading,
)
from studies.sessions.representations import guides_json, progress_json, queue_json, reading_json
from studies.sessions.scoring import save_cell
from studies.sessions.viewing.inputs import ViewInput

ANSWER = {200: OpenApiTypes.OBJECT}
# One request reports the time since the last one; a day bounds what a tab left open can send.
MAX_INTERVAL_MS = 24 * 3600 * 1000


class ChangeInput(serializers.Serializer[Any]):
    """A change with its id, by which a repeated request is recognised."""

    change_id = serializers.UUIDField()


class CellInput(ChangeInput):
    """The score of a cell, or the reason why it is not readable."""

    version = serializers.IntegerField(min_value=0)
    score = serializers.IntegerField(min_value=0, max_value=3, allow_null=True, required=False)
    # NHANES validity codes, among which there is no 2.
    validity = serializers.ChoiceField(choices=[0, 1, 3, 4, 5, 6], allow_null=True, required=False)
    reason = serializers.CharField(max_length=200, allow_blank=True, required=False, default="")


class CommentInput(ChangeInput):
    """The comment on a reading."""

    version = serializers.IntegerField(min_value=0)
    text = serializers.CharField(max_length=2000, allow_blank=True)


class TimeInput(ChangeInput):
    """Intervals that the reading room measured, in milliseconds, and the view meanwhile."""

    active_ms = serializers.IntegerField(min_value=0, max_value=MAX_INTERVAL_MS)
    idle_ms = serializers.IntegerField(min_value=0, max_value=MAX_INTERVAL_MS)
    guides_ms = serializers.IntegerField(min_value=0, max_value=MAX_INTERVAL_MS, default=0)
    view = ViewInput(required=False, allow_null=True)


# Shared by all requests: copying a serializer's fields takes longer than validating them.
CHANGE, CELL, COMMENT, TIME = ChangeInput(), CellInput(), CommentInput(), TimeInput()


def _reader(request: UserAPIRequest, slug: str) -> Membership:
    return get_membership(request.user, slug, Role.READER)


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def study_reading(request: UserAPIRequest, slug: str) -> Response:
    """Return the reader's progress in the study and the reading to do now."""
    reader = _reader(request, slug)
    study = reader.study
    return Response(
        {
            "study": {
                "name": study.name,
                "slug": study.slug,
                "demonstration": study.demonstration,
            },
            "progress": progress_json(get_progress(reader)),
            # The next reading is named as well, so that its image can be fetched ahead.
            **queue_json(get_queue(reader)),
        }
    )


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def reading(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the current or the next reading, without opening it."""
    return Response(reading_json(get_fetchable_reading(user=request.user, pk=pk)))


@extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
@user_api_view("GET")
def reading_pixels(request: UserAPIRequest, pk: UUID) -> HttpResponse:
    """Return the image of a reading."""
    return pixels_response(get_fetchable_reading(user=request.user, pk=pk).case.image)


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def reading_guides(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the guides of a reading in the guided arm."""
    return Response(guides_json(get_guided_reading(user=request.user, pk=pk)))


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def reading_open(request: UserAPIRequest, pk: UUID) -> Response:
    """Open the current reading and start its clock."""
    return Response(reading_json(open_reading(user=request.user, pk=pk)))


@extend_schema(request=CellInput, responses={**ANSWER, 409: OpenApiTypes.OBJECT})
@user_api_view("PUT")
def reading_cell(request: UserAPIRequest, pk: UUID, cell: str) -> Response:
    """Store or clear the score of one cell."""
    values = _validated(CELL, request, pk)
    return Response(save_cell(user=request.user, pk=pk, cell=cell, **values))


@extend_schema(request=CommentInput, responses={**ANSWER, 409: OpenApiTypes.OBJECT})
@user_api_view("PUT")
def reading_comment(request: UserAPIRequest, pk: UUID) -> Response:
    """Store the comment on a reading."""
    return Response(save_comment(user=request.user, pk=pk, **_validated(COMMENT, request, pk)))


@extend_schema(request=TimeInput, responses=ANSWER)
@user_api_view("POST")
def reading_time(request: UserAPIRequest, pk: UUID) -> Response:
    """Add the time and the view states since the last request."""
    values = _validated(TIME, request, pk)
    # Time reports without activity must not prolong the sign-in session; see IdleTimeoutMiddleware.
    setattr(request._request, "automatic", values["active_ms"] == 0)  # noqa: B010
    return Response(add_time(user=request.user, pk=pk, **values))


@extend_schema(request=ChangeInput, responses={**ANSWER, 409: OpenApiTypes.OBJECT})
@user_api_view("POST")
def reading_submit(request: UserAPIRequest, pk: UUID) -> Response:
    """Submit a reading; return the next one and the reader's progress."""
    submitted = submit_reading(user=request.user, pk=pk, **_validated(CHANGE, request, pk))
    reader = submitted.reading_list.reader
    current = get_queue(reader).current
    return Response(
        {
            "next": str(current.pk) if current else None,
            "progress": progress_json(get_progress(reader)),
        }
    )


def _validated(form: ChangeInput, request: UserAPIRequest, pk: UUID) -> dict[str, Any]:
    """Return the validated body of the request.

    Another person's reading answers 404 even when the body is invalid, so that a reply never
    reveals that a reading exists.
    """
    try:
        return dict(form.run_validation(request.data))
    except (APIException, StudyError):
        get_own_reading(user=request.user, pk=pk)
        raise
