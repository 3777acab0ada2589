"""REST endpoints of uploads, for the coordinators of a study."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import parser_classes
from rest_framework.response import Response

from studies.cases.models import Upload
from studies.cases.queueing import queue_accepted_upload
from studies.cases.representations.uploads import (
    AddedUploadsJSON,
    UploadListJSON,
    uploads_json,
)
from studies.cases.row_locks import check_study_unlocked
from studies.cases.upload.history import count_uploads, list_uploads
from studies.cases.upload.request_body import (
    SLOTS,
    UploadParser,
    check_content_length,
    limit_concurrency,
    receive_body,
)
from studies.cases.upload.uploaded_files import ingest_upload
from studies.errors import ErrorJSON, NotFound, StudyError
from studies.readers.access import accessible_sites, require_coordinator
from studies.readers.models import Membership, User
from studies.readers.requests import UserAPIRequest, user_api_view

LIST_POSITIONS = [OpenApiParameter(name, str) for name in ("since", "before")]


class UploadInput(serializers.Serializer[Any]):
    """A file for one site; ``name`` is its path on the sender's computer."""

    # An empty file gets the explanation of the upload list instead of a form error.
    file = serializers.FileField(allow_empty_file=True)
    site = serializers.SlugField()
    name = serializers.CharField(max_length=4096, required=False, trim_whitespace=False)


@extend_schema(methods=["GET"], parameters=LIST_POSITIONS, responses={200: UploadListJSON})
@extend_schema(
    methods=["POST"],
    request=UploadInput,
    responses={201: AddedUploadsJSON, **dict.fromkeys((408, 411, 503), ErrorJSON)},
)
@user_api_view("GET", "POST")
@parser_classes([UploadParser])
def uploads(request: UserAPIRequest, slug: str) -> Response:
    """Add a file, or each file of a zip archive; or list this person's uploads and their status.

    Nothing of the body is read until sender, study and size have been checked.
    """
    membership = require_coordinator(request.user, slug)
    own_uploads = Upload.objects.of(request.user, membership.study)
    if request.method == "GET":
        page = list_uploads(own_uploads, membership, request.query_params)
        listed: UploadListJSON = {
            "results": uploads_json(page.uploads, membership),
            "counts": count_uploads(own_uploads, membership),
            "cursor": str(page.cursor),
            "more": page.more,
        }
        return Response(listed)
    check_study_unlocked(membership.study)
    # Before the slot is taken: a body that is refused by its size alone must not wait for one.
    check_content_length(request)
    with SLOTS.acquire():
        with receive_body(request._request):
            # Reading request.data is what receives the body; everything above has looked at headers
            # only.
            form = UploadInput(data=request.data)
        form.is_valid(raise_exception=True)
        results = _ingest(membership, form.validated_data, request.user)
    added: AddedUploadsJSON = {"results": uploads_json(results, membership)}
    return Response(added, status=status.HTTP_201_CREATED)


def _ingest(membership: Membership, fields: dict[str, Any], user: User) -> list[Upload]:
    """Add the uploaded files one by one; each accepted one is queued at once."""
    site = accessible_sites(membership).filter(code=fields["site"]).first()
    if site is None:
        raise StudyError("unknown_site", "Choose a site of this study that you have access to.")
    file = fields["file"]
    results = []
    ingested = ingest_upload(
        study=membership.study,
        site=site,
        file=file,
        size=file.size,
        name=fields.get("name") or file.name,
        uploader=user,
    )
    for upload in limit_concurrency(ingested):
        # Each row is committed already, so the first analyses run while a large archive is still
        # read.
        queue_accepted_upload(upload)
        results.append(upload)
    return results


@extend_schema(request=None, responses={204: None})
@user_api_view("POST")
def dismiss_upload(request: UserAPIRequest, pk: UUID) -> Response:
    """Remove one of this person's uploads, and its file name, from the list."""
    # The filter is the permission: another person's upload is as unknown as a missing one.
    deleted, _ = Upload.objects.filter(uploader=request.user, pk=pk).delete()
    if not deleted:
        raise NotFound
    return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(request=None, responses={204: None})
@user_api_view("POST")
def dismiss_all_uploads(request: UserAPIRequest, slug: str) -> Response:
    """Remove all of this person's uploads, and their file names, from the list."""
    membership = require_coordinator(request.user, slug)
    Upload.objects.of(request.user, membership.study).delete()
    return Response(status=status.HTTP_204_NO_CONTENT)
