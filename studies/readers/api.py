"""REST endpoints of a person's own sign-in and of preferences in the reading room."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, TypedDict

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.openapi import Keyword
from studies.readers.requests import UserAPIRequest, user_api_view

# Preferences are stored as they are sent, so their size is limited.
MAX_WINDOW = 1e6
MAX_ENTRIES = 100
MAX_NAME_LENGTH = 40


class PreferredWindowJSON(TypedDict):
    """Centre and width of a display window, in stored grey values."""

    center: float
    width: float


class PreferencesJSON(TypedDict, total=False):
    """A person's keys, display windows by scanner and strength of the guides, once set."""

    keys: dict[str, str]
    windows: dict[str, PreferredWindowJSON]
    guide_strength: float
    keep_view: bool


class SignInJSON(TypedDict):
    """The seconds until inactivity ends the sign-in."""

    expires_in_s: Annotated[int, Keyword("minimum", 0)]


class WindowInput(serializers.Serializer[Any]):
    """Centre and width of a display window, in stored grey values."""

    center = serializers.FloatField(min_value=-MAX_WINDOW, max_value=MAX_WINDOW)
    width = serializers.FloatField(min_value=1, max_value=MAX_WINDOW)


def check_size(entries: dict[str, Any]) -> None:
    """Raise ValidationError if there are too many entries or a name is too long."""
    if len(entries) > MAX_ENTRIES or any(len(name) > MAX_NAME_LENGTH for name in entries):
        raise serializers.ValidationError(
            f"At most {MAX_ENTRIES} entries are allowed, with names of at most {MAX_NAME_LENGTH} "
            "characters."
        )


class PreferencesInput(serializers.Serializer[Any]):
    """Keys, windows, guide strength and view; what is not sent stays unchanged."""

    keys = serializers.DictField(
        child=serializers.CharField(max_length=40), required=False, validators=[check_size]
    )
    windows = serializers.DictField(child=WindowInput(), required=False, validators=[check_size])
    guide_strength = serializers.FloatField(min_value=0, max_value=1, required=False)
    keep_view = serializers.BooleanField(required=False)


@extend_schema(request=None, responses={200: SignInJSON})
@user_api_view("GET", "POST")
def sign_in(request: UserAPIRequest) -> Response:
    """Return the time until the sign-in ends; POST renews it, which a GET of a page does not."""
    session = request._request.session
    expires_at = getattr(session, "expires_at", None)
    left = timedelta(seconds=session.get_expiry_age())
    if request.method == "GET" and expires_at is not None:
        # What is stored decides: get_expiry_age would start from now and never show the time
        # running out.
        left = expires_at - timezone.now()
    if request.method == "POST":
        # Also within the interval in which IdleTimeoutMiddleware would not renew it.
        session.modified = True
    answer: SignInJSON = {"expires_in_s": max(0, int(left.total_seconds()))}
    return Response(answer)


@extend_schema(methods=["GET"], responses={200: PreferencesJSON})
@extend_schema(methods=["PUT"], request=PreferencesInput, responses={200: PreferencesJSON})
@user_api_view("GET", "PUT")
def preferences(request: UserAPIRequest) -> Response:
    """Return or update the person's preferences in the reading room."""
    if request.method == "PUT":
        form = PreferencesInput(data=request.data)
        form.is_valid(raise_exception=True)
        # Merged, because a page sends only what it changes.
        request.user.preferences = {**request.user.preferences, **form.validated_data}
        request.user.save(update_fields=["preferences"])
    return Response(request.user.preferences)
