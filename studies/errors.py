"""Errors with a message for people, and their conversion into API responses and pages."""

from __future__ import annotations

import logging
from typing import Any, Final, NotRequired, TypedDict

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework import exceptions
from rest_framework.response import Response

from studies.storage.files import StorageUnavailable, is_out_of_space

logger = logging.getLogger(__name__)
STORAGE_UNAVAILABLE = (
    "The image storage cannot be reached. Nothing was lost. Try again in a minute."
)
STORAGE_FULL = (
    "There is no space left on the server. Nothing incomplete was stored. Ask the administrator to "
    "free some space, then try again."
)
RETRY_AFTER_S = "60"
SAVED_CONCURRENTLY = (
    "Someone else made the same change at the same time, so yours was not saved. Reload "
    "the page and try again."
)
DISK_FULL, UNIQUE_VIOLATION = "53100", "23505"
"""PostgreSQL's error codes (SQLSTATE)."""
PAGE_NOT_FOUND: Final = "Page not found"
SIGNED_OUT: Final = ("signed_out", "You are signed out. Sign in again to continue.")


class ErrorDetailJSON(TypedDict):
    """A code for programs, and a message that tells people why and what to do.

    ``request_id`` of an internal error is also in the line of the server's log.
    """

    code: str
    message: str
    request_id: NotRequired[str]


class ErrorJSON(TypedDict):
    """The body of every error of the API."""

    error: ErrorDetailJSON


class StudyError(Exception):
    """A request that cannot be carried out.

    ``code`` is for programs; ``message`` tells people why and what to do; ``extra`` holds further
    fields of the API's response. ``title`` is the heading of the error page.
    """

    status = 400
    title = "Request not completed"
    retry_after_s: int | None = None

    def __init__(self, code: str, message: str, *, status: int | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or self.status
        self.extra = extra


class NotFound(StudyError):
    """Something does not exist, or the person may not know that it exists."""

    status = 404

    def __init__(
        self, message: str = "This does not exist, or you do not have access to it."
    ) -> None:
        super().__init__("not_found", message)


class NotAllowed(StudyError):
    """The person may see the object but not do this."""

    status = 403

    def __init__(self, message: str) -> None:
        super().__init__("not_allowed", message)


class Conflict(StudyError):
    """The request does not fit the current state of the data."""

    status = 409


def is_storage_full(error: BaseException) -> bool:
    """Return whether storage, spool or database has no space left."""
    return is_out_of_space(error) or _database_code(error) == DISK_FULL


def is_unique_violation(error: BaseException) -> bool:
    """Return whether two requests tried to write the same unique row."""
    return _database_code(error) == UNIQUE_VIOLATION


def _database_code(error: BaseException) -> str | None:
    return getattr(error.__cause__, "pgcode", None) if isinstance(error, DatabaseError) else None


def storage_message(error: StorageUnavailable) -> str:
    """Return the message for a failure of the storage."""
    return STORAGE_FULL if is_storage_full(error) else STORAGE_UNAVAILABLE


def error_json(code: str, message: str) -> ErrorJSON:
    """Return the body of an error."""
    return {"error": {"code": code, "message": message}}


def handle_api_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the API's response to an error: a code and a message; None for unexpected errors.

    This is the exception handler of Django REST framework.
    """
    if isinstance(error, StudyError):
        body = error_json(error.code, error.message)
        response = Response({**body, **error.extra}, status=error.status)
        if error.retry_after_s is not None:
            response["Retry-After"] = str(error.retry_after_s)
        return response
    if is_storage_full(error):
        logger.error("no space is left: %s", error)
        return _answer("storage_full", STORAGE_FULL, 507)
    if is_unique_violation(error):
        logger.warning("unique violation: %s", type(error).__name__)
        return _answer("saved_twice", SAVED_CONCURRENTLY, 409)
    if isinstance(error, StorageUnavailable):
        logger.error("storage is unavailable: %s", error)
        response = _answer("storage_away", STORAGE_UNAVAILABLE, 503)
        response["Retry-After"] = RETRY_AFTER_S
        return response
    if isinstance(error, ValidationError):
        return _answer("invalid", " ".join(error.messages), 400)
    if isinstance(error, Http404):
        return _answer("not_found", NotFound().message, 404)
    if isinstance(error, PermissionDenied):
        return _answer("not_allowed", "Your role in this study does not allow this.", 403)
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        response = _answer(*SIGNED_OUT, 401)
        response["WWW-Authenticate"] = "Session"
        return response
    if isinstance(error, exceptions.ValidationError):
        return _answer("invalid", _sentence(error.detail), 400)
    if isinstance(error, exceptions.APIException):
        return _answer(error.default_code, str(error.detail), error.status_code)
    return None


class StudyErrorMiddleware:
    """Middleware that shows an error raised by a page's view as an error page."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # PostgreSQL cannot store NUL, so a query with it would fail.
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("An address must not contain a NUL character.")
        response: HttpResponse = self.get_response(request)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for an expected error; Django handles all others."""
        if is_storage_full(error):
            logger.error("no space is left: %s", error)
            return render(request, "error.html", {"message": STORAGE_FULL}, status=507)
        if is_unique_violation(error):
            logger.warning("unique violation: %s", type(error).__name__)
            return render(request, "error.html", {"message": SAVED_CONCURRENTLY}, status=409)
        if isinstance(error, StorageUnavailable):
            logger.error("storage is unavailable: %s", error)
            response = render(request, "error.html", {"message": STORAGE_UNAVAILABLE}, status=503)
            response["Retry-After"] = RETRY_AFTER_S
            return response
        if not isinstance(error, StudyError):
            return None
        title = PAGE_NOT_FOUND if error.message == NotFound().message else error.title
        context = {"message": error.message, "title": title}
        return render(request, "error.html", context, status=error.status)


def _answer(code: str, message: str, status: int) -> Response:
    return Response(error_json(code, message), status=status)


def _sentence(detail: Any) -> str:
    if isinstance(detail, dict):
        return " ".join(
            f"{name}: {_sentence(value)}" if name != "non_field_errors" else _sentence(value)
            for name, value in detail.items()
        )
    if isinstance(detail, list):
        return " ".join(_sentence(value) for value in detail)
    return str(detail)
