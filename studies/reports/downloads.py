"""Download views: reports, readings, sessions, codebooks, statistics, workbook and script."""

from __future__ import annotations

from io import BytesIO
from typing import Literal
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from studies.audit.record import record
from studies.errors import NotFound
from studies.practice.summary import COLUMNS as TRAINING_COLUMNS
from studies.practice.summary import training_rows
from studies.readers.requests import UserRequest
from studies.reports.download_responses import attachment, csv_response, record_download
from studies.reports.file_contents import optional_columns
from studies.reports.files.nhanes import nhanes_codebook_lines, nhanes_lines
from studies.reports.files.reproduction_script import script_for
from studies.reports.files.sessions import session_codebook_lines, session_lines
from studies.reports.files.statistics import parse_scope, statistics_pieces
from studies.reports.files.tidy import codebook_lines, csv_lines
from studies.reports.files.training import training_lines
from studies.reports.models import PackageRun, PreparedFile, WorkbookRun
from studies.reports.prepared_files import finished_file
from studies.reports.reference_standard import study_rows
from studies.reports.report_runs import (
    get_finished_report,
    get_unmasked_study,
    statistics_membership,
)
from studies.reports.snapshot import snapshot_or_conflict
from studies.sessions.measuring.export import traces_coco, traces_json
from studies.sessions.reading_sessions.export import session_rows
from studies.storage.files import read_stored

REPORT_TYPES = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@never_cache
def report_file(request: UserRequest, slug: str, pk: UUID) -> FileResponse:
    """Return a report as PDF."""
    return _report(request, slug, pk, "pdf")


@login_required
@never_cache
def report_page(request: UserRequest, slug: str, pk: UUID) -> FileResponse:
    """Return a report as one self-contained HTML file."""
    return _report(request, slug, pk, "html")


@login_required
@never_cache
def report_pairs(request: UserRequest, slug: str, pk: UUID) -> FileResponse:
    """Return the statistics of every pair of readers of a report as CSV."""
    return _report(request, slug, pk, "csv")


@login_required
@never_cache
def tidy_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the readings as tidy CSV, one row per cell."""
    # Recorded before the stream starts, so that no row is sent without an audit event.
    study = record_download(request, slug, "tidy-csv")
    return csv_response(csv_lines(study_rows(study)), f"verteread-{slug}-readings.csv")


@login_required
def codebook(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the codebook of the tidy CSV; it holds no scores and is open before the lock."""
    study = statistics_membership(request.user, slug).study
    return csv_response(codebook_lines(**optional_columns(study)), "verteread-codebook.csv")


@login_required
@never_cache
def sessions_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the reading sessions as CSV, one row per session."""
    study = record_download(request, slug, "sessions-csv")
    return csv_response(session_lines(session_rows(study)), f"verteread-{slug}-sessions.csv")


@login_required
def sessions_codebook(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the codebook of the reading sessions; it holds no data of the study."""
    statistics_membership(request.user, slug)
    return csv_response(session_codebook_lines(), "verteread-sessions-codebook.csv")


@login_required
@never_cache
def training_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the readers' practice and certification; it holds no score of a study case."""
    study = statistics_membership(request.user, slug).study
    record("data.downloaded", actor=request.user, study=study, subject="training-csv")
    lines = training_lines(training_rows(study), TRAINING_COLUMNS)
    return csv_response(lines, f"verteread-{slug}-training.csv")


@login_required
@never_cache
def nhanes_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the readings in NHANES coding (DXXAAC_H), one row per reading."""
    study = record_download(request, slug, "nhanes-csv")
    return csv_response(nhanes_lines(study_rows(study)), f"verteread-{slug}-nhanes.csv")


@login_required
def nhanes_codebook(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the codebook of the NHANES coding; it holds no scores and is open before the lock."""
    statistics_membership(request.user, slug)
    return csv_response(nhanes_codebook_lines(), "verteread-nhanes-codebook.csv")


@login_required
@never_cache
def traces(request: UserRequest, slug: str) -> HttpResponseBase:
    """Stream the traces of all submitted readings as JSON, with what was measured from them."""
    study = record_download(request, slug, "traces")
    response = StreamingHttpResponse(traces_json(study), content_type="application/json")
    return attachment(response, f"verteread-{slug}-traces.json")


@login_required
@never_cache
def traces_as_coco(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the traces of all submitted readings as COCO polylines."""
    study = record_download(request, slug, "traces-coco")
    response = HttpResponse(traces_coco(study), content_type="application/json")
    return attachment(response, f"verteread-{slug}-traces-coco.json")


@login_required
@never_cache
def script(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the script that reproduces the report's numbers from the tidy CSV."""
    snapshot = snapshot_or_conflict(get_unmasked_study(request.user, slug))
    text = script_for(snapshot.summary)
    return attachment(HttpResponse(text, content_type="text/x-python"), "reproduce.py")


@login_required
@never_cache
def workbook(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the prepared workbook of the current readings."""
    return _prepared(request, slug, WorkbookRun, f"verteread-{slug}-readings.xlsx", XLSX)


@login_required
@never_cache
def package(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the prepared reproducibility package of the current readings."""
    return _prepared(request, slug, PackageRun, f"verteread-{slug}.zip", "application/zip")


@login_required
@never_cache
def statistics_json(request: UserRequest, slug: str) -> HttpResponseBase:
    """Stream the statistics of the current readings as JSON."""
    study = record_download(request, slug, "statistics")
    snapshot = snapshot_or_conflict(study)
    scope = parse_scope(request.GET.get("outcomes", ""), snapshot.table, snapshot.results)
    pieces = statistics_pieces(snapshot.summary, snapshot.table, snapshot.results, scope)
    response = StreamingHttpResponse(pieces, content_type="application/json")
    return attachment(response, f"verteread-{slug}-agreement.json")


def _report(
    request: UserRequest, slug: str, pk: UUID, form: Literal["pdf", "html", "csv"]
) -> FileResponse:
    run = get_finished_report(request.user, slug, pk)
    stored = {"pdf": run.document, "html": run.page, "csv": run.pairs}[form]
    # Reports created by version 0.1.0 have no CSV of pairs.
    if not stored:
        raise NotFound
    # Read first, so that the audit trail does not record a download that failed.
    content = read_stored(stored)
    record("report.downloaded", actor=request.user, study=run.study, subject=run.pk, form=form)
    suffix = "-pairs.csv" if form == "csv" else f".{form}"
    return FileResponse(
        BytesIO(content),
        as_attachment=True,
        filename=f"verteread-{slug}-{run.snapshot_at:%Y-%m-%d}{suffix}",
        content_type=REPORT_TYPES[form],
    )


def _prepared(
    request: UserRequest, slug: str, model: type[PreparedFile], name: str, content_type: str
) -> FileResponse:
    study = get_unmasked_study(request.user, slug)
    # Read before the event is recorded, as a report is.
    content = read_stored(finished_file(model, study).file)
    record("data.downloaded", actor=request.user, study=study, subject=model.NOUN)
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=name, content_type=content_type
    )
