"""Middleware for signed-in people: idle limit, caching, time zone, and who is signed in."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from studies.errors import error_json
from studies.readers.sign_in.session_store import SessionStore

PATHS_WITH_TOKENS = ("/invitations/", "/accounts/password/reset/", "/mail/")
EXPECTED_USER_HEADER = "X-Expected-User"


class IdleTimeoutMiddleware:
    """Renew the sign-in session for a person's own actions, not for a page's automatic requests.

    A script's GET request is automatic: pages poll with it, while everything that a person enters
    is sent by another method. Browsers mark requests of scripts with ``Sec-Fetch-Dest: empty``. A
    view can also set ``automatic`` on its request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Set by the browser and out of reach of scripts; "empty" means fetch rather than a page.
        by_script = request.headers.get("Sec-Fetch-Dest") == "empty"
        polling = by_script and request.method == "GET"
        automatic = polling or getattr(request, "automatic", False)
        session = request.session
        if not automatic and (not isinstance(session, SessionStore) or session.due_for_renewal()):
            session.modified = True
        return response


class NoStoreMiddleware:
    """Keep pages out of caches, so that the next person at a shared computer cannot see them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_signed_in and not request.user.is_authenticated:
            # Images of cases may be cached for a day; signing out removes them from the computer.
            response.headers["Clear-Site-Data"] = '"cache"'
        response.headers.setdefault("Cache-Control", "private, no-store")
        address = unquote(request.get_full_path())
        if any(part in address for part in PATHS_WITH_TOKENS):
            # The address contains the token: requests for the page's files must not carry it.
            response.headers["Referrer-Policy"] = "strict-origin"
        return response


class UserTimezoneMiddleware:
    """Show dates on pages in the time zone of the signed-in person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "UTC")
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)


class ExpectedUserMiddleware:
    """Reject a page's request once another person has signed in on the same browser.

    A page that sends entries states in ``X-Expected-User`` who made them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        expected = request.headers.get(EXPECTED_USER_HEADER)
        user = request.user
        if expected is None or not user.is_authenticated or expected == str(user.pk):
            return self.get_response(request)
        message = (
            f"{user.shown_name} has since signed in to VerteRead in this browser. Nothing was sent "
            "or changed."
        )
        return JsonResponse(error_json("other_user", message), status=409)
