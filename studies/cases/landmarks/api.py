"""REST endpoints of a case's landmark sets, for the coordinators of its study."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from inference.results import Landmarks
from studies.cases.api import ShiftInput, coordinated_case
from studies.cases.landmarks.sets import move_corners, relabelling_preview, take_again
from studies.cases.representations import case_detail_json, landmark_set_json
from studies.errors import NotFound
from studies.readers.requests import UserAPIRequest, user_api_view

ANSWER = {200: OpenApiTypes.OBJECT}
MOST_NAMES, LONGEST_NAME = 5, 40


class StrictInput(serializers.Serializer[Any]):
    """Refuses what it does not know: a misspelt corner would be a corner taken away."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            names = ", ".join(name[:LONGEST_NAME] for name in unknown[:MOST_NAMES])
            verb = "is" if len(unknown) == 1 else "are"
            raise serializers.ValidationError(
                {"non_field_errors": [f"{names} {verb} not known here."]}
            )
        return super().to_internal_value(data)


class CornerField(serializers.ListField):
    """``[x, y]`` in the image's own pixels, or null outside the image."""

    def __init__(self, **options: Any) -> None:
        child = serializers.FloatField()
        super().__init__(child=child, min_length=2, max_length=2, allow_null=True, **options)


class BodyInput(StrictInput):
    superior_posterior = CornerField()
    superior_anterior = CornerField()
    inferior_posterior = CornerField()
    inferior_anterior = CornerField()


class LandmarksInput(StrictInput):
    T12 = BodyInput(allow_null=True)
    L1 = BodyInput(allow_null=True)
    L2 = BodyInput(allow_null=True)
    L3 = BodyInput(allow_null=True)
    L4 = BodyInput(allow_null=True)
    L5 = BodyInput(allow_null=True)


class MoveInput(StrictInput):
    based_on = serializers.IntegerField(min_value=1)
    landmarks = LandmarksInput()
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class TakeInput(StrictInput):
    based_on = serializers.IntegerField(min_value=1)


@extend_schema(request=MoveInput, responses=ANSWER)
@user_api_view("POST")
def move(request: UserAPIRequest, pk: UUID) -> Response:
    """Save all corners as they are now, as a new version; the earlier ones stay."""
    found = coordinated_case(request.user, pk)
    form = MoveInput(data=request.data)
    form.is_valid(raise_exception=True)
    sent = form.validated_data
    move_corners(
        case=found,
        landmarks=Landmarks.from_dict(sent["landmarks"]),
        based_on=sent["based_on"],
        actor=request.user,
        reason=sent.get("reason", ""),
    )
    return Response(case_detail_json(coordinated_case(request.user, pk), request.user))


@extend_schema(parameters=[OpenApiParameter("by", int, required=True)], responses=ANSWER)
@user_api_view("GET")
def relabelled(request: UserAPIRequest, pk: UUID) -> Response:
    """The landmarks as they would be named after ``shift-levels``; nothing is saved."""
    found = coordinated_case(request.user, pk)
    form = ShiftInput(data=request.query_params)
    form.is_valid(raise_exception=True)
    preview = relabelling_preview(case=found, by=form.validated_data["by"])
    return Response({"landmarks": preview.to_dict()})


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def landmark_set(request: UserAPIRequest, pk: UUID, version: int) -> Response:
    found = coordinated_case(request.user, pk).landmark_sets.filter(version=version).first()
    if found is None:
        raise NotFound
    return Response(landmark_set_json(found))


@extend_schema(request=TakeInput, responses=ANSWER)
@user_api_view("POST")
def take(request: UserAPIRequest, pk: UUID, version: int) -> Response:
    """Make an earlier version's corners the current ones again, as a new version."""
    found = coordinated_case(request.user, pk)
    form = TakeInput(data=request.data)
    form.is_valid(raise_exception=True)
    based_on = form.validated_data["based_on"]
    take_again(case=found, version=version, based_on=based_on, actor=request.user)
    return Response(case_detail_json(coordinated_case(request.user, pk), request.user))
