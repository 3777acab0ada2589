from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class IdleTimeoutMiddleware:
    """What a page does by itself does not put off the idle limit; what a person does, does.

    What renews itself is fetched by a script, and browsers say so; what a person does there sends
    something. A view can mark its request with ``by_itself`` too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        by_script = request.headers.get("Sec-Fetch-Dest") == "empty"
        renewed = by_script and request.method == "GET"
        by_person = not renewed and not getattr(request, "by_itself", False)
        if by_person and request.session.due_for_renewal():
            request.session.modified = True
        return response


class NoStoreMiddleware:
    """On a shared computer the next person finds nothing by the back button or in the cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_signed_in and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache"'
        response.headers.setdefault("Cache-Control", "private, no-store")
        if "/invitations/" in unquote(request.get_full_path()):
            # The address itself is a secret: the files of the page are not asked for with it.
            response.headers["Referrer-Policy"] = "strict-origin"
        return response


class UserTimezoneMiddleware:
    """Dates on pages stand in the time zone of the person who looks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "UTC")
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)
