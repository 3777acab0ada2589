from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.readers.requests import UserAPIRequest, user_api_view

WIDEST = 1e6
MOST_ENTRIES = 100
LONGEST_NAME = 40


class WindowInput(serializers.Serializer[Any]):
    center = serializers.FloatField(min_value=-WIDEST, max_value=WIDEST)
    width = serializers.FloatField(min_value=1, max_value=WIDEST)


def check_small(entries: dict[str, Any]) -> None:
    if len(entries) > MOST_ENTRIES or any(len(name) > LONGEST_NAME for name in entries):
        raise serializers.ValidationError(
            f"At most {MOST_ENTRIES} entries, each name of at most {LONGEST_NAME} characters."
        )


class PreferencesInput(serializers.Serializer[Any]):
    keys = serializers.DictField(
        child=serializers.CharField(max_length=20), required=False, validators=[check_small]
    )
    windows = serializers.DictField(child=WindowInput(), required=False, validators=[check_small])
    guide_strength = serializers.FloatField(min_value=0, max_value=1, required=False)


@extend_schema(request=PreferencesInput, responses={200: OpenApiTypes.OBJECT})
@user_api_view("GET", "PUT")
def preferences(request: UserAPIRequest) -> Response:
    """A person's own keys, windows and strength of the guides."""
    if request.method == "PUT":
        form = PreferencesInput(data=request.data)
        form.is_valid(raise_exception=True)
        request.user.preferences = {**request.user.preferences, **form.validated_data}
        request.user.save(update_fields=["preferences"])
    return Response(request.user.preferences)
