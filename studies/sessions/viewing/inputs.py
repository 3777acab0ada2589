"""Validation of the view states that the reading room reports."""

from __future__ import annotations

import math
from typing import Any

from rest_framework import serializers

from studies.sessions.models import ViewState

# Far beyond any screen or image: these limits only reject values that no viewer sends.
MAX_ZOOM = 1e4
MAX_GREY = 1e6
MAX_HEIGHT_PX = 100_000


class FiniteFloatField(serializers.FloatField):
    """A number that is neither infinite nor NaN, which limits alone would accept."""

    def to_internal_value(self, data: Any) -> float:
        """Return the number; raises ValidationError."""
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


def _zoom() -> FiniteFloatField:
    return FiniteFloatField(min_value=1 / MAX_ZOOM, max_value=MAX_ZOOM)


def _center() -> FiniteFloatField:
    return FiniteFloatField(min_value=-MAX_GREY, max_value=MAX_GREY)


def _width() -> FiniteFloatField:
    return FiniteFloatField(min_value=1, max_value=MAX_GREY)


def _height() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MAX_HEIGHT_PX, required=False)


class ViewInput(serializers.Serializer[Any]):
    """The view of an image and its extremes since the last request."""

    preset = serializers.ChoiceField(choices=ViewState.Preset.choices)
    presets = serializers.ListField(
        child=serializers.ChoiceField(choices=ViewState.Preset.choices), max_length=8
    )
    zoom, zoom_min, zoom_max = _zoom(), _zoom(), _zoom()
    # Device pixels per column of the image.
    scale = _zoom()
    center, center_min, center_max = _center(), _center(), _center()
    width, width_min, width_max = _width(), _width(), _width()
    inverted = serializers.BooleanField()
    # Of the image pane, in device pixels, while scoring was possible.
    pane_height, pane_height_min = _height(), _height()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Reject one of the two heights without the other."""
        if ("pane_height" in attrs) != ("pane_height_min" in attrs):
            raise serializers.ValidationError("Send both pane_height and pane_height_min.")
        return attrs
