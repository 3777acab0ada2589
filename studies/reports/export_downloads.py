"""Download views of exports for other programs: REDCap, iMRMC, Parquet, R, Stata and SPSS."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from studies.audit.record import record
from studies.errors import StudyError
from studies.protocol.models import Study
from studies.readers.requests import UserRequest
from studies.reports.download_responses import attachment, csv_response, record_download
from studies.reports.exports.imrmc import NoTruth, imrmc_lines
from studies.reports.exports.parquet import NOT_INSTALLED, can_write_parquet, write_parquet
from studies.reports.exports.redcap import data_lines, dictionary_lines
from studies.reports.exports.syntax import PROGRAMS
from studies.reports.exports.variables import Variable, variables
from studies.reports.file_contents import optional_columns
from studies.reports.reference_standard import study_rows
from studies.reports.report_runs import get_unmasked_study, statistics_membership
from studies.reports.snapshot import snapshot_or_conflict
from studies.sessions.reading.second_readings import has_start_scores

CUT_DIGITS = 4


@login_required
def syntax(request: UserRequest, slug: str, program: str) -> HttpResponseBase:
    """Return a program that reads the tidy CSV with labels; it holds no scores."""
    study = statistics_membership(request.user, slug).study
    text = PROGRAMS[program](_variables(study))
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    return attachment(response, f"readings.{program}")


@login_required
@never_cache
def redcap_csv(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the readings as a REDCap import, one repeat instance per reading."""
    study = record_download(request, slug, "redcap-csv")
    started = has_start_scores(study)
    lines = data_lines(study_rows(study), aac8=study.scores_aac8, started=started)
    return csv_response(lines, f"verteread-{slug}-redcap.csv")


@login_required
def redcap_dictionary(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the REDCap data dictionary; it holds no scores and is open before the lock."""
    study = statistics_membership(request.user, slug).study
    lines = dictionary_lines(aac8=study.scores_aac8, started=has_start_scores(study))
    return csv_response(lines, f"verteread-{slug}-redcap-dictionary.csv")


@login_required
@never_cache
def imrmc(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the totals in the list mode of iMRMC; ``cut`` is the lowest total of a diseased case.

    Without ``cut``, it is the lowest total of the study's high group.
    """
    study = get_unmasked_study(request.user, slug)
    table = snapshot_or_conflict(study).table
    text = request.GET.get("cut", "") or str(study.group_limits[1])
    # Python refuses to convert very long numbers.
    cut = int(text) if text.isdecimal() and len(text) <= CUT_DIGITS else 0
    try:
        lines = imrmc_lines(table, study=slug, cut=cut)
    except NoTruth as error:
        raise StudyError("imrmc_not_possible", str(error)) from error
    record("data.downloaded", actor=request.user, study=study, subject="imrmc")
    response = StreamingHttpResponse(
        (line.encode() for line in lines), content_type="text/plain; charset=utf-8"
    )
    return attachment(response, f"verteread-{slug}.imrmc")


@login_required
@never_cache
def parquet(request: UserRequest, slug: str) -> HttpResponseBase:
    """Return the tidy table as Parquet."""
    study = get_unmasked_study(request.user, slug)
    if not can_write_parquet():
        raise StudyError("parquet_not_installed", NOT_INSTALLED, status=501)
    record("data.downloaded", actor=request.user, study=study, subject="parquet")
    # The response closes the file, which then no longer exists.
    target = TemporaryFile()  # noqa: SIM115
    write_parquet(target, _variables(study), study_rows(study))
    target.seek(0)
    name = f"verteread-{slug}-readings.parquet"
    return FileResponse(
        target, as_attachment=True, filename=name, content_type="application/vnd.apache.parquet"
    )


def _variables(study: Study) -> list[Variable]:
    return list(variables(**optional_columns(study), aac8=study.scores_aac8))
