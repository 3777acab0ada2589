"""REST endpoint of a person's own preferences in the reading room."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.readers.requests import UserAPIRequest, user_api_view

# Preferences are stored as they are sent, so their size is limited.
MAX_WINDOW = 1e6
MAX_ENTRIES = 100
MAX_NAME_LENGTH = 40


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


@extend_schema(request=PreferencesInput, responses={200: OpenApiTypes.OBJECT})
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
