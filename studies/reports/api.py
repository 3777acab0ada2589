"""REST endpoints for agreement results, bootstrap intervals, reports and prepared files."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response

from studies.errors import ErrorJSON
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.reports.bootstrap_runs import bootstrap_of, request_bootstrap
from studies.reports.filters import parse_selection
from studies.reports.models import PackageRun, WorkbookRun
from studies.reports.prepared_files import current_file, request_file
from studies.reports.report_runs import get_unmasked_study, request_report
from studies.reports.representations import (
    AgreementJSON,
    BootstrapJSON,
    CurrentPackageJSON,
    CurrentWorkbookJSON,
    ReportJSON,
    ReportListJSON,
    agreement_json,
    bootstrap_json,
    prepared_file_json,
    report_json,
)
from studies.reports.snapshot import snapshot_or_conflict
from studies.reports.tasks import queue_bootstrap, queue_package, queue_report, queue_workbook

FILTERS = [
    OpenApiParameter(name, str) for name in ("outcome", "weights", "arm", "site", "scanner", "pair")
] + [OpenApiParameter("reader", str, many=True)]


@extend_schema(parameters=FILTERS, responses={200: AgreementJSON, 403: ErrorJSON})
@user_api_view("GET")
def agreement(request: UserAPIRequest, slug: str) -> Response:
    """Return the main finding, all results of a selection and its bootstrap, if requested."""
    study = get_unmasked_study(request.user, slug)
    snapshot = snapshot_or_conflict(study)
    selection = parse_selection(request.query_params, snapshot)
    run = bootstrap_of(study, selection)
    return Response(agreement_json(study, selection, run))


@extend_schema(
    parameters=FILTERS,
    request=None,
    responses={200: BootstrapJSON, 201: BootstrapJSON},
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


@extend_schema(methods=["GET"], responses={200: ReportListJSON, 403: ErrorJSON})
@extend_schema(
    methods=["POST"],
    request=None,
    responses={201: ReportJSON, 429: ErrorJSON},
)
@user_api_view("GET", "POST")
def reports(request: UserAPIRequest, slug: str) -> Response:
    """List the study's reports, newest first; POST requests another."""
    study = get_unmasked_study(request.user, slug)
    if request.method == "POST":
        run = request_report(study=study, by=request.user)
        queue_report(run)
        return Response(report_json(run), status=status.HTTP_201_CREATED)
    answer: ReportListJSON = {"results": [report_json(run) for run in study.report_runs.all()[:50]]}
    return Response(answer)


@extend_schema(methods=["GET"], responses={200: CurrentWorkbookJSON, 403: ErrorJSON})
@extend_schema(
    methods=["POST"],
    request=None,
    responses={
        200: CurrentWorkbookJSON,
        201: CurrentWorkbookJSON,
        429: ErrorJSON,
    },
)
@user_api_view("GET", "POST")
def workbook(request: UserAPIRequest, slug: str) -> Response:
    """Return the workbook of the current readings, null if none was requested; POST requests it.

    A finished workbook is reused until the readings change. ``url`` is the address of the file.
    """
    study = get_unmasked_study(request.user, slug)
    if request.method == "GET":
        answer: CurrentWorkbookJSON = {
            "workbook": prepared_file_json(current_file(WorkbookRun, study))
        }
        return Response(answer)
    run, to_queue = request_file(WorkbookRun, study=study, by=request.user)
    if to_queue:
        queue_workbook(run)
    code = status.HTTP_201_CREATED if to_queue else status.HTTP_200_OK
    requested: CurrentWorkbookJSON = {"workbook": prepared_file_json(run)}
    return Response(requested, status=code)


@extend_schema(methods=["GET"], responses={200: CurrentPackageJSON, 403: ErrorJSON})
@extend_schema(
    methods=["POST"],
    request=None,
    responses={200: CurrentPackageJSON, 201: CurrentPackageJSON, 429: ErrorJSON},
)
@user_api_view("GET", "POST")
def package(request: UserAPIRequest, slug: str) -> Response:
    """Return the reproducibility package of the current readings, or null; POST requests it.

    A finished package is reused until the readings change. ``url`` is the address of the file.
    """
    study = get_unmasked_study(request.user, slug)
    if request.method == "GET":
        answer: CurrentPackageJSON = {
            "package": prepared_file_json(current_file(PackageRun, study))
        }
        return Response(answer)
    run, to_queue = request_file(PackageRun, study=study, by=request.user)
    if to_queue:
        queue_package(run)
    code = status.HTTP_201_CREATED if to_queue else status.HTTP_200_OK
    requested: CurrentPackageJSON = {"package": prepared_file_json(run)}
    return Response(requested, status=code)
