"""REST endpoints of a study's agreement and reports, for those who may see its scores."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response

from studies.readers.requests import UserAPIRequest, user_api_view
from studies.reports.bootstrap_runs import ask_for_bootstrap, bootstrap_of
from studies.reports.document.summary import answer
from studies.reports.filters import chosen_from
from studies.reports.models import BootstrapRun, ReportRun, WorkbookRun
from studies.reports.report_runs import ask_for_report, seeing_scores
from studies.reports.snapshot import cut_or_conflict
from studies.reports.tasks import queue_bootstrap, queue_report, queue_workbook
from studies.reports.workbook_runs import ask_for_workbook, workbook_of

CHOICES = [
    OpenApiParameter(name, str) for name in ("outcome", "weights", "arm", "site", "scanner", "pair")
] + [OpenApiParameter("reader", str, many=True)]


@extend_schema(parameters=CHOICES, responses={200: OpenApiTypes.OBJECT})
@user_api_view("GET")
def agreement(request: UserAPIRequest, slug: str) -> Response:
    """The answer in a sentence and every record of what is chosen, with its bootstrap if made."""
    study = seeing_scores(request.user, slug)
    cut = cut_or_conflict(study)
    chosen = chosen_from(request.query_params, cut)
    choice, found = chosen.choice, chosen.found
    said = answer(chosen.table, found, outcome=choice.outcome, weights=choice.weights)
    records = [
        result.record()
        for result in found.of_outcome(choice.outcome)
        if result.weights in (choice.weights, None)
    ]
    run = bootstrap_of(study, chosen)
    return Response(
        {
            "answer": {"verdict": said.verdict, "sentence": said.sentence, "caution": said.caution},
            "outcome": choice.outcome,
            "weights": choice.weights,
            "arm": choice.part.arm or None,
            "readers": list(chosen.table.readers),
            "site": choice.part.site or None,
            "scanner": choice.part.scanner or None,
            "interim": not study.locked,
            "simulated": study.simulated,
            "data_cut": cut.facts.data_cut,
            "data_hash": cut.facts.data_hash,
            "results": records,
            "warnings": list(found.warnings),
            "bootstrap": bootstrap_json(run) if run else None,
        }
    )


@extend_schema(
    parameters=CHOICES,
    request=None,
    responses={200: OpenApiTypes.OBJECT, 201: OpenApiTypes.OBJECT},
)
@user_api_view("POST")
def bootstrap(request: UserAPIRequest, slug: str) -> Response:
    """Ask for bootstrap intervals of what is chosen in the address; asked twice, made once."""
    study = seeing_scores(request.user, slug)
    chosen = chosen_from(request.query_params, cut_or_conflict(study))
    run, to_queue = ask_for_bootstrap(study=study, by=request.user, chosen=chosen)
    if to_queue:
        queue_bootstrap(run)
        return Response(bootstrap_json(run), status=status.HTTP_201_CREATED)
    return Response(bootstrap_json(run))


def bootstrap_json(run: BootstrapRun) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "state": run.state,
        "resamples_done": run.resamples_done,
        "resamples": run.resamples,
        "seed": run.seed,
        "failure": run.failure or None,
        "results": run.records,
    }


@extend_schema(request=None, responses={200: OpenApiTypes.OBJECT, 201: OpenApiTypes.OBJECT})
@user_api_view("GET", "POST")
def reports(request: UserAPIRequest, slug: str) -> Response:
    """The study's reports, newest first; POST asks for another."""
    study = seeing_scores(request.user, slug)
    if request.method == "POST":
        run = ask_for_report(study=study, by=request.user)
        queue_report(run)
        return Response(run_json(run), status=status.HTTP_201_CREATED)
    return Response({"results": [run_json(run) for run in study.report_runs.all()[:50]]})


def run_json(run: ReportRun) -> dict[str, Any]:
    done = run.state == ReportRun.State.DONE
    return {
        "id": str(run.pk),
        "state": run.state,
        "interim": run.interim,
        "steps_done": run.steps_done,
        "steps": run.steps,
        "failure": run.failure or None,
        "data_cut": run.data_cut,
        "data_hash": run.data_hash or None,
        "document_hash": run.document_hash or None,
        "page_hash": run.page_hash or None,
        "pairs_hash": run.pairs_hash or None,
        "created_at": run.created_at,
        "made_at": run.made_at,
        "url": reverse("report-file", args=[run.study.slug, run.pk]) if done else None,
        "page_url": reverse("report-page", args=[run.study.slug, run.pk]) if run.page else None,
        "pairs_url": reverse("report-pairs", args=[run.study.slug, run.pk]) if run.pairs else None,
    }


@extend_schema(request=None, responses={200: OpenApiTypes.OBJECT, 201: OpenApiTypes.OBJECT})
@user_api_view("GET", "POST")
def workbook(request: UserAPIRequest, slug: str) -> Response:
    """The workbook of the current readings, null if nobody has prepared it; POST prepares it.

    While the readings are the same, the finished workbook is reused. ``url`` is the file.
    """
    study = seeing_scores(request.user, slug)
    if request.method == "GET":
        present = workbook_of(study)
        return Response({"workbook": workbook_json(present) if present else None})
    run, to_queue = ask_for_workbook(study=study, by=request.user)
    if to_queue:
        queue_workbook(run)
    code = status.HTTP_201_CREATED if to_queue else status.HTTP_200_OK
    return Response({"workbook": workbook_json(run)}, status=code)


def workbook_json(run: WorkbookRun) -> dict[str, Any]:
    done = run.state == WorkbookRun.State.DONE
    return {
        "id": str(run.pk),
        "state": run.state,
        "interim": run.interim,
        "readings_done": run.readings_done,
        "readings": run.readings,
        "failure": run.failure or None,
        "data_cut": run.data_cut,
        "data_hash": run.data_hash or None,
        "file_hash": run.file_hash or None,
        "created_at": run.created_at,
        "made_at": run.made_at,
        "url": reverse("workbook", args=[run.study.slug]) if done else None,
    }
