"""REST endpoints of a study's course, for its coordinators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.errors import NotFound
from studies.protocol.models import Study
from studies.readers.access import coordinated, coordinated_whole, memberships_of
from studies.readers.models import Role
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.models import Reading
from studies.sessions.progress import reader_progress, site_progress, study_overview
from studies.sessions.reading import reopen_reading
from studies.sessions.study_lifecycle import (
    deal_lists,
    lock_study,
    open_study,
    pause_study,
    preview_dealing,
)

ANSWER = {200: OpenApiTypes.OBJECT}


class ReopenInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def dealing_preview(request: UserAPIRequest, slug: str) -> Response:
    preview = preview_dealing(coordinated_whole(request.user, slug))
    return Response(
        {
            "batch": preview.batch,
            "cases": preview.cases,
            "left_out": preview.left_out,
            "minutes_each": preview.minutes_each,
            "readers": [
                {"label": r.label, "site": r.site.code, "readings": count, "first_arm": arm}
                for r, count, arm in preview.by_reader
            ],
        }
    )


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def deal(request: UserAPIRequest, slug: str) -> Response:
    study = coordinated_whole(request.user, slug)
    return Response({"readings": deal_lists(study=study, by=request.user)})


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def open_(request: UserAPIRequest, slug: str) -> Response:
    return _course(request, slug, open_study)


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def pause(request: UserAPIRequest, slug: str) -> Response:
    return _course(request, slug, pause_study)


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def lock(request: UserAPIRequest, slug: str) -> Response:
    return _course(request, slug, lock_study)


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def overview(request: UserAPIRequest, slug: str) -> Response:
    return Response(study_overview(coordinated(request.user, slug)).to_dict())


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def progress(request: UserAPIRequest, slug: str) -> Response:
    """Each reader's and each site's progress, small enough to be polled."""
    readers = reader_progress(coordinated(request.user, slug))
    return Response(
        {
            "readers": [asdict(reader) for reader in readers],
            "sites": [asdict(site) for site in site_progress(readers)],
        }
    )


@extend_schema(request=ReopenInput, responses=ANSWER)
@user_api_view("POST")
def reopen(request: UserAPIRequest, pk: UUID) -> Response:
    studies = memberships_of(request.user, Role.COORDINATOR).filter(site=None).values("study")
    reading = Reading.objects.filter(pk=pk, reading_list__study__in=studies).first()
    if reading is None:
        raise NotFound
    form = ReopenInput(data=request.data)
    form.is_valid(raise_exception=True)
    reopened = reopen_reading(
        reading=reading, by=request.user, reason=form.validated_data["reason"]
    )
    return Response({"state": reopened.state})


def _course(request: UserAPIRequest, slug: str, change: Callable[..., Study]) -> Response:
    study = change(study=coordinated_whole(request.user, slug), by=request.user)
    return Response({"state": study.state})
