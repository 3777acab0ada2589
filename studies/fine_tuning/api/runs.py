"""REST endpoints of fine-tuning runs: list, start, cases, cancel and resume."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from studies.errors import ErrorJSON
from studies.fine_tuning.access import (
    CASES_PER_PAGE,
    RUNS_PER_PAGE,
    cases_of_run,
    get_run,
    select_studies,
)
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.queueing import queue_fine_tuning
from studies.fine_tuning.representations import (
    FineTuningCasePageJSON,
    FineTuningJSON,
    FineTuningPageJSON,
    fine_tuning_case_json,
    fine_tuning_json,
)
from studies.fine_tuning.runs import cancel_run, request_fine_tuning, resume_run
from studies.readers.access import require_study_coordinator
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.registry.access import get_visible_model


class FineTuningInput(serializers.Serializer[Any]):
    """A run on the corrected cases of this study, and of ``more_studies`` by short name.

    ``left_out`` are labels of cases that are not used, such as C0012 or trial/C0012; ``consent``
    states the basis on which the images may be used for training.
    """

    name = serializers.CharField(max_length=80)
    start = serializers.UUIDField()
    consent = serializers.CharField(max_length=500)
    more_studies = serializers.ListField(
        child=serializers.SlugField(max_length=60), required=False, max_length=50
    )
    left_out = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=1000
    )


@extend_schema(
    parameters=[OpenApiParameter("page", str)],
    responses={200: FineTuningPageJSON, 403: ErrorJSON},
)
@user_api_view("GET")
def fine_tunings(request: UserAPIRequest, slug: str) -> Response:
    """List the fine-tuning runs that use cases of the study, newest first."""
    study = require_study_coordinator(request.user, slug)
    runs = FineTuningRun.objects.shown_to(request.user)
    # As a subquery, because a join would change the number of studies.
    of_study = FineTuningRun.objects.filter(studies=study).values("pk")
    pages = Paginator(runs.filter(pk__in=of_study), RUNS_PER_PAGE)
    page = pages.get_page(request.query_params.get("page"))
    answer: FineTuningPageJSON = {
        "results": [fine_tuning_json(run) for run in page.object_list],
        "count": pages.count,
        "page": page.number,
        "pages": pages.num_pages,
    }
    return Response(answer)


@extend_schema(request=FineTuningInput, responses={201: FineTuningJSON, 429: ErrorJSON})
@user_api_view("POST")
def start_fine_tuning(request: UserAPIRequest, slug: str) -> Response:
    """Fine-tune a model on corrected cases in the background; its result is not activated."""
    study = require_study_coordinator(request.user, slug)
    form = FineTuningInput(data=request.data)
    form.is_valid(raise_exception=True)
    fields = form.validated_data
    run = request_fine_tuning(
        by=request.user,
        name=fields["name"],
        start=get_visible_model(request.user, fields["start"]),
        studies=select_studies(request.user, [study.slug, *fields.get("more_studies", [])]),
        consent=fields["consent"],
        left_out=fields.get("left_out", ()),
    )
    queue_fine_tuning(run)
    return Response(_run_json(request, run.pk), status=status.HTTP_201_CREATED)


@extend_schema(parameters=[OpenApiParameter("page", str)], responses={200: FineTuningCasePageJSON})
@user_api_view("GET")
def cases(request: UserAPIRequest, pk: UUID) -> Response:
    """List the cases of a run that are in studies which the person coordinates."""
    pages = Paginator(cases_of_run(request.user, get_run(request.user, pk)), CASES_PER_PAGE)
    page = pages.get_page(request.query_params.get("page"))
    answer: FineTuningCasePageJSON = {
        "results": [fine_tuning_case_json(row) for row in page.object_list],
        "count": pages.count,
        "page": page.number,
        "pages": pages.num_pages,
    }
    return Response(answer)


@extend_schema(request=None, responses={200: FineTuningJSON})
@user_api_view("POST")
def cancel(request: UserAPIRequest, pk: UUID) -> Response:
    """Cancel a run in progress; it can be resumed."""
    cancel_run(run=get_run(request.user, pk), by=request.user)
    return Response(_run_json(request, pk))


@extend_schema(request=None, responses={200: FineTuningJSON, 429: ErrorJSON})
@user_api_view("POST")
def resume(request: UserAPIRequest, pk: UUID) -> Response:
    """Resume a cancelled or failed run from where it stopped."""
    queue_fine_tuning(resume_run(run=get_run(request.user, pk), by=request.user))
    return Response(_run_json(request, pk))


def _run_json(request: UserAPIRequest, pk: UUID) -> FineTuningJSON:
    # Read again, so that the answer shows what is stored.
    return fine_tuning_json(get_run(request.user, pk))
