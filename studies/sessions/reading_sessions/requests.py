"""The browser of a request, as reading sessions store it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework import serializers

from studies.sessions.reading_sessions.browsers import browser_name
from studies.sessions.reading_sessions.client import Client

# What a browser could not send is kept on the device; it is rarely older than a few days.
MAX_AGE_MS = 365 * 24 * 3600 * 1000
MAX_VIEWPORT = 100_000
MAX_PIXEL_RATIO = 100
CLIENT_FIELDS = ("age_ms", "viewport_width", "viewport_height", "device_pixel_ratio")


class ClientInput(serializers.Serializer[Any]):
    """When the activity was measured, and the size of the browser's window at that time."""

    age_ms = serializers.IntegerField(
        min_value=0,
        max_value=MAX_AGE_MS,
        default=0,
        help_text="Milliseconds between the activity and the request, which may be sent later.",
    )
    viewport_width = serializers.IntegerField(
        min_value=1, max_value=MAX_VIEWPORT, required=False, help_text="In CSS pixels."
    )
    viewport_height = serializers.IntegerField(
        min_value=1, max_value=MAX_VIEWPORT, required=False, help_text="In CSS pixels."
    )
    device_pixel_ratio = serializers.FloatField(
        min_value=0.01, max_value=MAX_PIXEL_RATIO, required=False
    )


def take_client(values: dict[str, Any], request: HttpRequest) -> Client:
    """Remove the fields of `ClientInput` from validated values; return the client they describe."""
    sent = {name: values.pop(name, None) for name in CLIENT_FIELDS}
    size = (sent["viewport_width"], sent["viewport_height"])
    return Client(
        sign_in=sign_in_key(request),
        browser=browser_name(request.headers.get("User-Agent", "")),
        viewport=None if None in size else size,
        device_pixel_ratio=sent["device_pixel_ratio"],
        age=timedelta(milliseconds=sent["age_ms"] or 0),
    )


def sign_in_key(request: HttpRequest) -> str:
    """Return a keyed hash of the sign-in session, which distinguishes sign-ins."""
    # Keyed, because the session key itself would sign its owner in if the rows leaked.
    key = request.session.session_key
    return salted_hmac("studies.sessions.sign_in", key).hexdigest()[:32] if key else ""
