"""REST endpoints of cases, for the coordinators of their study."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.cases.access import get_coordinated_case
from studies.cases.api.responses import case_response
from studies.cases.images.responses import (
    forbid_caching_while_pending,
    image_of,
    pixels_response,
    thumbnail_response,
)
from studies.cases.listing import CaseFilters, read_case_page
from studies.cases.models import Case
from studies.cases.queueing import queue_analysis
from studies.cases.representations.cases import (
    CaseDetailJSON,
    CasePageJSON,
    case_json,
)
from studies.cases.review import (
    exclude_case,
    reject_case,
    release_case,
    request_analysis,
    undo_release,
)
from studies.errors import ErrorJSON
from studies.readers.access import require_coordinator
from studies.readers.requests import UserAPIRequest, user_api_view

LIST_FILTERS = [OpenApiParameter(name, str) for name in ("state", "site", "q", "order", "page")]


class ReasonInput(serializers.Serializer[Any]):
    """The reason for a decision that takes a case out of the study."""

    reason = serializers.CharField(max_length=500)


@extend_schema(parameters=LIST_FILTERS, responses={200: CasePageJSON})
@user_api_view("GET")
def list_cases(request: UserAPIRequest, slug: str) -> Response:
    """Return one page of the cases that match the filters."""
    membership = require_coordinator(request.user, slug)
    filters = CaseFilters.from_query(request.query_params)
    visible = Case.objects.seen_by(membership)
    count = filters.apply(visible).count()
    page = read_case_page(visible, filters, request.query_params.get("page", ""), count)
    answer: CasePageJSON = {
        "results": [case_json(case) for case in page.cases],
        "count": count,
        "page": page.number,
        "pages": page.pages,
    }
    return Response(answer)


@extend_schema(responses={200: CaseDetailJSON})
@user_api_view("GET")
def case(request: UserAPIRequest, pk: UUID) -> Response:
    """Return a case with its image, landmarks and history."""
    return case_response(request.user, pk)


@extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 503: ErrorJSON})
@user_api_view("GET")
def case_pixels(request: UserAPIRequest, pk: UUID) -> HttpResponse:
    """Return the pixels of a case's image."""
    case = get_coordinated_case(request.user, pk)
    # Names may still be visible in a pending image, so it must not stay in a browser's cache.
    return forbid_caching_while_pending(pixels_response(image_of(case)), case)


@extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY, 503: ErrorJSON})
@user_api_view("GET")
def case_thumbnail(request: UserAPIRequest, pk: UUID) -> HttpResponse:
    """Return the thumbnail of a case's image."""
    case = get_coordinated_case(request.user, pk)
    return forbid_caching_while_pending(thumbnail_response(image_of(case)), case)


@extend_schema(request=None, responses={200: CaseDetailJSON})
@user_api_view("POST")
def release(request: UserAPIRequest, pk: UUID) -> Response:
    """Release an image that was pending review, and analyse it if that has not been done."""
    case = get_coordinated_case(request.user, pk)
    with transaction.atomic():
        released = release_case(case=case, actor=request.user)
        if released.state == Case.State.RECEIVED:
            # On commit, because a worker must not look for the row before it is there.
            transaction.on_commit(lambda: queue_analysis(released))
    return case_response(request.user, pk)


@extend_schema(request=None, responses={200: CaseDetailJSON})
@user_api_view("POST")
def undo(request: UserAPIRequest, pk: UUID) -> Response:
    """Return a released case to the review queue, as long as it is not assigned to a reader."""
    undo_release(case=get_coordinated_case(request.user, pk), actor=request.user)
    return case_response(request.user, pk)


@extend_schema(request=None, responses={200: CaseDetailJSON})
@user_api_view("POST")
def analyse(request: UserAPIRequest, pk: UUID) -> Response:
    """Repeat the analysis of a case if it failed or was lost."""
    case = get_coordinated_case(request.user, pk)
    with transaction.atomic():
        waiting = request_analysis(case=case, actor=request.user)
        transaction.on_commit(lambda: queue_analysis(waiting))
    return case_response(request.user, pk)


@extend_schema(request=ReasonInput, responses={200: CaseDetailJSON, 503: ErrorJSON})
@user_api_view("POST")
def reject(request: UserAPIRequest, pk: UUID) -> Response:
    """Reject a case and delete its files."""
    case = get_coordinated_case(request.user, pk)
    reject_case(case=case, actor=request.user, reason=_reason(request))
    return case_response(request.user, pk)


@extend_schema(request=ReasonInput, responses={200: CaseDetailJSON})
@user_api_view("POST")
def exclude(request: UserAPIRequest, pk: UUID) -> Response:
    """Exclude a case from the study; its readings are kept."""
    case = get_coordinated_case(request.user, pk)
    exclude_case(case=case, actor=request.user, reason=_reason(request))
    return case_response(request.user, pk)


def _reason(request: UserAPIRequest) -> str:
    form = ReasonInput(data=request.data)
    form.is_valid(raise_exception=True)
    return str(form.validated_data["reason"])
