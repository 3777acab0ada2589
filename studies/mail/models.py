"""The outbox: one row per email, from its creation until its removal some months later."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from studies.jobs.claims import ClaimedQuerySet, ClaimedWork

# As Django's own field; forms accept longer addresses by default.
MAX_ADDRESS_LENGTH = 254


class OutgoingMailQuerySet(ClaimedQuerySet):
    def waiting(self) -> Self:
        """Return queued emails whose next attempt is due, so that a delay holds everywhere."""
        return super().waiting().filter(not_before__lte=timezone.now())

    def finished(self) -> Self:
        """Return emails that will not be sent again."""
        State = OutgoingMail.State
        return self.filter(state__in=[State.SENT, State.FAILED, State.CANCELLED])


class OutgoingMail(ClaimedWork):
    """An email to one person.

    ``key`` identifies what the email is about, such as one invitation: of two emails with one key,
    the second is not stored. The text is erased when the email is finished. A secret link is never
    stored (`studies.mail.links`).
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", "invitation"
        CONFIRMATION = "confirmation", "confirmation of an address"
        ADDRESS_CHANGED = "address_changed", "changed address"
        PASSWORD_RESET = "password_reset", "password reset"
        PERIOD_OPEN = "period_open", "a period is open"
        REMINDER = "reminder", "reminder"
        SUMMARY = "summary", "weekly summary"

    class State(models.TextChoices):
        QUEUED = "queued", "waiting"
        SENDING = "sending", "being sent"
        SENT = "sent", "sent"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    WAITING: ClassVar[str] = State.QUEUED
    WORKING: ClassVar[str] = State.SENDING

    # Random, because the address of a secret link is derived from it together with the nonce.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=120, unique=True)
    address = models.EmailField(blank=True, max_length=MAX_ADDRESS_LENGTH)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    link_nonce = models.CharField(max_length=64, blank=True)
    unsubscribe_path = models.CharField(max_length=300, blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "outgoing email"
        verbose_name_plural = "outgoing emails"
        indexes = [models.Index(fields=["state", "not_before"], name="mail_by_state")]
        constraints = [
            models.CheckConstraint(
                name="finished_mail_is_erased",
                condition=Q(state__in=["queued", "sending"], finished_at=None)
                | Q(
                    state__in=["sent", "failed", "cancelled"],
                    finished_at__isnull=False,
                    text="",
                    html="",
                    link_nonce="",
                ),
            ),
            models.CheckConstraint(
                name="mail_failed_with_reason",
                condition=~Q(state="failed") | ~Q(last_error=""),
            ),
            models.CheckConstraint(
                name="mail_has_address", condition=Q(state="cancelled") | ~Q(address="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.created_at:%Y-%m-%d %H:%M}"
