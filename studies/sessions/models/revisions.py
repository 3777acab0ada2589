"""Revisions of submitted readings by their readers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from studies.sessions.models.readings import Reading


class Revision(models.Model):
    """A reader's revision of a submitted reading; `Change` has the values before and after it.

    Its times are those of the revision alone and are not part of the reading's times.
    """

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="revisions")
    # From 1 for each reading.
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)
    """Set if the study was locked first; the values of the last submission then count."""
    active_ms = models.PositiveBigIntegerField(default=0)
    idle_ms = models.PositiveBigIntegerField(default=0)
    guides_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["reading", "number"]
        constraints = [
            models.UniqueConstraint(fields=["reading", "number"], name="revision_number_once"),
            models.UniqueConstraint(
                fields=["reading"],
                condition=Q(submitted_at=None, discarded_at=None),
                name="one_revision_in_progress",
            ),
            models.CheckConstraint(
                name="revision_submitted_or_discarded",
                condition=Q(submitted_at=None) | Q(discarded_at=None),
            ),
            models.CheckConstraint(
                name="revision_submitted_after_start",
                condition=Q(submitted_at=None) | Q(submitted_at__gte=F("started_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.reading}"
