"""REST endpoints for agreement results, bootstrap intervals, reports and workbooks."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response

from studies.readers.requests import UserAPIRequest, user_api_view
from studies.reports.bootstrap_runs import bootstrap_of, request_bootstrap
from studies.reports.document.main_finding import main_finding
from studies.reports.filters import parse_selection
from studies.reports.models import BootstrapRun, ReportRun, WorkbookRun
from studies.reports.report_runs import get_unmasked_study, request_report
from studies.reports.snapshot import snapshot_or_conflict
from studies.reports.tasks import queue_bootstrap, queue_report, queue_workbook
from studies.reports.workbook_runs import request_workbook, workbook_of

FILTERS = [
    OpenApiParameter(name, str) for name in ("outcome", "weights", "arm", "site", "scanner", "pair")
] + [OpenApiParameter("reader", str, many=True)]


@extend_schema(parameters=FILTERS, responses={200: OpenApiTypes.OBJECT})
@user_api_view("GET")
def agreement(request: UserAPIRequest, slug: str) -> Response:
    """Return the main finding, all results of a selection and its bootstrap, if requested."""
    study = get_unmasked_study(request.user, slug)
    snapshot = snapshot_or_conflict(study)
    selection = parse_selection(request.query_params, snapshot)
    filters, results = selection.filters, selection.results
    finding = main_finding(
        selection.table, results, outcome=filters.outcome, weights=filters.weights
    )
    records = [
        result.record()
        for result in results.of_outcome(filters.outcome)
        if result.weights in (filters.weights, None)
    ]
    run = bootstrap_of(study, selection)
    return Response(
        {
            "answer": {
                "verdict": finding.verdict,
                "sentence": finding.sentence,
                "caution": finding.caution,
            },
            "outcome": filters.outcome,
            "weights": filters.weights,
            "arm": filters.subset.arm or None,
            "readers": list(selection.table.readers),
            "site": filters.subset.site or None,
            "scanner": filters.subset.scanner or None,
            "interim": not study.locked,
            "simulated": study.simulated,
            "data_cut": snapshot.summary.snapshot_at,
            "data_hash": snapshot.summary.data_hash,
            "results": records,
            "warnings": list(results.warnings),
            "bootstrap": bootstrap_json(run) if run else None,
        }
    )


@extend_schema(
    parameters=FILTERS,
    request=None,
    responses={200: OpenApiTypes.OBJECT, 201: OpenApiTypes.OBJECT},
)
@user_api_view("POST")
def bootstrap(request: UserAPIRequest, slug: str) -> Response:
    """Request bootstrap intervals of the selection in the query; repeated requests share a run."""
    study = get_unmasked_study(request.user, slug)
    selection = parse_selection(request.query_params, snapshot_or_conflict(study))
    run, to_queue = request_bootstrap(study=study, by=request.user, selection=selection)
    if to_queue:
        queue_bootstrap(run)
        return Response(bootstrap_json(run), status=status.HTTP_201_CREATED)
    return Response(bootstrap_json(run))


def bootstrap_json(run: BootstrapRun) -> dict[str, Any]:
    """Return a bootstrap run as JSON: its state, progress and results."""
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
    """List the study's reports, newest first; POST requests another."""
    study = get_unmasked_study(request.user, slug)
    if request.method == "POST":
        run = request_report(study=study, by=request.user)
        queue_report(run)
        return Response(run_json(run), status=status.HTTP_201_CREATED)
    return Response({"results": [run_json(run) for run in study.report_runs.all()[:50]]})


def run_json(run: ReportRun) -> dict[str, Any]:
    """Return a report run as JSON; the URLs are null until it is finished."""
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
    """Return the workbook of the current readings, null if none was requested; POST requests it.

    A finished workbook is reused until the readings change. ``url`` is the address of the file.
    """
    study = get_unmasked_study(request.user, slug)
    if request.method == "GET":
        existing = workbook_of(study)
        return Response({"workbook": workbook_json(existing) if existing else None})
    run, to_queue = request_workbook(study=study, by=request.user)
    if to_queue:
        queue_workbook(run)
    code = status.HTTP_201_CREATED if to_queue else status.HTTP_200_OK
    return Response({"workbook": workbook_json(run)}, status=code)


def workbook_json(run: WorkbookRun) -> dict[str, Any]:
    """Return a workbook run as JSON; ``url`` is null until it is finished."""
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
