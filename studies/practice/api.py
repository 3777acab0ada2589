"""REST endpoints of a reader's own practice rounds and practice readings.

They mirror those of study readings, so that the same reading room serves both.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from studies.errors import ErrorJSON, NotFound, StudyError
from studies.practice.case_images import practice_case_pixels
from studies.practice.models import PracticeReading
from studies.practice.representations import (
    FeedbackJSON,
    PracticeRoundJSON,
    feedback_json,
    practice_guides_json,
    practice_reading_json,
    round_json,
)
from studies.practice.rounds.actions import (
    mark_feedback_seen,
    open_practice_reading,
    save_practice_cell,
    save_practice_traces,
    submit_practice_reading,
)
from studies.practice.rounds.queries import get_feedback_reading, get_practice_reading, get_round
from studies.protocol.design import GUIDED
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.guides import GuidesJSON
from studies.sessions.inputs import CELL_PARAMETER, CellInput, StaleCellJSON
from studies.sessions.measuring.inputs import StaleMeasurementJSON, TracesInput, validated_traces
from studies.sessions.measuring.representations import SavedMeasurementJSON
from studies.sessions.reading_representations import ReadingJSON
from studies.sessions.scoring import SavedCellJSON

CELL = CellInput()


@extend_schema(responses={200: PracticeRoundJSON})
@user_api_view("GET")
def practice_round(request: UserAPIRequest, pk: UUID) -> Response:
    """Return a round: progress and the reading to do now, or the result."""
    return Response(round_json(get_round(user=request.user, pk=pk)))


@extend_schema(responses={200: ReadingJSON})
@user_api_view("GET")
def practice_reading(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the current or the next reading of a round, without opening it."""
    return Response(practice_reading_json(_fetchable(request, pk)))


@extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 503: ErrorJSON})
@user_api_view("GET")
def practice_reading_pixels(request: UserAPIRequest, pk: UUID) -> HttpResponse:
    """Return the image of a practice reading."""
    return practice_case_pixels(_fetchable(request, pk).practice_case)


@extend_schema(responses={200: GuidesJSON})
@user_api_view("GET")
def practice_reading_guides(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the guides of a practice reading in an arm with guides."""
    reading = _fetchable(request, pk)
    if reading.round.arm not in GUIDED:
        raise NotFound
    return Response(practice_guides_json(reading))


@extend_schema(request=None, responses={200: ReadingJSON})
@user_api_view("POST")
def practice_reading_open(request: UserAPIRequest, pk: UUID) -> Response:
    """Open the current reading of a round."""
    return Response(practice_reading_json(open_practice_reading(user=request.user, pk=pk)))


@extend_schema(
    request=CellInput,
    parameters=[CELL_PARAMETER],
    responses={200: SavedCellJSON, 409: StaleCellJSON},
)
@user_api_view("PUT")
def practice_reading_cell(request: UserAPIRequest, pk: UUID, cell: str) -> Response:
    """Store or clear the score of one cell; a repeated request has a single effect."""
    try:
        values = dict(CELL.run_validation(request.data))
    except (APIException, StudyError):
        # Another person's reading is a 404 even when the body is invalid.
        get_practice_reading(user=request.user, pk=pk, fetchable=False)
        raise
    # Versions alone tell a repeated request from another one.
    del values["change_id"]
    return Response(save_practice_cell(user=request.user, pk=pk, cell=cell, **values))


@extend_schema(
    request=TracesInput, responses={200: SavedMeasurementJSON, 409: StaleMeasurementJSON}
)
@user_api_view("PUT")
def practice_reading_traces(request: UserAPIRequest, pk: UUID) -> Response:
    """Store the traces of a measured arm; return the lengths and grades measured from them."""
    try:
        values = validated_traces(request)
    except (APIException, StudyError):
        get_practice_reading(user=request.user, pk=pk, fetchable=False)
        raise
    del values["change_id"]
    return Response(save_practice_traces(user=request.user, pk=pk, **values))


@extend_schema(request=None, responses={200: FeedbackJSON})
@user_api_view("POST")
def practice_reading_submit(request: UserAPIRequest, pk: UUID) -> Response:
    """Submit a practice reading; return the reference grades beside the reader's scores."""
    return Response(feedback_json(submit_practice_reading(user=request.user, pk=pk)))


@extend_schema(responses={200: FeedbackJSON})
@user_api_view("GET")
def practice_reading_feedback(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the reference grades and plaques of a submitted practice reading."""
    return Response(feedback_json(get_feedback_reading(user=request.user, pk=pk)))


@extend_schema(request=None, responses={204: None})
@user_api_view("POST")
def practice_reading_feedback_seen(request: UserAPIRequest, pk: UUID) -> Response:
    """Record that the reader has closed the feedback, so that it is not shown again."""
    mark_feedback_seen(user=request.user, pk=pk)
    return Response(status=status.HTTP_204_NO_CONTENT)


def _fetchable(request: UserAPIRequest, pk: UUID) -> PracticeReading:
    return get_practice_reading(user=request.user, pk=pk)
