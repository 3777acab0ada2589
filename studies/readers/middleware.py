from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class PersonsTimeZone:
    """Dates on pages stand in the time zone of the person who looks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "UTC")
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)
