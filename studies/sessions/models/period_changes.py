"""Readers' acknowledgements that another period, and with it another arm, begins or continues."""

from __future__ import annotations

import pgtrigger
from django.db import models

from studies.sessions.models.readings import Reading, ReadingList


class PeriodAcknowledgement(models.Model):
    """A reader's confirmation of having seen what changes with a period.

    ``after`` is the reading that the reader worked on before, or None before the first reading.
    """

    reading_list = models.ForeignKey(
        ReadingList, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    after = models.ForeignKey(Reading, null=True, on_delete=models.PROTECT, related_name="+")
    begins = models.BooleanField()
    """False where the reader returned to a period that had started before."""
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reading_list", "after"], name="period_acknowledged_once"
            ),
            # NULLs are distinct: without this, the first period could be acknowledged twice.
            models.UniqueConstraint(
                fields=["reading_list"],
                condition=models.Q(after=None),
                name="first_period_acknowledged_once",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="period_acknowledgements_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.reading_list}, acknowledged"
