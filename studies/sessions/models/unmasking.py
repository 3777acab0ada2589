"""Reopened readings and interim looks: coordinators' actions before the lock, with reasons."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils import timezone

from studies.protocol.models import Study
from studies.readers.models import User
from studies.sessions.models.readings import Reading


class Reopening(models.Model):
    """A coordinator's reopening of a submitted reading, with its reason. The report lists all."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="reopenings")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        triggers = [
            pgtrigger.Protect(
                name="reopenings_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.reading}: {self.reason}"


class InterimLook(models.Model):
    """A recorded unmasking of scores before the lock, with its reason. The report lists all."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="interim_looks")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]
        # The table dates from version 0.1.0, in which the model belonged to `readers`.
        db_table = "readers_interimlook"
        triggers = [
            pgtrigger.Protect(
                name="looks_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return self.reason
