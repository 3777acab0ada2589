"""REST endpoint with which a reader saves the traces of a measured reading."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from studies.errors import StudyError
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.measuring.inputs import StaleMeasurementJSON, TracesInput, validated_traces
from studies.sessions.measuring.representations import SavedMeasurementJSON
from studies.sessions.measuring.saving import save_traces
from studies.sessions.reading.access import get_own_reading


@extend_schema(
    request=TracesInput, responses={200: SavedMeasurementJSON, 409: StaleMeasurementJSON}
)
@user_api_view("PUT")
def reading_traces(request: UserAPIRequest, pk: UUID) -> Response:
    """Store the traces of a reading; return the lengths and grades measured from them."""
    try:
        values = validated_traces(request)
    except (APIException, StudyError):
        # Another person's reading is a 404 even when the body is invalid.
        get_own_reading(user=request.user, pk=pk)
        raise
    return Response(save_traces(user=request.user, pk=pk, **values))
