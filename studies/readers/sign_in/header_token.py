"""Session authentication for the API that reads the CSRF token from a header only.

Django REST framework also looks for the token in the form data. It would therefore read the whole
body, up to 2 GB of an upload, before it knows whether the sender is authorised.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from drf_spectacular.authentication import SessionScheme
from rest_framework.authentication import SessionAuthentication


class HeaderTokenAuthentication(SessionAuthentication):
    """Check the origin and ``X-CSRFToken`` without reading the body."""

    def enforce_csrf(self, request: Any) -> None:
        """Run Django's check on a copy of the request that has no body."""
        # Django's check would otherwise look for the token in the form, and so receive the whole
        # upload.
        empty = {"wsgi.input": BytesIO(), "CONTENT_LENGTH": "0", "CONTENT_TYPE": ""}
        # Django has decoded the path, while WSGI has its bytes as Latin-1.
        path = request.path_info.encode().decode("latin-1")
        bare = WSGIRequest({**request.META, **empty, "PATH_INFO": path})
        if getattr(request, "_dont_enforce_csrf_checks", False):  # Django's test client
            bare._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        super().enforce_csrf(bare)  # type: ignore[arg-type]


class HeaderTokenScheme(SessionScheme):  # type: ignore[no-untyped-call]  # drf-spectacular
    """Describe the authentication in the OpenAPI document."""

    target_class = "studies.readers.sign_in.header_token.HeaderTokenAuthentication"
