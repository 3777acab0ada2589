"""The audit trail."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models


class Event(models.Model):
    """An action of a person or of the system; a trigger forbids changing and deleting it."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField(max_length=60)
    study = models.SlugField(max_length=60, blank=True, db_index=True)
    subject = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            # Pages of a study's log, and of the events of one person.
            models.Index(fields=["study", "-at", "-id"], name="event_of_study"),
            models.Index(fields=["actor", "-at", "-id"], name="event_of_actor"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
