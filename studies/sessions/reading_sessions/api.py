"""REST endpoint of the reading sessions of a study, for coordinators."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.readers.access import accessible_readers, require_coordinator
from studies.readers.requests import UserAPIRequest, user_api_view
from studies.sessions.models import ReadingSession
from studies.sessions.reading_sessions.summaries import (
    RUNNING,
    session_page,
    summarise_sessions,
)


class DisplayCheckOutput(serializers.Serializer[Any]):
    """A display check; contrasts in grey levels of 0 to 255, null if no letters were read."""

    at = serializers.DateTimeField()
    dark_contrast = serializers.IntegerField(allow_null=True)
    bright_contrast = serializers.IntegerField(allow_null=True)
    letters_correct = serializers.IntegerField()
    letters_shown = serializers.IntegerField()
    required_contrast = serializers.IntegerField()
    passed = serializers.BooleanField()


class SessionOutput(serializers.Serializer[Any]):
    """One reading session."""

    reader = serializers.CharField(help_text="Label of the reader.")
    number = serializers.IntegerField(help_text="From 1 for each reader.")
    started_at = serializers.DateTimeField()
    last_activity_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    end = serializers.ChoiceField(choices=[RUNNING, *ReadingSession.End.values])
    length_s = serializers.IntegerField()
    readings = serializers.IntegerField(help_text="Readings worked on.")
    submitted = serializers.IntegerField(help_text="Readings submitted.")
    active_ms = serializers.IntegerField()
    idle_ms = serializers.IntegerField()
    browser = serializers.CharField(allow_blank=True)
    viewport_width = serializers.IntegerField(allow_null=True)
    viewport_height = serializers.IntegerField(allow_null=True)
    device_pixel_ratio = serializers.FloatField(allow_null=True)
    display_checks = serializers.IntegerField()
    display_check = DisplayCheckOutput(
        allow_null=True, help_text="The last one of the session; null without one."
    )


class SessionPageOutput(serializers.Serializer[Any]):
    """One page of reading sessions, the newest first."""

    results = SessionOutput(many=True)
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()


@extend_schema(
    parameters=[
        OpenApiParameter("reader", str, description="Label of a reader; default: all readers."),
        OpenApiParameter("page", int),
    ],
    responses=SessionPageOutput,
)
@user_api_view("GET")
def reading_sessions(request: UserAPIRequest, slug: str) -> Response:
    """Return one page of the reading sessions that the coordinator has access to."""
    readers = accessible_readers(require_coordinator(request.user, slug))
    if label := request.query_params.get("reader", ""):
        readers = readers.filter(label=label)
    page = session_page(readers, request.query_params.get("page", ""))
    return Response(
        {
            "results": SessionOutput(summarise_sessions(page.object_list), many=True).data,
            "count": page.paginator.count,
            "page": page.number,
            "pages": page.paginator.num_pages,
        }
    )
