"""REST endpoint of the report details: GET returns the current version, PATCH stores the next."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.errors import ErrorJSON, NotFound
from studies.protocol.models import Study
from studies.readers.access import get_membership, require_study_coordinator
from studies.readers.models import Role, User
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.reports.details.versions import FIELDS, change_details, current_details
from studies.reports.models import MAX_DETAIL, ReportDetails


class ReportDetailsJSON(TypedDict):
    """The current report details; ``version`` is 0 and ``changed_at`` null before the first one."""

    version: int
    changed_at: datetime | None
    authors: str
    funding: str
    registration: str
    ethics: str
    rationale: str
    subject_population: str
    subject_sampling: str
    reader_population: str
    reader_sampling: str
    sample_size: str


def _text() -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=MAX_DETAIL)


class ReportDetailsInput(serializers.Serializer[Any]):
    """The version to replace and the texts to change; the other texts are kept."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    authors = _text()
    funding = _text()
    registration = _text()
    ethics = _text()
    rationale = _text()
    subject_population = _text()
    subject_sampling = _text()
    reader_population = _text()
    reader_sampling = _text()
    sample_size = _text()


@extend_schema(methods=["GET"], responses={200: ReportDetailsJSON})
@extend_schema(
    methods=["PATCH"],
    request=ReportDetailsInput,
    responses={200: ReportDetailsJSON, 409: ErrorJSON},
)
@user_api_view("GET", "PATCH")
def report_details(request: UserAPIRequest, slug: str) -> Response:
    """Return the report details; PATCH by a coordinator of the study changes some of them."""
    if request.method == "GET":
        details = current_details(_readable_study(request.user, slug))
        return Response(_details_json(details))
    study = require_study_coordinator(request.user, slug)
    form = ReportDetailsInput(data=request.data)
    form.is_valid(raise_exception=True)
    current = current_details(study)
    texts = {
        # As the page stores them, so that unchanged texts do not count as changes.
        name: form.validated_data.get(name, getattr(current, name, "")).replace("\r\n", "\n")
        for name in FIELDS
    }
    changed = change_details(
        study=study, by=request.user, version=form.validated_data["version"], texts=texts
    )
    return Response(_details_json(changed))


def _readable_study(user: User, slug: str) -> Study:
    """Return the study of a coordinator or statistician of the whole study. Raises NotFound."""
    membership = get_membership(user, slug, Role.COORDINATOR, Role.STATISTICIAN)
    if membership.site_id is not None:
        raise NotFound
    return membership.study


def _details_json(details: ReportDetails | None) -> ReportDetailsJSON:
    def text(name: str) -> str:
        return str(getattr(details, name, ""))

    return {
        "version": details.version if details else 0,
        "changed_at": details.at if details else None,
        "authors": text("authors"),
        "funding": text("funding"),
        "registration": text("registration"),
        "ethics": text("ethics"),
        "rationale": text("rationale"),
        "subject_population": text("subject_population"),
        "subject_sampling": text("subject_sampling"),
        "reader_population": text("reader_population"),
        "reader_sampling": text("reader_sampling"),
        "sample_size": text("sample_size"),
    }
