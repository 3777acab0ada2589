"""JSON of uploads, for the person who uploaded them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypedDict

from studies.cases.models import Case, Upload
from studies.cases.representations.cases import CaseJSON, case_json
from studies.cases.upload.history import UploadCountsJSON
from studies.cases.upload.replacement import upload_reason
from studies.openapi import UUIDText
from studies.readers.models import Membership


class UploadReasonJSON(TypedDict):
    """Why a file was not added, or needs attention; ``detail`` is for support."""

    code: str
    text: str
    detail: str


class UploadJSON(TypedDict):
    """One uploaded file and its result."""

    id: UUIDText
    name: str
    status: Annotated[str, Upload.Status]
    at: datetime
    reason: UploadReasonJSON | None
    case: CaseJSON | None


class UploadListJSON(TypedDict):
    """The newest uploads, a page of older ones, or those that changed since ``cursor``."""

    results: list[UploadJSON]
    counts: UploadCountsJSON
    cursor: str
    more: bool


class AddedUploadsJSON(TypedDict):
    """The uploads of one request: a file, or each file of a zip archive."""

    results: list[UploadJSON]


def uploads_json(uploads: Sequence[Upload], membership: Membership) -> list[UploadJSON]:
    """Return uploads, each with its case where this coordinator may see it.

    The case of a duplicate may belong to a site that the coordinator may not see. All cases are
    read in one query.
    """
    keys = {upload.case_id for upload in uploads if upload.case_id}
    cases = Case.objects.seen_by(membership).filter(pk__in=keys).listed().defer_measurements()
    # Sorting costs Django more than the rest of this query.
    visible = {case.pk: case for case in cases.order_by()} if keys else {}
    return [_upload_json(upload, visible.get(upload.case_id)) for upload in uploads]


def _upload_json(upload: Upload, case: Case | None) -> UploadJSON:
    text = upload_reason(upload, case) if upload.case_id else upload.reason_text
    return {
        "id": str(upload.pk),
        "name": upload.name,
        "status": upload.status,
        "at": upload.at,
        "reason": {
            "code": upload.reason_code,
            "text": text,
            "detail": upload.reason_detail,
        }
        if text
        else None,
        "case": case_json(case) if case else None,
    }
