"""REST endpoints of a reader's own practice rounds and practice readings.

They mirror those of study readings, so that the same reading room serves both.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from studies.cases.images.responses import CACHED, pixels_response
from studies.errors import ErrorJSON, NotFound, StudyError
from studies.practice.models import PracticeReading
from studies.practice.phantoms import practice_pixels
from studies.practice.representations import (
    FeedbackJSON,
    PracticeRoundJSON,
    feedback_json,
    practice_guides_json,
    practice_reading_json,
    round_json,
)
from studies.practice.rounds import (
    get_feedback_reading,
    get_practice_reading,
    get_round,
    open_practice_reading,
    save_practice_cell,
    submit_practice_reading,
)
from studies.protocol.design import GUIDED
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.api import CELL_PARAMETER, CellInput, StaleCellJSON
from studies.sessions.representations import GuidesJSON, ReadingJSON
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
    practice_case = _fetchable(request, pk).practice_case
    if practice_case.case is not None:
        return pixels_response(practice_case.case.image)
    assert practice_case.seed is not None  # by a database constraint
    response = HttpResponse(
        practice_pixels(practice_case.seed), content_type="application/octet-stream"
    )
    response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = CACHED
    return response


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
        # Another person's reading answers 404 even when the body is invalid.
        get_practice_reading(user=request.user, pk=pk, fetchable=False)
        raise
    # Versions alone tell a repeated request from another one.
    del values["change_id"]
    return Response(save_practice_cell(user=request.user, pk=pk, cell=cell, **values))


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


def _fetchable(request: UserAPIRequest, pk: UUID) -> PracticeReading:
    return get_practice_reading(user=request.user, pk=pk)
