"""The strata of a stratified assignment, with their balance over the readers."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from studies.protocol.models import Study


class AssignedStratum(models.Model):
    """The cases of one scanner, site and AAC group in a batch, as they were assigned.

    ``fewest`` and ``most`` are the cases of the stratum that one reader was assigned. The group is
    "" where the case had no reference standard.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="assigned_strata")
    batch = models.PositiveSmallIntegerField()
    scanner = models.CharField(max_length=120, blank=True)
    site = models.CharField(max_length=12)
    group = models.CharField(max_length=10, blank=True)
    cases = models.PositiveIntegerField()
    fewest = models.PositiveIntegerField()
    most = models.PositiveIntegerField()

    class Meta:
        ordering = ["batch", "scanner", "site", "group"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "batch", "scanner", "site", "group"], name="stratum_once_a_batch"
            ),
            models.CheckConstraint(
                name="stratum_fewest_to_most",
                condition=Q(cases__gte=1, fewest__lte=F("most"), most__lte=F("cases")),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="assigned_strata_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.study}, batch {self.batch}: {self.scanner}, {self.site}, {self.group}"
