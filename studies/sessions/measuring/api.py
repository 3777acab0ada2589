"""REST endpoint with which a reader saves the traces of a measured reading."""

from __future__ import annotations

from typing import Any, NotRequired
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from studies.analytics.scale import WALLS
from studies.errors import ErrorJSON, StudyError
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.measuring.geometry import BOUNDARIES
from studies.sessions.measuring.representations import MeasurementJSON, SavedMeasurementJSON
from studies.sessions.measuring.saving import MAX_POINTS, MAX_TRACES, save_traces
from studies.sessions.reading.access import get_own_reading


class PointField(serializers.ListField):
    """A point of the image: x to the right and y downwards, in pixels."""

    child = serializers.FloatField()

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=2, max_length=2, **options)


class TraceInput(serializers.Serializer[Any]):
    """A calcified stretch of a wall, from end to end."""

    wall = serializers.ChoiceField(choices=WALLS)
    points = serializers.ListField(child=PointField(), min_length=2, max_length=MAX_POINTS)


class TracesInput(serializers.Serializer[Any]):
    """All traces of a reading, and the reader's boundaries of the levels in arms without guides."""

    change_id = serializers.UUIDField()
    version = serializers.IntegerField(min_value=0)
    traces = serializers.ListField(child=TraceInput(), max_length=MAX_TRACES)
    boundaries = serializers.ListField(
        child=serializers.ListField(
            child=PointField(), min_length=2, max_length=2, allow_null=True
        ),
        max_length=BOUNDARIES,
        default=list,
    )


class StaleMeasurementJSON(ErrorJSON):
    """An error; with ``stale``, ``measurement`` is the stored one."""

    measurement: NotRequired[MeasurementJSON]


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


def validated_traces(request: UserAPIRequest) -> dict[str, Any]:
    """Return the validated body of a request that saves traces."""
    form = TracesInput(data=request.data)
    form.is_valid(raise_exception=True)
    values = form.validated_data
    traces = [{"wall": trace["wall"], "points": trace["points"]} for trace in values["traces"]]
    return {**values, "traces": traces}
