"""REST endpoints of a study's cases, for its coordinators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import parser_classes
from rest_framework.response import Response

from studies.cases.editable import check_study_changeable
from studies.cases.landmarks.sets import accept_doubt, flip_side, shift_levels
from studies.cases.listing import CaseFilters, case_page
from studies.cases.models import Case, Image, Upload
from studies.cases.querysets import UploadQuerySet
from studies.cases.queueing import queue_accepted, queue_analysis
from studies.cases.representations import case_detail_json, case_json, uploads_json
from studies.cases.review import (
    ask_for_analysis,
    exclude_case,
    refuse_case,
    release_case,
    undo_release,
)
from studies.cases.upload.history import (
    Cursor,
    count_uploads,
    cursor_now,
    newest_uploads,
    uploads_changed,
)
from studies.cases.upload.receive import take_in_upload
from studies.cases.upload.receiving import SLOTS, UploadParser, check_announced, in_turn, receiving
from studies.errors import NotFound, StudyError
from studies.readers.access import accessible_sites, active_memberships, require_coordinator
from studies.readers.models import Membership, Role, User
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.storage.files import read_stored


class UploadInput(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)
    site = serializers.SlugField()
    name = serializers.CharField(max_length=4096, required=False, trim_whitespace=False)


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class BasedInput(serializers.Serializer[Any]):
    based_on = serializers.IntegerField(min_value=1, required=False)


class ShiftInput(BasedInput):
    by = serializers.ChoiceField(choices=[1, -1])


ANSWER = {200: OpenApiTypes.OBJECT}
LIST_FILTERS = [OpenApiParameter(name, str) for name in ("state", "site", "q", "order", "page")]
UPLOAD_PLACES = [OpenApiParameter(name, str) for name in ("since", "before")]


def coordinated_case(user: User, pk: UUID) -> Case:
    """The case, if the person coordinates its study or site; raises NotFound."""
    for membership in active_memberships(user, Role.COORDINATOR):
        case = Case.objects.seen_by(membership).filter(pk=pk).listed().first()
        if case is not None:
            return case
    raise NotFound


@extend_schema(parameters=LIST_FILTERS, responses=ANSWER)
@user_api_view("GET")
def list_cases(request: UserAPIRequest, slug: str) -> Response:
    membership = require_coordinator(request.user, slug)
    filters = CaseFilters.of(request.query_params)
    seen = Case.objects.seen_by(membership)
    count = filters.apply(seen).count()
    page = case_page(seen, filters, request.query_params.get("page", ""), count)
    return Response(
        {
            "results": [case_json(case) for case in page.cases],
            "count": count,
            "page": page.number,
            "pages": page.pages,
        }
    )


@extend_schema(parameters=UPLOAD_PLACES, request=UploadInput, responses={201: OpenApiTypes.OBJECT})
@user_api_view("GET", "POST")
@parser_classes([UploadParser])
def uploads(request: UserAPIRequest, slug: str) -> Response:
    """Take in one file, or each file of a zip; list what became of this person's files.

    Nothing of the body is read until sender, study and size have been checked.
    """
    membership = require_coordinator(request.user, slug)
    mine = Upload.objects.of(request.user, membership.study)
    if request.method == "GET":
        return Response(_uploads_answer(mine, membership, request.query_params))
    check_study_changeable(membership.study)
    check_announced(request)
    with SLOTS.one():
        with receiving(request._request):
            form = UploadInput(data=request.data)
        form.is_valid(raise_exception=True)
        results = _take_in(membership, form.validated_data, request.user)
    fresh = list(mine.filter(pk__in=[upload.pk for upload in results]))
    return Response({"results": uploads_json(fresh, membership)}, status=status.HTTP_201_CREATED)


def _uploads_answer(
    mine: UploadQuerySet, membership: Membership, query: Mapping[str, str]
) -> dict[str, Any]:
    """The newest uploads, those behind ``before``, or those that changed after ``since``."""
    if since := query.get("since"):
        changes = uploads_changed(mine, membership, Cursor.parse(since))
        rows, cursor, more = changes.uploads, changes.cursor, changes.more
    else:
        cursor, more = cursor_now(), False
        before = query.get("before")
        rows = newest_uploads(mine, Cursor.parse(before) if before else None)
    return {
        "results": uploads_json(rows, membership),
        "counts": count_uploads(mine, membership),
        "cursor": str(cursor),
        "more": more,
    }


def _take_in(membership: Membership, sent: dict[str, Any], user: User) -> list[Upload]:
    site = accessible_sites(membership).filter(code=sent["site"]).first()
    if site is None:
        raise StudyError("unknown_site", "Choose one of the study's sites that you look after.")
    file = sent["file"]
    results = []
    uploads = take_in_upload(
        study=membership.study,
        site=site,
        file=file,
        size=file.size,
        name=sent.get("name") or file.name,
        uploader=user,
    )
    for upload in in_turn(uploads):
        queue_accepted(upload)
        results.append(upload)
    return results


@extend_schema(request=None, responses={204: None})
@user_api_view("POST")
def dismiss_upload(request: UserAPIRequest, pk: UUID) -> Response:
    deleted, _ = Upload.objects.filter(uploader=request.user, pk=pk).delete()
    if not deleted:
        raise NotFound
    return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(request=None, responses={204: None})
@user_api_view("POST")
def dismiss_all_uploads(request: UserAPIRequest, slug: str) -> Response:
    membership = require_coordinator(request.user, slug)
    Upload.objects.of(request.user, membership.study).delete()
    return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def case(request: UserAPIRequest, pk: UUID) -> Response:
    return _answer(request.user, pk)


@extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
@user_api_view("GET")
def case_pixels(request: UserAPIRequest, pk: UUID) -> HttpResponse:
    found = coordinated_case(request.user, pk)
    return _kept_if_released(pixels_response(_image_of(found)), found)


@extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
@user_api_view("GET")
def case_thumbnail(request: UserAPIRequest, pk: UUID) -> HttpResponse:
    found = coordinated_case(request.user, pk)
    thumbnail = read_stored(_image_of(found).thumbnail)
    response = HttpResponse(thumbnail, content_type="image/png")
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return _kept_if_released(response, found)


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def release(request: UserAPIRequest, pk: UUID) -> Response:
    found = coordinated_case(request.user, pk)
    with transaction.atomic():
        changed = release_case(case=found, actor=request.user)
        if changed.state == Case.State.RECEIVED:
            transaction.on_commit(lambda: queue_analysis(changed))
    return _answer(request.user, pk)


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def undo(request: UserAPIRequest, pk: UUID) -> Response:
    """Take a release back, as long as the case was assigned to nobody."""
    undo_release(case=coordinated_case(request.user, pk), actor=request.user)
    return _answer(request.user, pk)


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def analyse(request: UserAPIRequest, pk: UUID) -> Response:
    found = coordinated_case(request.user, pk)
    with transaction.atomic():
        changed = ask_for_analysis(case=found, actor=request.user)
        transaction.on_commit(lambda: queue_analysis(changed))
    return _answer(request.user, pk)


@extend_schema(request=ReasonInput, responses=ANSWER)
@user_api_view("POST")
def refuse(request: UserAPIRequest, pk: UUID) -> Response:
    found = coordinated_case(request.user, pk)
    refuse_case(case=found, actor=request.user, reason=_reason(request))
    return _answer(request.user, pk)


@extend_schema(request=ReasonInput, responses=ANSWER)
@user_api_view("POST")
def exclude(request: UserAPIRequest, pk: UUID) -> Response:
    found = coordinated_case(request.user, pk)
    exclude_case(case=found, actor=request.user, reason=_reason(request))
    return _answer(request.user, pk)


@extend_schema(request=BasedInput, responses=ANSWER)
@user_api_view("POST")
def accept(request: UserAPIRequest, pk: UUID) -> Response:
    found = coordinated_case(request.user, pk)
    form = BasedInput(data=request.data)
    form.is_valid(raise_exception=True)
    accept_doubt(case=found, actor=request.user, **form.validated_data)
    return _answer(request.user, pk)


@extend_schema(request=ShiftInput, responses=ANSWER)
@user_api_view("POST")
def shift(request: UserAPIRequest, pk: UUID) -> Response:
    found = coordinated_case(request.user, pk)
    form = ShiftInput(data=request.data)
    form.is_valid(raise_exception=True)
    shift_levels(case=found, actor=request.user, **form.validated_data)
    return _answer(request.user, pk)


@extend_schema(request=BasedInput, responses=ANSWER)
@user_api_view("POST")
def flip(request: UserAPIRequest, pk: UUID) -> Response:
    found = coordinated_case(request.user, pk)
    form = BasedInput(data=request.data)
    form.is_valid(raise_exception=True)
    flip_side(case=found, actor=request.user, **form.validated_data)
    return _answer(request.user, pk)


def pixels_response(image: Image) -> HttpResponse:
    """Gzipped rows of pixels; the browser's fetch unpacks them."""
    pixels = read_stored(image.pixels)
    response = HttpResponse(pixels, content_type="application/octet-stream")
    response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


def _kept_if_released(response: Any, found: Case) -> Any:
    """A held image may show a name: no browser keeps it."""
    if found.state == Case.State.HELD:
        response["Cache-Control"] = "private, no-store"
    return response


def _answer(user: User, pk: UUID) -> Response:
    return Response(case_detail_json(coordinated_case(user, pk), user))


def _image_of(found: Case) -> Image:
    if found.state == Case.State.REFUSED:
        raise NotFound("The image of this case was removed when it was refused.")
    return found.image


def _reason(request: UserAPIRequest) -> str:
    form = ReasonInput(data=request.data)
    form.is_valid(raise_exception=True)
    return str(form.validated_data["reason"])
