"""Signed-in sessions for the API, with the token against forged requests in a header.

Django REST framework's own class also looks for the token in the form, so it reads the whole body,
2 GB of an upload included, before it knows whether the sender may send it.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from drf_spectacular.authentication import SessionScheme
from rest_framework.authentication import SessionAuthentication


class HeaderTokenAuthentication(SessionAuthentication):
    """Checks origin and ``X-CSRFToken`` without touching the body."""

    def enforce_csrf(self, request: Any) -> None:
        bare = WSGIRequest(
            {**request.META, "wsgi.input": BytesIO(), "CONTENT_LENGTH": "0", "CONTENT_TYPE": ""}
        )
        if getattr(request, "_dont_enforce_csrf_checks", False):  # Django's test client
            bare._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        super().enforce_csrf(bare)  # type: ignore[arg-type]


class HeaderTokenScheme(SessionScheme):
    target_class = "studies.readers.header_token.HeaderTokenAuthentication"
