"""REST endpoints of the review after the lock."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from studies.cases.images.responses import pixels_response
from studies.errors import ErrorJSON
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.review.access import get_reviewed_case


@extend_schema(
    responses={
        (200, "application/octet-stream"): OpenApiTypes.BINARY,
        403: ErrorJSON,
        503: ErrorJSON,
    }
)
@user_api_view("GET")
def review_pixels(request: UserAPIRequest, slug: str, label: str) -> HttpResponse:
    """Return the image of a case to a person who reviews its readings after the lock."""
    _, case = get_reviewed_case(request.user, slug, label)
    return pixels_response(case.image)
