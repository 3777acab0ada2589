from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response


class WindowInput(serializers.Serializer[Any]):
    center = serializers.FloatField()
    width = serializers.FloatField(min_value=1)


class PreferencesInput(serializers.Serializer[Any]):
    keys = serializers.DictField(child=serializers.CharField(max_length=20), required=False)
    windows = serializers.DictField(child=WindowInput(), required=False)
    guide_strength = serializers.FloatField(min_value=0, max_value=1, required=False)


@extend_schema(request=PreferencesInput, responses={200: OpenApiTypes.OBJECT})
@api_view(["GET", "PUT"])
def preferences(request: Request) -> Response:
    """A person's own keys, windows and strength of the guides."""
    if request.method == "PUT":
        form = PreferencesInput(data=request.data)
        form.is_valid(raise_exception=True)
        request.user.preferences = {**request.user.preferences, **form.validated_data}
        request.user.save(update_fields=["preferences"])
    return Response(request.user.preferences)
