"""The files of a study: reports, readings, code books, statistics, each for those who may."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Literal
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from studies.audit.record import record
from studies.errors import NotFound
from studies.protocol.models import Study
from studies.readers.requests import UserRequest
from studies.reports.files.nhanes import nhanes_code_book_lines, nhanes_lines
from studies.reports.files.reproduction_script import script_for
from studies.reports.files.statistics import selection_from, statistics_pieces
from studies.reports.files.tidy import code_book_lines, csv_lines
from studies.reports.reference_standard import study_rows, truth_known
from studies.reports.report_runs import report_seen_by, seeing_scores, statistics_membership
from studies.reports.snapshot import cut_or_conflict
from studies.reports.workbook_runs import finished_workbook
from studies.storage.files import read_stored

REPORT_TYPES = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
PAIRS = "-pairs"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@never_cache
def report_file(request: UserRequest, slug: str, pk: UUID) -> FileResponse:
    return _report(request, slug, pk, "pdf")


@login_required
@never_cache
def report_page(request: UserRequest, slug: str, pk: UUID) -> FileResponse:
    return _report(request, slug, pk, "html")


@login_required
@never_cache
def report_pairs(request: UserRequest, slug: str, pk: UUID) -> FileResponse:
    return _report(request, slug, pk, "csv")


@login_required
@never_cache
def tidy_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    study = _downloaded(request, slug, "tidy-csv")
    return _csv(csv_lines(study_rows(study)), f"verteread-{slug}-readings.csv")


@login_required
def code_book(request: UserRequest, slug: str) -> HttpResponseBase:
    study = statistics_membership(request.user, slug).study
    lines = code_book_lines(reference=truth_known(study))
    return _csv(lines, "verteread-code-book.csv")


@login_required
@never_cache
def nhanes_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    study = _downloaded(request, slug, "nhanes-csv")
    return _csv(nhanes_lines(study_rows(study)), f"verteread-{slug}-nhanes.csv")


@login_required
def nhanes_code_book(request: UserRequest, slug: str) -> HttpResponseBase:
    statistics_membership(request.user, slug)
    return _csv(nhanes_code_book_lines(), "verteread-nhanes-code-book.csv")


@login_required
@never_cache
def script(request: UserRequest, slug: str) -> HttpResponseBase:
    """The script that computes the report's numbers from the tidy CSV."""
    cut = cut_or_conflict(seeing_scores(request.user, slug))
    text = script_for(cut.facts)
    return _attachment(HttpResponse(text, content_type="text/x-python"), "reproduce.py")


@login_required
@never_cache
def workbook(request: UserRequest, slug: str) -> HttpResponseBase:
    """The workbook of the current readings, once it has been prepared."""
    study = seeing_scores(request.user, slug)
    content = read_stored(finished_workbook(study).file)
    record("data.downloaded", actor=request.user, study=study, subject="workbook")
    return FileResponse(
        BytesIO(content),
        as_attachment=True,
        filename=f"verteread-{slug}-readings.xlsx",
        content_type=XLSX,
    )


@login_required
@never_cache
def statistics_json(request: UserRequest, slug: str) -> HttpResponseBase:
    study = _downloaded(request, slug, "statistics")
    cut = cut_or_conflict(study)
    selection = selection_from(request.GET.get("outcomes", ""), cut)
    pieces = statistics_pieces(cut, selection)
    answer = StreamingHttpResponse(pieces, content_type="application/json")
    return _attachment(answer, f"verteread-{slug}-agreement.json")


def _report(
    request: UserRequest, slug: str, pk: UUID, form: Literal["pdf", "html", "csv"]
) -> FileResponse:
    run = report_seen_by(request.user, slug, pk)
    kept = {"pdf": run.document, "html": run.page, "csv": run.pairs}[form]
    if not kept:
        raise NotFound
    content = read_stored(kept)
    record("report.downloaded", actor=request.user, study=run.study, subject=run.pk, form=form)
    return FileResponse(
        BytesIO(content),
        as_attachment=True,
        filename=f"verteread-{slug}-{run.data_cut:%Y-%m-%d}{PAIRS if form == 'csv' else ''}.{form}",
        content_type=REPORT_TYPES[form],
    )


def _downloaded(request: UserRequest, slug: str, what: str) -> Study:
    study = seeing_scores(request.user, slug)
    record("data.downloaded", actor=request.user, study=study, subject=what)
    return study


def _csv(lines: Iterable[str], name: str) -> HttpResponseBase:
    encoded = (line.encode() for line in lines)
    return _attachment(StreamingHttpResponse(encoded, content_type="text/csv"), name)


def _attachment(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
