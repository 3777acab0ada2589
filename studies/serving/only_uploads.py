"""Middleware of the process that receives uploads and serves nothing else."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve

from studies.cases.upload.upload_handler import UPLOADS
from studies.errors import error_json

MESSAGE = "This server process only receives uploads. Check the routing of the reverse proxy."


class UploadsOnlyMiddleware:
    """Answers 404 to every request except uploads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            name = resolve(request.path_info).url_name
        except Resolver404:
            name = None
        if name in UPLOADS:
            return self.get_response(request)
        return JsonResponse(error_json("not_found", MESSAGE), status=404)
