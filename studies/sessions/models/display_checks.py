"""Display checks of reading sessions, and their waivers."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from studies.readers.models import Membership, User
from studies.sessions.models.reading_sessions import ReadingSession


class DisplayCheck(models.Model):
    """Low-contrast letters that a reader was shown in a reading session, as shown and as typed.

    Contrasts are differences from black or white, in grey levels of 0 to 255. They do not describe
    luminance, because displays are not calibrated.
    """

    # From the browser: a repeated request stores nothing.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(
        ReadingSession, on_delete=models.PROTECT, related_name="display_checks"
    )
    at = models.DateTimeField()
    # {"dark": {"shown": [...], "typed": [...]}, "bright": {...}}, from strong to weak contrast.
    letters = models.JSONField()
    # The smallest contrast at which all letters were read, as at all stronger ones; null if none.
    dark_contrast = models.PositiveSmallIntegerField(null=True)
    bright_contrast = models.PositiveSmallIntegerField(null=True)
    letters_correct = models.PositiveSmallIntegerField()
    letters_shown = models.PositiveSmallIntegerField()
    # The contrast of the study's protocol.
    required_contrast = models.PositiveSmallIntegerField()
    passed = models.BooleanField()
    browser = models.CharField(max_length=40, blank=True)
    viewport_width = models.PositiveIntegerField(null=True)
    viewport_height = models.PositiveIntegerField(null=True)
    device_pixel_ratio = models.FloatField(null=True)

    class Meta:
        ordering = ["session", "at"]
        constraints = [
            models.CheckConstraint(
                name="display_letters_correct_of_shown",
                condition=Q(letters_correct__lte=F("letters_shown")),
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="display_checks_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"Display check of {self.session}"


class DisplayCheckWaiver(models.Model):
    """A coordinator's decision that a reader may read without display checks, with the reason."""

    reader = models.OneToOneField(
        Membership, on_delete=models.PROTECT, related_name="display_check_waiver"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="display_waiver_has_reason", condition=~Q(reason=""))
        ]
        triggers = [
            pgtrigger.Protect(
                name="display_waivers_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"Waiver of the display checks of {self.reader.label}"
