"""The batches in which the cases of a study were assigned."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from studies.protocol.models import Study
from studies.readers.models import Membership


class Batch(models.Model):
    """Cases that were assigned together, as they were assigned; readings name it by its number.

    ``cases`` and ``readings`` are the numbers at that time: excluded cases and reassigned readings
    are included.
    """

    class Kind(models.TextChoices):
        FIRST = "first", "first assignment"
        LATE = "late", "late cases"
        REASSIGNMENT = "reassignment", "reassignment"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    assigned_at = models.DateTimeField(default=timezone.now)
    # None where an earlier version did not record the person.
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reassigned_from = models.ForeignKey(
        Membership, null=True, on_delete=models.PROTECT, related_name="+"
    )
    """The deactivated reader whose cases other readers took over."""
    cases = models.PositiveIntegerField()
    readings = models.PositiveIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="batch_number_once"),
            models.CheckConstraint(
                name="batch_with_readings",
                condition=Q(number__gte=1, cases__gte=1, readings__gte=1),
            ),
            models.CheckConstraint(
                name="batch_reassigned_from_a_reader",
                condition=Q(kind="reassignment") | Q(reassigned_from=None),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="batches_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.study}, batch {self.number}"
