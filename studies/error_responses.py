"""Responses to errors that no view handles: JSON below ``/api/``, pages elsewhere.

Views of the API convert errors with `studies.errors.handle_api_error`. All others are handled by
Django or by middleware: an unknown address, a request that is rejected before a view is called, and
every unexpected exception.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.log import log_response

from studies.errors import SIGNED_OUT, ErrorJSON, NotFound, error_json

logger = logging.getLogger(__name__)
INTERNAL_ERROR = (
    "An error occurred on the server, and this request was not completed. Data that were saved "
    "before are not affected. Try again. If it fails again, give the administrator the request ID "
    "{}."
)
MESSAGES = {
    400: ("invalid", "The address or the request is not valid."),
    401: SIGNED_OUT,
    403: ("permission_denied", "This is not allowed, or the CSRF token is missing or out of date."),
    404: ("not_found", NotFound().message),
    405: ("method_not_allowed", "This address does not accept this method."),
    413: ("too_large", "This request is too large."),
    415: ("unsupported_media_type", "This address does not accept a body of this type."),
    429: ("throttled", "Too many requests. Try again in a minute."),
}
"""Code and message of the errors for which Django and middleware return a page."""


class APIErrorMiddleware:
    """Middleware that returns every error below ``/api/`` as JSON in the API's format.

    It has to be outside of all other middleware, whose errors it converts as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not is_api_request(request) or _is_json(response):
            return response
        return _with_json(response, request)


def internal_error(request: HttpRequest) -> HttpResponse:
    """Return the response to an unexpected exception, and log both under one request ID.

    This is Django's ``handler500``, which is called while the exception is handled.
    """
    request_id = _new_id()
    response: HttpResponse
    if is_api_request(request):
        response = JsonResponse(_internal_error_json(request_id), status=500)
    else:
        page = render_to_string("500.html", {"request_id": request_id})
        response = HttpResponse(page, status=500)
    # Django does not log a response again that has been logged.
    log_response(
        "Internal Server Error, request ID %s: %s",
        request_id,
        request.path,
        response=response,
        request=request,
        exception=sys.exc_info()[1],
    )
    return response


def is_api_request(request: HttpRequest) -> bool:
    """Return whether the request is for the API, where errors are JSON."""
    return request.path.startswith("/api/")


def _with_json(response: HttpResponseBase, request: HttpRequest) -> HttpResponse:
    """Return a JSON response with the status and the other headers of a page."""
    status = response.status_code
    # A view of the API whose success is not JSON, as the OpenAPI document, has named its error.
    data = getattr(response, "data", None)
    if isinstance(data, dict) and "error" in data:
        error = cast("ErrorJSON", data)
    elif status == 500:
        # The page of Django's debug mode, whose log line has no ID.
        request_id = _new_id()
        logger.error("Internal Server Error, request ID %s: %s", request_id, request.path)
        error = _internal_error_json(request_id)
    else:
        name = HTTPStatus(status).phrase
        code = name.lower().replace(" ", "_").replace("-", "_")
        error = error_json(*MESSAGES.get(status, (code, f"{name}. Try again later.")))
    answer = JsonResponse(error, status=status)
    for header, value in response.items():
        if header not in {"Content-Type", "Content-Length"}:
            answer.headers[header] = value
    answer.cookies = response.cookies
    return answer


def _is_json(response: HttpResponseBase) -> bool:
    # The OpenAPI document has a media type that ends in "+json".
    media_type = response.headers.get("Content-Type", "").partition(";")[0]
    return media_type == "application/json" or media_type.endswith("+json")


def _internal_error_json(request_id: str) -> ErrorJSON:
    error = error_json("internal_error", INTERNAL_ERROR.format(request_id))
    error["error"]["request_id"] = request_id
    return error


def _new_id() -> str:
    return secrets.token_hex(4)
