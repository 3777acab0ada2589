"""Types of requests from signed-in people, for annotations.

Every page behind ``login_required`` and every endpoint of the API (whose default permission is
``IsAuthenticated``) has a `User` as ``request.user``; Django's own classes also allow
``AnonymousUser``. A view that anyone may open takes Django's classes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeAlias, cast

from django.http import HttpRequest, HttpResponse
from rest_framework.decorators import api_view
from rest_framework.request import Request

from studies.readers.models import User

P = ParamSpec("P")


class UserRequest(HttpRequest):
    """A page request from a signed-in person."""

    user: User


class UserAPIRequest(Request):
    """An API request from a signed-in person."""

    user: User


View: TypeAlias = Callable[Concatenate[UserAPIRequest, P], HttpResponse]


def user_api_view(*methods: str) -> Callable[[View[P]], View[P]]:
    """Return REST framework's ``api_view`` for endpoints that require a signed-in person."""
    # REST framework's decorator is not typed.
    return cast("Callable[[View[P]], View[P]]", api_view(list(methods)))
