"""REST endpoints of a reader's own readings. Whatever is not theirs, or not now, answers 404."""

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
from studies.readers.access import membership_in
from studies.readers.models import Membership, Role
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.queue import progress_of, queue_of
from studies.sessions.reading import (
    add_time,
    fetchable_reading,
    guided_reading,
    open_reading,
    own_reading,
    save_comment,
    submit_reading,
)
from studies.sessions.representations import guides_json, progress_json, queue_json, reading_json
from studies.sessions.scoring import save_cell

ANSWER = {200: OpenApiTypes.OBJECT}
MOST_MS = 24 * 3600 * 1000


class ChangeInput(serializers.Serializer[Any]):
    change_id = serializers.UUIDField()


class CellInput(ChangeInput):
    version = serializers.IntegerField(min_value=0)
    score = serializers.IntegerField(min_value=0, max_value=3, allow_null=True, required=False)
    validity = serializers.ChoiceField(choices=[0, 1, 3, 4, 5, 6], allow_null=True, required=False)
    reason = serializers.CharField(max_length=200, allow_blank=True, required=False, default="")


class CommentInput(ChangeInput):
    version = serializers.IntegerField(min_value=0)
    text = serializers.CharField(max_length=2000, allow_blank=True)


class TimeInput(ChangeInput):
    active_ms = serializers.IntegerField(min_value=0, max_value=MOST_MS)
    idle_ms = serializers.IntegerField(min_value=0, max_value=MOST_MS)
    guides_ms = serializers.IntegerField(min_value=0, max_value=MOST_MS, default=0)


# One of each for all requests: copying the fields of a form costs more than checking them.
CHANGE, CELL, COMMENT, TIME = ChangeInput(), CellInput(), CommentInput(), TimeInput()


def _reader(request: UserAPIRequest, slug: str) -> Membership:
    return membership_in(request.user, slug, Role.READER)


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def study_reading(request: UserAPIRequest, slug: str) -> Response:
    """Where the reader stands in the study, and what to read now."""
    reader = _reader(request, slug)
    study = reader.study
    return Response(
        {
            "study": {
                "name": study.name,
                "slug": study.slug,
                "demonstration": study.demonstration,
            },
            "progress": progress_json(progress_of(reader)),
            **queue_json(queue_of(reader)),
        }
    )


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def reading(request: UserAPIRequest, pk: UUID) -> Response:
    return Response(reading_json(fetchable_reading(user=request.user, pk=pk)))


@extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
@user_api_view("GET")
def reading_pixels(request: UserAPIRequest, pk: UUID) -> HttpResponse:
    return pixels_response(fetchable_reading(user=request.user, pk=pk).case.image)


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def reading_guides(request: UserAPIRequest, pk: UUID) -> Response:
    return Response(guides_json(guided_reading(user=request.user, pk=pk)))


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def reading_open(request: UserAPIRequest, pk: UUID) -> Response:
    return Response(reading_json(open_reading(user=request.user, pk=pk)))


@extend_schema(request=CellInput, responses={**ANSWER, 409: OpenApiTypes.OBJECT})
@user_api_view("PUT")
def reading_cell(request: UserAPIRequest, pk: UUID, cell: str) -> Response:
    sent = _valid(CELL, request, pk)
    return Response(save_cell(user=request.user, pk=pk, cell=cell, **sent))


@extend_schema(request=CommentInput, responses={**ANSWER, 409: OpenApiTypes.OBJECT})
@user_api_view("PUT")
def reading_comment(request: UserAPIRequest, pk: UUID) -> Response:
    return Response(save_comment(user=request.user, pk=pk, **_valid(COMMENT, request, pk)))


@extend_schema(request=TimeInput, responses=ANSWER)
@user_api_view("POST")
def reading_time(request: UserAPIRequest, pk: UUID) -> Response:
    sent = _valid(TIME, request, pk)
    setattr(request._request, "by_itself", sent["active_ms"] == 0)  # noqa: B010
    return Response(add_time(user=request.user, pk=pk, **sent))


@extend_schema(request=ChangeInput, responses={**ANSWER, 409: OpenApiTypes.OBJECT})
@user_api_view("POST")
def reading_submit(request: UserAPIRequest, pk: UUID) -> Response:
    done = submit_reading(user=request.user, pk=pk, **_valid(CHANGE, request, pk))
    reader = done.reading_list.reader
    current = queue_of(reader).current
    return Response(
        {
            "next": str(current.pk) if current else None,
            "progress": progress_json(progress_of(reader)),
        }
    )


def _valid(form: ChangeInput, request: UserAPIRequest, pk: UUID) -> dict[str, Any]:
    """What was sent. A reading of another person is not found, whatever else is wrong."""
    try:
        return dict(form.run_validation(request.data))
    except (APIException, StudyError):
        own_reading(user=request.user, pk=pk)
        raise
