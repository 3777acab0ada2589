"""Request body and conflict of the endpoints that save traces, also those of practice."""

from __future__ import annotations

from typing import Any, NotRequired

from rest_framework import serializers

from studies.analytics.scale import WALLS
from studies.errors import ErrorJSON
from studies.readers.requests import UserAPIRequest
from studies.sessions.measuring.geometry import BOUNDARIES
from studies.sessions.measuring.representations import MeasurementJSON
from studies.sessions.measuring.saving import MAX_POINTS, MAX_TRACES


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


def validated_traces(request: UserAPIRequest) -> dict[str, Any]:
    """Return the validated body of a request that saves traces."""
    form = TracesInput(data=request.data)
    form.is_valid(raise_exception=True)
    values = form.validated_data
    traces = [{"wall": trace["wall"], "points": trace["points"]} for trace in values["traces"]]
    return {**values, "traces": traces}
