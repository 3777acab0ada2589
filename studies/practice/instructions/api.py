"""REST endpoints of the instructions: read, acknowledge, and add a picture."""

from __future__ import annotations

from typing import Any, TypedDict

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import parser_classes
from rest_framework.response import Response

from studies.cases.upload.request_body import UploadParser, check_content_length, receive_body
from studies.errors import ErrorJSON, StudyError
from studies.practice.instructions.picture_upload import MAX_PICTURE_BYTES, add_picture
from studies.practice.instructions.scoring_guide import scoring_guide_html
from studies.practice.instructions.versions import (
    acknowledge,
    acknowledged_parts,
    current_instructions,
    pictures_address,
    rendered_parts,
)
from studies.readers.access import get_membership, require_study_coordinator
from studies.readers.models import Membership, Role
from studies.readers.requests import UserAPIRequest, user_api_view

# Allowance for the other fields of the form.
FORM_BYTES = 16 * 1024


class InstructionPartJSON(TypedDict):
    """One part of the instructions, as sanitised HTML; ``part`` is "study" or an arm's code."""

    part: str
    title: str
    html: str


class InstructionsJSON(TypedDict):
    """The current instructions with the scoring guide as HTML; ``version`` is null without any."""

    version: int | None
    parts: list[InstructionPartJSON]
    guide: str
    acknowledged: list[str]


class AcknowledgedJSON(TypedDict):
    """The parts of the current version that the reader has acknowledged."""

    acknowledged: list[str]


class InstructionPictureJSON(TypedDict):
    """A stored picture; ``markdown`` shows it in the instructions."""

    markdown: str
    width: int
    height: int


class AcknowledgeInput(serializers.Serializer[Any]):
    """The part that was read, and its version."""

    version = serializers.IntegerField(min_value=1)
    part = serializers.CharField(max_length=20)


class PictureInput(serializers.Serializer[Any]):
    """A picture, and the confirmation that it shows nothing that identifies a patient."""

    file = serializers.FileField()
    confirmed = serializers.BooleanField()


@extend_schema(responses={200: InstructionsJSON})
@user_api_view("GET")
def instructions(request: UserAPIRequest, slug: str) -> Response:
    """Return the study's instructions and the scoring guide, for readers and coordinators."""
    membership = get_membership(request.user, slug, Role.READER, Role.COORDINATOR)
    return Response(instructions_json(membership))


@extend_schema(request=AcknowledgeInput, responses={200: AcknowledgedJSON})
@user_api_view("POST")
def acknowledge_instructions(request: UserAPIRequest, slug: str) -> Response:
    """Record that the reader has read a part of the current version."""
    reader = get_membership(request.user, slug, Role.READER)
    form = AcknowledgeInput(data=request.data)
    form.is_valid(raise_exception=True)
    acknowledge(reader=reader, **form.validated_data)
    current = current_instructions(reader.study)
    answer: AcknowledgedJSON = {"acknowledged": acknowledged_parts(reader, current)}
    return Response(answer)


@extend_schema(
    request=PictureInput,
    responses={201: InstructionPictureJSON, **dict.fromkeys((408, 411, 503), ErrorJSON)},
)
@user_api_view("POST")
@parser_classes([UploadParser])
def add_instruction_picture(request: UserAPIRequest, slug: str) -> Response:
    """Add a picture for the instructions, as PNG without metadata."""
    study = require_study_coordinator(request.user, slug)
    # Before the body is read, so that a file that is too large takes neither memory nor time.
    check_content_length(request)
    if int(request.META["CONTENT_LENGTH"]) > MAX_PICTURE_BYTES + FORM_BYTES:
        limit = MAX_PICTURE_BYTES // 1024
        raise StudyError("too_large", f"This picture is larger than {limit} KB.", status=413)
    # A connection that stops sending must not occupy the process.
    with receive_body(request._request):
        form = PictureInput(data=request.data)
    form.is_valid(raise_exception=True)
    picture = add_picture(
        study=study,
        by=request.user,
        data=form.validated_data["file"].read(),
        confirmed=form.validated_data["confirmed"],
    )
    address = f"{pictures_address(study)}{picture.pk}.png"
    answer: InstructionPictureJSON = {
        "markdown": f"![Describe the picture]({address})",
        "width": picture.width,
        "height": picture.height,
    }
    return Response(answer, status=status.HTTP_201_CREATED)


def instructions_json(membership: Membership) -> InstructionsJSON:
    """Return the current instructions, the scoring guide, and what a reader acknowledged."""
    study = membership.study
    current = current_instructions(study)
    return {
        "version": current.version if current else None,
        "parts": [
            {"part": part.code, "title": part.title, "html": part.html}
            for part in rendered_parts(study, current)
        ],
        "guide": scoring_guide_html(study),
        "acknowledged": acknowledged_parts(membership, current),
    }
