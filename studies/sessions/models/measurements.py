"""The traces of measured readings."""

from __future__ import annotations

from django.db import models

from studies.sessions.models.readings import Reading


class Measurement(models.Model):
    """The current traces of a measured reading; `Change` has every earlier version.

    The final grades are in `Score`; a reader confirms or overrides those measured here.
    """

    reading = models.OneToOneField(Reading, on_delete=models.PROTECT, related_name="measurement")
    # Calcified stretches in image pixels: [{"wall": "anterior", "points": [[x, y], ...]}, ...].
    traces = models.JSONField(default=list)
    # The reader's five boundaries of the levels, each two points or null; empty with guides.
    boundaries = models.JSONField(default=list, blank=True)
    # The results of `grades.measure_traces`, in mm, or in pixel widths without pixel spacing.
    results = models.JSONField(default=dict)
    # Number of saves, as that of a score.
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"measurement of {self.reading}"
