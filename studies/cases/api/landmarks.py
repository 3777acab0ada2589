"""REST endpoints of a case's landmarks, for the coordinators of its study."""

from __future__ import annotations

from typing import Any, NotRequired, cast
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from inference.results import Landmarks
from studies.cases.access import get_coordinated_case
from studies.cases.api.responses import case_response
from studies.cases.landmarks.corrections import (
    accept_level_labels,
    confirm_corners,
    flip_side,
    move_corners,
    preview_relabelling,
    restore_landmark_set,
    shift_levels,
)
from studies.cases.representations.cases import CaseDetailJSON
from studies.cases.representations.landmarks import (
    LandmarkSetJSON,
    LandmarksJSON,
    RelabelledJSON,
    landmark_set_json,
)
from studies.errors import ErrorJSON, NotFound
from studies.readers.requests import UserAPIRequest, user_api_view

# A message quotes at most so many unknown names, and so many characters of each.
MAX_NAMES, MAX_NAME_LENGTH = 5, 40


class StaleLandmarksJSON(ErrorJSON):
    """An error; with ``stale``, ``version`` is the current version of the landmarks."""

    version: NotRequired[int]


# Corners are measured on the stored image, which may be out of reach.
CORRECTED = {200: CaseDetailJSON, 409: StaleLandmarksJSON, 503: ErrorJSON}


class BasedInput(serializers.Serializer[Any]):
    """``based_on`` is the landmark version that the person saw; a newer one is a conflict."""

    based_on = serializers.IntegerField(min_value=1, required=False)


class ShiftInput(BasedInput):
    """``by`` is 1 to relabel cranially and -1 to relabel caudally."""

    by = serializers.ChoiceField(choices=[1, -1])


class StrictInput(serializers.Serializer[Any]):
    """Rejects unknown fields, because a misspelt corner would count as a removed one."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            # The names come from the request, so what the message repeats of them is bounded.
            names = ", ".join(name[:MAX_NAME_LENGTH] for name in unknown[:MAX_NAMES])
            raise serializers.ValidationError(
                {"non_field_errors": [f"Unknown: {names}. Use the names of the API documentation."]}
            )
        return super().to_internal_value(data)


class CornerField(serializers.ListField):
    """A corner ``[x, y]`` in pixels of the original image; null for a corner outside it."""

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


class RestoreInput(StrictInput):
    based_on = serializers.IntegerField(min_value=1)


@extend_schema(request=BasedInput, responses=CORRECTED)
@user_api_view("POST")
def accept(request: UserAPIRequest, pk: UUID) -> Response:
    """Accept the level labels of a case whose labelling is uncertain."""
    case = get_coordinated_case(request.user, pk)
    form = BasedInput(data=request.data)
    form.is_valid(raise_exception=True)
    accept_level_labels(case=case, actor=request.user, **form.validated_data)
    return case_response(request.user, pk)


@extend_schema(request=BasedInput, responses=CORRECTED)
@user_api_view("POST")
def confirm(request: UserAPIRequest, pk: UUID) -> Response:
    """Confirm that the corners of a case are correct as they are."""
    case = get_coordinated_case(request.user, pk)
    form = BasedInput(data=request.data)
    form.is_valid(raise_exception=True)
    confirm_corners(case=case, actor=request.user, **form.validated_data)
    return case_response(request.user, pk)


@extend_schema(request=ShiftInput, responses=CORRECTED)
@user_api_view("POST")
def shift(request: UserAPIRequest, pk: UUID) -> Response:
    """Relabel all levels by one vertebra, cranially or caudally."""
    case = get_coordinated_case(request.user, pk)
    form = ShiftInput(data=request.data)
    form.is_valid(raise_exception=True)
    shift_levels(case=case, actor=request.user, **form.validated_data)
    return case_response(request.user, pk)


@extend_schema(
    parameters=[OpenApiParameter("by", int, required=True, enum=[1, -1])],
    responses={200: RelabelledJSON},
)
@user_api_view("GET")
def relabelled(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the landmarks as ``shift-levels`` would label them; nothing is saved."""
    case = get_coordinated_case(request.user, pk)
    form = ShiftInput(data=request.query_params)
    form.is_valid(raise_exception=True)
    preview = preview_relabelling(case=case, by=form.validated_data["by"])
    answer: RelabelledJSON = {"landmarks": cast("LandmarksJSON", preview.to_dict())}
    return Response(answer)


@extend_schema(request=BasedInput, responses=CORRECTED)
@user_api_view("POST")
def flip(request: UserAPIRequest, pk: UUID) -> Response:
    """Swap the anterior and the posterior side of the image."""
    case = get_coordinated_case(request.user, pk)
    form = BasedInput(data=request.data)
    form.is_valid(raise_exception=True)
    flip_side(case=case, actor=request.user, **form.validated_data)
    return case_response(request.user, pk)


@extend_schema(request=MoveInput, responses=CORRECTED)
@user_api_view("POST")
def move(request: UserAPIRequest, pk: UUID) -> Response:
    """Save all corners as a new version; earlier versions are kept."""
    case = get_coordinated_case(request.user, pk)
    form = MoveInput(data=request.data)
    form.is_valid(raise_exception=True)
    fields = form.validated_data
    move_corners(
        case=case,
        landmarks=Landmarks.from_dict(fields["landmarks"]),
        based_on=fields["based_on"],
        actor=request.user,
        reason=fields.get("reason", ""),
    )
    return case_response(request.user, pk)


@extend_schema(responses={200: LandmarkSetJSON})
@user_api_view("GET")
def landmark_set(request: UserAPIRequest, pk: UUID, version: int) -> Response:
    """Return one version of a case's landmarks."""
    case = get_coordinated_case(request.user, pk)
    landmarks = case.landmark_sets.filter(version=version).first()
    if landmarks is None:
        raise NotFound
    return Response(landmark_set_json(landmarks))


@extend_schema(request=RestoreInput, responses=CORRECTED)
@user_api_view("POST")
def restore(request: UserAPIRequest, pk: UUID, version: int) -> Response:
    """Restore the corners of an earlier version, as a new version."""
    case = get_coordinated_case(request.user, pk)
    form = RestoreInput(data=request.data)
    form.is_valid(raise_exception=True)
    based_on = form.validated_data["based_on"]
    restore_landmark_set(case=case, version=version, based_on=based_on, actor=request.user)
    return case_response(request.user, pk)
