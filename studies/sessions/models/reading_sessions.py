"""Reading sessions, and the parts of readings that were done in them."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from studies.readers.models import Membership
from studies.sessions.models.readings import Reading


class ReadingSession(models.Model):
    """A reader's continuous work in a study; `reading_sessions.rule` decides when it ends."""

    class End(models.TextChoices):
        IDLE = "idle", "idle limit"
        SIGN_OUT = "sign_out", "signed out"
        OTHER_SIGN_IN = "other_sign_in", "other browser or sign-in"
        LOCK = "lock", "study locked"

    reader = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="reading_sessions"
    )
    # From 1 for each reader, in order of time: later sessions never change it.
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    last_activity_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=13, choices=End, blank=True)
    # Keyed hash of the sign-in session: tells browsers apart and cannot be used to sign in.
    sign_in = models.CharField(max_length=32, blank=True)
    browser = models.CharField(max_length=40, blank=True)
    # Active time since the last pause or break reminder; see `reading_sessions.breaks`.
    unbroken_ms = models.PositiveBigIntegerField(default=0)
    break_reminders = models.PositiveIntegerField(default=0)
    # The smallest viewport of the session by area, in CSS pixels, with its device pixel ratio.
    viewport_width = models.PositiveIntegerField(null=True)
    viewport_height = models.PositiveIntegerField(null=True)
    device_pixel_ratio = models.FloatField(null=True)

    class Meta:
        ordering = ["reader", "number"]
        constraints = [
            models.UniqueConstraint(fields=["reader", "number"], name="session_number_once"),
            models.UniqueConstraint(
                fields=["reader"], condition=Q(ended_at=None), name="one_running_session"
            ),
            models.CheckConstraint(
                name="session_activity_after_start",
                condition=Q(last_activity_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="session_ends_after_activity",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("last_activity_at")),
            ),
            models.CheckConstraint(
                name="session_end_has_reason",
                condition=Q(ended_at=None, ended_by="") | (~Q(ended_at=None) & ~Q(ended_by="")),
            ),
            models.CheckConstraint(
                name="viewport_whole_or_unknown",
                condition=Q(viewport_width=None, viewport_height=None)
                # A comparison with NULL alone would not fail.
                | Q(viewport_width__isnull=False, viewport_height__isnull=False)
                & Q(viewport_width__gte=1, viewport_height__gte=1),
            ),
            models.CheckConstraint(
                name="pixel_ratio_positive",
                condition=Q(device_pixel_ratio=None) | Q(device_pixel_ratio__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"Session {self.number} of {self.reader}"

    @property
    def length(self) -> timedelta:
        """The time from the start to the end, or to the last activity of a running session."""
        return (self.ended_at or self.last_activity_at) - self.started_at


class SessionInterval(models.Model):
    """The part of a reading that was done in one reading session; a reading can have several."""

    session = models.ForeignKey(ReadingSession, on_delete=models.PROTECT, related_name="intervals")
    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="intervals")
    # From 1: the order in which readings were first worked on in the session.
    position = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    """Set if the reading was submitted in this session."""
    active_ms = models.PositiveBigIntegerField(default=0)
    idle_ms = models.PositiveBigIntegerField(default=0)
    guides_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["session", "position"]
        constraints = [
            models.UniqueConstraint(fields=["reading", "session"], name="interval_once"),
            models.UniqueConstraint(fields=["session", "position"], name="interval_position_once"),
            models.CheckConstraint(name="interval_position_from_1", condition=Q(position__gte=1)),
            models.CheckConstraint(
                name="interval_submitted_after_start",
                condition=Q(submitted_at=None) | Q(submitted_at__gte=F("started_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reading} in {self.session}"
