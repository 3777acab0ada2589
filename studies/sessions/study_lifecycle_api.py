"""REST endpoints with which coordinators run a study: assignment, opening, locking, progress."""

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
from studies.readers.access import (
    active_memberships,
    require_coordinator,
    require_study_coordinator,
)
from studies.readers.models import Role
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.models import Reading
from studies.sessions.progress import get_reader_progress, get_site_progress, get_study_overview
from studies.sessions.study_lifecycle import (
    assign_cases,
    lock_study,
    open_study,
    pause_study,
    preview_assignment,
    reopen_reading,
)

ANSWER = {200: OpenApiTypes.OBJECT}
# Published keys of the overview that differ from the names of its fields.
OVERVIEW_KEYS = {
    "pending_review": "held",
    "uncertain": "in_doubt",
    "unassigned": "undealt",
    "assigned": "dealt",
}


class ReopenInput(serializers.Serializer[Any]):
    """Why a reading is reopened."""

    reason = serializers.CharField(max_length=500)


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def assignment_preview(request: UserAPIRequest, slug: str) -> Response:
    """Return the assignment that would be stored now."""
    preview = preview_assignment(require_study_coordinator(request.user, slug))
    return Response(
        {
            "batch": preview.batch,
            "cases": preview.cases,
            "left_out": preview.left_out,
            "minutes_each": preview.minutes_each,
            "readers": [
                {
                    "label": reader.label,
                    "site": reader.site.code if reader.site else "",
                    "readings": count,
                    "first_arm": arm,
                }
                for reader, count, arm in preview.by_reader
            ],
        }
    )


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def assign(request: UserAPIRequest, slug: str) -> Response:
    """Assign the new cases; return the number of readings."""
    study = require_study_coordinator(request.user, slug)
    return Response({"readings": assign_cases(study=study, by=request.user)})


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def open_(request: UserAPIRequest, slug: str) -> Response:
    """Open the study for reading."""
    return _change_state(request, slug, open_study)


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def pause(request: UserAPIRequest, slug: str) -> Response:
    """Pause the study."""
    return _change_state(request, slug, pause_study)


@extend_schema(request=None, responses=ANSWER)
@user_api_view("POST")
def lock(request: UserAPIRequest, slug: str) -> Response:
    """Lock the study for good."""
    return _change_state(request, slug, lock_study)


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def overview(request: UserAPIRequest, slug: str) -> Response:
    """Return the counts of cases and readings, the readers' progress and the next step."""
    counts = asdict(get_study_overview(require_coordinator(request.user, slug)))
    return Response({OVERVIEW_KEYS.get(name, name): value for name, value in counts.items()})


@extend_schema(responses=ANSWER)
@user_api_view("GET")
def progress(request: UserAPIRequest, slug: str) -> Response:
    """Return each reader's and each site's progress, small enough to be polled."""
    readers = get_reader_progress(require_coordinator(request.user, slug))
    return Response(
        {
            "readers": [asdict(reader) for reader in readers],
            "sites": [asdict(site) for site in get_site_progress(readers)],
        }
    )


@extend_schema(request=ReopenInput, responses=ANSWER)
@user_api_view("POST")
def reopen(request: UserAPIRequest, pk: UUID) -> Response:
    """Reopen a submitted reading for its reader."""
    memberships = active_memberships(request.user, Role.COORDINATOR).filter(site=None)
    readings = Reading.objects.filter(reading_list__study__in=memberships.values("study"))
    reading = readings.filter(pk=pk).first()
    # An unknown reading and one of another study get the same answer.
    if reading is None:
        raise NotFound
    form = ReopenInput(data=request.data)
    form.is_valid(raise_exception=True)
    reopened = reopen_reading(
        reading=reading, by=request.user, reason=form.validated_data["reason"]
    )
    return Response({"state": reopened.state})


def _change_state(request: UserAPIRequest, slug: str, change: Callable[..., Study]) -> Response:
    study = change(study=require_study_coordinator(request.user, slug), by=request.user)
    return Response({"state": study.state})
