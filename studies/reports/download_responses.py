"""Permission, audit event and response that all downloads share."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from studies.audit.record import record
from studies.protocol.models import Study
from studies.readers.requests import UserRequest
from studies.reports.report_runs import get_unmasked_study


def record_download(request: UserRequest, slug: str, subject: str) -> Study:
    """Return the study after an audit event for the download; raises NotAllowed if masked."""
    study = get_unmasked_study(request.user, slug)
    record("data.downloaded", actor=request.user, study=study, subject=subject)
    return study


def csv_response(lines: Iterable[str], name: str) -> HttpResponseBase:
    """Stream lines of CSV as a file with this name."""
    # Streamed, so that a table of any size takes the memory of one row.
    encoded = (line.encode() for line in lines)
    return attachment(StreamingHttpResponse(encoded, content_type="text/csv"), name)


def attachment(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """Return the response as a download with this file name."""
    # Names consist of a slug and fixed words, so nothing has to be quoted.
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
