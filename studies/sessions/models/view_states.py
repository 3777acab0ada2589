"""How the images of readings were displayed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from studies.sessions.models.readings import Reading


class ViewState(models.Model):
    """How the image of a reading was displayed: the final view, and the extremes until then.

    Zoom is relative to the whole image fitted to the screen. Windows are in stored grey values.
    """

    class Preset(models.TextChoices):
        FIT = "fit", "whole image"
        LOWER_SPINE = "lower_spine", "lower spine"
        ACTUAL_SIZE = "actual_size", "actual size"
        MANUAL = "manual", "zoomed or moved by the reader"

    reading = models.OneToOneField(
        Reading, on_delete=models.PROTECT, primary_key=True, related_name="view"
    )
    preset = models.CharField(max_length=12, choices=Preset)
    # Every preset that was used, in the order of first use, separated by spaces.
    presets = models.CharField(max_length=60)
    zoom = models.FloatField()
    zoom_min = models.FloatField()
    zoom_max = models.FloatField()
    # Device pixels per column of the image.
    scale = models.FloatField()
    center = models.FloatField()
    center_min = models.FloatField()
    center_max = models.FloatField()
    width = models.FloatField()
    width_min = models.FloatField()
    width_max = models.FloatField()
    inverted = models.BooleanField()
    # Height of the image pane in device pixels while scoring was possible; null in older reports.
    pane_height = models.PositiveIntegerField(null=True)
    pane_height_min = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="view_within_its_extremes",
                condition=Q(
                    zoom__range=(F("zoom_min"), F("zoom_max")),
                    center__range=(F("center_min"), F("center_max")),
                    width__range=(F("width_min"), F("width_max")),
                ),
            ),
            models.CheckConstraint(
                name="pane_height_not_below_its_minimum",
                condition=Q(pane_height=None, pane_height_min=None)
                # A comparison with NULL alone would not fail.
                | Q(pane_height__isnull=False, pane_height_min__isnull=False)
                & Q(pane_height__gte=F("pane_height_min")),
            ),
        ]

    def __str__(self) -> str:
        return f"View of {self.reading}"
