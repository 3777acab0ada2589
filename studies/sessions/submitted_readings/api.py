"""REST endpoints with which readers revise submitted readings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from django.db.models import Count, Q
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from studies.errors import StudyError
from studies.openapi import UUIDText
from studies.protocol.models import Study
from studies.readers.access import get_membership
from studies.readers.models import Role
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.models import Reading
from studies.sessions.reading.access import get_own_reading
from studies.sessions.reading_sessions.requests import ClientInput, sign_in_key, take_client
from studies.sessions.revisions.rule import revisable_readings
from studies.sessions.submitted_readings.revise import revise_reading

CLIENT = ClientInput()


class RevisableReadingJSON(TypedDict):
    """A submitted reading that its reader may revise, without its scores."""

    id: UUIDText
    name: str
    submitted_at: datetime
    revisions: int


class RevisableReadingsJSON(TypedDict):
    """The study's rule, and the readings that the reader may revise, the latest first."""

    rule: Annotated[str, Study.RevisionRule]
    readings: list[RevisableReadingJSON]


class RevisedReadingJSON(TypedDict):
    """The reading that the reader revises now."""

    id: UUIDText
    name: str


@extend_schema(responses={200: RevisableReadingsJSON})
@user_api_view("GET")
def revisable(request: UserAPIRequest, slug: str) -> Response:
    """Return the submitted readings that the reader may revise."""
    reader = get_membership(request.user, slug, Role.READER)
    submitted_again = Q(revisions__submitted_at__isnull=False)
    readings = (
        revisable_readings(reader, sign_in=sign_in_key(request._request))
        .select_related("reading_list")
        .annotate(revision_count=Count("revisions", filter=submitted_again))
    )
    answer: RevisableReadingsJSON = {
        "rule": reader.study.revision_rule,
        "readings": [_revisable_json(reading) for reading in readings],
    }
    return Response(answer)


@extend_schema(request=ClientInput, responses={200: RevisedReadingJSON})
@user_api_view("POST")
def revise(request: UserAPIRequest, pk: UUID) -> Response:
    """Open a submitted reading to revise it; it becomes the current reading until submitted."""
    try:
        values = dict(CLIENT.run_validation(request.data))
    except (APIException, StudyError):
        # Another person's reading is a 404 even when the body is invalid.
        get_own_reading(user=request.user, pk=pk)
        raise
    client = take_client(values, request._request)
    reading = revise_reading(user=request.user, pk=pk, client=client)
    answer: RevisedReadingJSON = {"id": str(reading.pk), "name": reading.name}
    return Response(answer)


def _revisable_json(reading: Reading) -> RevisableReadingJSON:
    assert reading.submitted_at is not None
    return {
        "id": str(reading.pk),
        "name": reading.name,
        "submitted_at": reading.submitted_at,
        "revisions": getattr(reading, "revision_count"),  # noqa: B009 - annotated
    }
