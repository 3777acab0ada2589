"""REST endpoints with which coordinators run a study: assignment, opening, locking, progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, TypedDict
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.errors import ErrorJSON, NotFound
from studies.openapi import Keyword
from studies.protocol.models import Study
from studies.readers.access import (
    active_memberships,
    require_coordinator,
    require_study_coordinator,
)
from studies.readers.models import Role
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.assignment.batches import batch_page, batch_progress
from studies.sessions.assignment.preview import parse_pace, preview_assignment
from studies.sessions.assignment.readiness import list_requirements
from studies.sessions.assignment.reassignment import reassign_cases
from studies.sessions.assignment.representations import (
    AssignmentPreviewJSON,
    BatchPageJSON,
    batch_json,
    preview_json,
)
from studies.sessions.models import Reading
from studies.sessions.progress import (
    Overview,
    StudyProgress,
    get_reader_progress,
    get_site_progress,
    get_study_overview,
)
from studies.sessions.study_lifecycle import (
    assign_cases,
    lock_study,
    open_study,
    pause_study,
    queue_snapshot,
    reopen_reading,
)


class RequirementJSON(TypedDict):
    """What a study needs before a step; ``text`` states what there is, or what to do."""

    name: str
    met: bool
    text: str
    before: Annotated[str, Keyword("enum", ("assignment", "opening", "reading"))]


class ReadinessJSON(TypedDict):
    """What a study needs before reading can start, in the order of work."""

    ready: bool
    requirements: list[RequirementJSON]


class AssignmentJSON(TypedDict):
    """The number of readings that were assigned."""

    readings: int


class ReassignedJSON(TypedDict):
    """The numbers of reassigned cases and of their readings, and the labels of the new readers."""

    cases: int
    readings: int
    to: str


class AssignInput(serializers.Serializer[Any]):
    """Whether cases may be assigned that were analysed with other weights."""

    other_weights = serializers.BooleanField(default=False)


class ReassignInput(serializers.Serializer[Any]):
    """Labels of the deactivated reader and of the new reader; ``to`` may be "all"."""

    reader = serializers.CharField(max_length=20)
    to = serializers.CharField(max_length=20)


class ChangedStudyJSON(TypedDict):
    """The state of the study after the change."""

    state: Annotated[str, Study.State]


class ReopenedJSON(TypedDict):
    """The state of the reading after the change."""

    state: Annotated[str, Reading.State]


class ReopenInput(serializers.Serializer[Any]):
    """Why a reading is reopened."""

    reason = serializers.CharField(max_length=500)


@extend_schema(
    parameters=[OpenApiParameter("readings_per_week", int, description="Pace of the plan.")],
    responses={200: AssignmentPreviewJSON, 403: ErrorJSON},
)
@user_api_view("GET")
def assignment_preview(request: UserAPIRequest, slug: str) -> Response:
    """Return the assignment that would be stored now, with the dates at a pace of reading."""
    study = require_study_coordinator(request.user, slug)
    pace = parse_pace(request.query_params.get("readings_per_week", ""))
    return Response(preview_json(study, preview_assignment(study), pace))


@extend_schema(
    parameters=[OpenApiParameter("page", int)], responses={200: BatchPageJSON, 403: ErrorJSON}
)
@user_api_view("GET")
def batches(request: UserAPIRequest, slug: str) -> Response:
    """List the batches in which cases were assigned, newest first, and what has been read."""
    study = require_study_coordinator(request.user, slug)
    page = batch_page(study, request.query_params.get("page", ""))
    answer: BatchPageJSON = {
        "results": [batch_json(entry) for entry in batch_progress(study, list(page.object_list))],
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
    }
    return Response(answer)


@extend_schema(responses={200: ReadinessJSON, 403: ErrorJSON})
@user_api_view("GET")
def readiness(request: UserAPIRequest, slug: str) -> Response:
    """Return what the study still needs before reading can start."""
    requirements = list_requirements(require_study_coordinator(request.user, slug))
    answer: ReadinessJSON = {
        "ready": all(requirement.met for requirement in requirements),
        "requirements": [
            {
                "name": requirement.name,
                "met": requirement.met,
                "text": requirement.text,
                "before": requirement.before,
            }
            for requirement in requirements
        ],
    }
    return Response(answer)


@extend_schema(request=AssignInput, responses={200: AssignmentJSON})
@user_api_view("POST")
def assign(request: UserAPIRequest, slug: str) -> Response:
    """Assign the new cases; return the number of readings.

    The first assignment is refused if cases were analysed with other weights than those that it
    fixes, unless ``other_weights`` confirms this.
    """
    study = require_study_coordinator(request.user, slug)
    form = AssignInput(data=request.data)
    form.is_valid(raise_exception=True)
    readings = assign_cases(study=study, by=request.user, **form.validated_data)
    answer: AssignmentJSON = {"readings": readings}
    return Response(answer)


@extend_schema(request=ReassignInput, responses={200: ReassignedJSON})
@user_api_view("POST")
def reassign(request: UserAPIRequest, slug: str) -> Response:
    """Reassign the unfinished cases of a deactivated reader to one or all other readers."""
    study = require_study_coordinator(request.user, slug)
    form = ReassignInput(data=request.data)
    form.is_valid(raise_exception=True)
    reassigned = reassign_cases(study=study, by=request.user, **form.validated_data)
    answer: ReassignedJSON = {
        "cases": reassigned.cases,
        "readings": reassigned.readings,
        "to": reassigned.to,
    }
    return Response(answer)


@extend_schema(request=None, responses={200: ChangedStudyJSON})
@user_api_view("POST")
def open_(request: UserAPIRequest, slug: str) -> Response:
    """Open the study for reading."""
    return _change_state(request, slug, open_study)


@extend_schema(request=None, responses={200: ChangedStudyJSON})
@user_api_view("POST")
def pause(request: UserAPIRequest, slug: str) -> Response:
    """Pause the study."""
    return _change_state(request, slug, pause_study)


@extend_schema(request=None, responses={200: ChangedStudyJSON})
@user_api_view("POST")
def lock(request: UserAPIRequest, slug: str) -> Response:
    """Lock the study permanently."""
    return _change_state(request, slug, lock_study, then=queue_snapshot)


@extend_schema(responses={200: Overview})
@user_api_view("GET")
def overview(request: UserAPIRequest, slug: str) -> Response:
    """Return the counts of cases and readings, the readers' progress and the next step."""
    return Response(asdict(get_study_overview(require_coordinator(request.user, slug))))


@extend_schema(responses={200: StudyProgress})
@user_api_view("GET")
def progress(request: UserAPIRequest, slug: str) -> Response:
    """Return the progress of each reader and site; small enough to be polled."""
    readers = get_reader_progress(require_coordinator(request.user, slug))
    return Response(asdict(StudyProgress(readers, get_site_progress(readers))))


@extend_schema(request=ReopenInput, responses={200: ReopenedJSON})
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
    answer: ReopenedJSON = {"state": reopened.state}
    return Response(answer)


def _change_state(
    request: UserAPIRequest,
    slug: str,
    change: Callable[..., Study],
    *,
    then: Callable[[Study], object] | None = None,
) -> Response:
    study = change(study=require_study_coordinator(request.user, slug), by=request.user)
    if then:
        then(study)
    answer: ChangedStudyJSON = {"state": study.state}
    return Response(answer)
