"""Amendments of a study's protocol."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from studies.protocol.models.studies import Study


class Amendment(models.Model):
    """A dated change of a study's protocol, with its reason; never changed.

    ``number`` and ``dated`` are those of the protocol; ``change`` names what it changed here.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="amendments")
    number = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(999)]
    )
    dated = models.DateField()
    change = models.CharField(max_length=200)
    reason = models.TextField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="amendment_number_once"),
            models.CheckConstraint(
                name="amendment_with_reason", condition=Q(number__gte=1) & ~Q(reason="")
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="amendment_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"amendment {self.number} of {self.study}"
