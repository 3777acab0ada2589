"""What members of a study have been notified of by email, so that no job repeats it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from studies.mail.models import OutgoingMail
from studies.readers.models import Membership


class Notification(models.Model):
    """One email to one member. It stays when the email itself is removed from the outbox.

    ``key`` identifies what the email was about: the batch and period, or the date of the recipient.
    """

    KINDS: ClassVar = (
        OutgoingMail.Kind.PERIOD_OPEN,
        OutgoingMail.Kind.REMINDER,
        OutgoingMail.Kind.SUMMARY,
    )

    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="notifications"
    )
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.label) for kind in KINDS])
    key = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "kind", "key"], name="notification_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.membership.label}, {self.key}"
