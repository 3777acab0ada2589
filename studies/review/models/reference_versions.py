"""Versions of the reference standard that adjudication produced."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.review.models.adjudications import AdjudicationRound


class ReferenceVersion(models.Model):
    """An adjudicated reference standard with its provenance; never changed.

    ``grades`` has the grade of each cell by case label, null where there is none.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="reference_versions")
    number = models.PositiveSmallIntegerField()
    round = models.ForeignKey(AdjudicationRound, on_delete=models.PROTECT, related_name="versions")
    grades = models.JSONField()
    adjudicators = models.JSONField(default=list)
    """The labels of the adjudicators."""
    cases_adjudicated = models.PositiveIntegerField()
    cases_equal = models.PositiveIntegerField()
    """Cases that were not selected and that all readers scored alike."""
    cases_by_median = models.PositiveIntegerField()
    """Cases that were not selected and have the lower median of slightly different grades."""
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="reference_version_once"),
            models.CheckConstraint(name="reference_version_from_1", condition=Q(number__gte=1)),
        ]
        triggers = [
            pgtrigger.Protect(
                name="reference_versions_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"reference standard {self.number} of {self.study}"
