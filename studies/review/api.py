"""REST endpoints of the review and of adjudication after the lock."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.analytics.scale import CELLS
from studies.cases.images.responses import pixels_response
from studies.errors import ErrorJSON
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.review.access import get_reviewed_case
from studies.review.adjudication.representations import AdjudicationJSON, adjudication_json
from studies.review.adjudication.work import get_adjudication, save_scores, submit_adjudication

PIXELS = {
    (200, "application/octet-stream"): OpenApiTypes.BINARY,
    403: ErrorJSON,
    503: ErrorJSON,
}


class AdjudicatedCellInput(serializers.Serializer[Any]):
    """A grade, or the NHANES code of the reason why a cell is not readable."""

    cell = serializers.ChoiceField(choices=CELLS)
    score = serializers.IntegerField(min_value=0, max_value=3, allow_null=True)
    validity = serializers.IntegerField(min_value=0, max_value=6)


class AdjudicationInput(serializers.Serializer[Any]):
    """All scores entered so far; cells that are left out are empty."""

    cells = serializers.ListField(child=AdjudicatedCellInput(), max_length=len(CELLS))


@extend_schema(responses=PIXELS)
@user_api_view("GET")
def review_pixels(request: UserAPIRequest, slug: str, label: str) -> HttpResponse:
    """Return the image of a case to a person who reviews its readings after the lock."""
    _, case = get_reviewed_case(request.user, slug, label)
    return pixels_response(case.image)


@extend_schema(responses=PIXELS)
@user_api_view("GET")
def adjudication_pixels(request: UserAPIRequest, pk: UUID) -> HttpResponse:
    """Return the image of a case on the adjudicator's work list."""
    _, adjudication = get_adjudication(request.user, pk)
    return pixels_response(adjudication.case.image)


@extend_schema(request=AdjudicationInput, responses={200: AdjudicationJSON})
@user_api_view("PUT")
def adjudication_scores(request: UserAPIRequest, pk: UUID) -> Response:
    """Store the scores of an adjudication that has been opened and not submitted."""
    # Before the body is read: a reply must not reveal whether another person's case exists.
    get_adjudication(request.user, pk)
    form = AdjudicationInput(data=request.data)
    form.is_valid(raise_exception=True)
    scores = {
        cell["cell"]: {"score": cell["score"], "validity": cell["validity"]}
        for cell in form.validated_data["cells"]
    }
    return Response(adjudication_json(save_scores(user=request.user, pk=pk, scores=scores)))


@extend_schema(request=None, responses={200: AdjudicationJSON})
@user_api_view("POST")
def adjudication_submit(request: UserAPIRequest, pk: UUID) -> Response:
    """Submit an adjudication, which is final."""
    return Response(adjudication_json(submit_adjudication(user=request.user, pk=pk)))
