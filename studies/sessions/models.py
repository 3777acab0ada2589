"""Reading lists, readings, their scores and changes, and the sessions in which they were made."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from studies.analytics.scale import CELLS, Validity
from studies.cases.models import Case, LandmarkSet
from studies.protocol.models import Arm, Study
from studies.readers.models import Membership


class ReadingList(models.Model):
    """The ordered readings of one reader in one period, all in one arm."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="reading_lists")
    reader = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="reading_lists")
    period = models.PositiveSmallIntegerField()
    arm = models.CharField(max_length=10, choices=Arm.Code)
    # The column name dates from version 0.1.0.
    assigned_at = models.DateTimeField(auto_now_add=True, db_column="dealt_at")

    class Meta:
        ordering = ["reader", "period"]
        constraints = [
            models.UniqueConstraint(fields=["reader", "period"], name="one_list_a_period"),
            models.UniqueConstraint(fields=["reader", "arm"], name="one_list_an_arm"),
            models.CheckConstraint(name="period_from_1", condition=Q(period__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.reader.label}, period {self.period}"


class ReadingQuerySet(models.QuerySet["Reading"]):
    def of_reader(self, user: Any) -> ReadingQuerySet:
        """Return the readings of an active reader in studies that have been opened."""
        return self.filter(
            reading_list__reader__user=user,
            reading_list__reader__active=True,
            reading_list__reader__role="reader",
            # Paused and locked studies are included: a late request then gets the reason, not 404.
            reading_list__study__opened_at__isnull=False,
        )

    def with_case(self) -> ReadingQuerySet:
        """Fetch everything that is shown of a reading, with its image and its landmarks."""
        return self.select_related(
            "reading_list__study", "reading_list__reader", "case__image", "landmark_set"
        )

    def in_order(self) -> ReadingQuerySet:
        """Sort in the order of reading when no washout intervenes."""
        return self.order_by("batch", "reading_list__period", "position")

    def counted(self) -> ReadingQuerySet:
        """Leave out the readings of cases that were excluded after assignment."""
        return self.exclude(case__state=Case.State.EXCLUDED)

    def to_read(self) -> ReadingQuerySet:
        """Return the readings that have not been submitted."""
        return self.counted().filter(state__in=[Reading.State.WAITING, Reading.State.OPEN])

    def submitted(self) -> ReadingQuerySet:
        """Return the submitted readings of cases that are not excluded."""
        return self.counted().filter(state=Reading.State.SUBMITTED)


class Reading(models.Model):
    """One reader x case x arm x period x replicate.

    The landmark set is the case's current one at assignment; later corrections do not change it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        OPEN = "open", "open"
        SUBMITTED = "submitted", "submitted"

    # Random, so that the address of a reading reveals nothing about its case.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reading_list = models.ForeignKey(ReadingList, on_delete=models.PROTECT, related_name="readings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="readings")
    landmark_set = models.ForeignKey(LandmarkSet, on_delete=models.PROTECT, related_name="+")
    replicate = models.PositiveSmallIntegerField(default=1)
    batch = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    simulated = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    previous_submission_at = models.DateTimeField(null=True)
    """The last submission before a coordinator reopened the reading; the washout counts from it."""
    timed_to = models.DateTimeField(null=True)
    """Server time up to which intervals have been added to the times below."""
    active_ms = models.PositiveBigIntegerField(default=0)
    idle_ms = models.PositiveBigIntegerField(default=0)
    guides_ms = models.PositiveBigIntegerField(default=0)
    comment = models.TextField(blank=True)
    comment_version = models.PositiveIntegerField(default=0)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        ordering = ["reading_list", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["reading_list", "case", "replicate"], name="reading_once"
            ),
            models.UniqueConstraint(fields=["reading_list", "position"], name="position_once"),
            models.CheckConstraint(
                name="submitted_has_dates",
                condition=~Q(state="submitted")
                | Q(submitted_at__isnull=False, opened_at__isnull=False),
            ),
            models.CheckConstraint(
                name="submitted_after_opened",
                condition=Q(submitted_at=None) | Q(submitted_at__gte=F("opened_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reading_list}, {self.position}"

    @property
    def study(self) -> Study:
        """The study of the reading list."""
        return self.reading_list.study

    @property
    def arm(self) -> str:
        """The arm of the reading list."""
        return self.reading_list.arm


class Score(models.Model):
    """The present value of a cell; `Change` has every earlier value."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="scores")
    cell = models.CharField(max_length=12, choices=[(cell, cell) for cell in CELLS])
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    # NHANES validity code; None while the cell is empty.
    validity = models.PositiveSmallIntegerField(
        null=True, blank=True, choices=[(code.value, code.name) for code in Validity]
    )
    reason = models.CharField(max_length=200, blank=True)
    # Number of saves; a window that sends an older number gets the stored cell instead.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reading", "cell"], name="one_score_a_cell"),
            models.CheckConstraint(
                name="score_0_to_3_or_not_readable",
                condition=Q(score__range=(0, 3), validity=Validity.VALID)
                | Q(
                    score=None,
                    validity__in=[code.value for code in Validity if code != Validity.VALID],
                )
                | Q(score=None, validity=None),
            ),
            models.CheckConstraint(name="score_of_a_known_cell", condition=Q(cell__in=list(CELLS))),
        ]

    def __str__(self) -> str:
        return f"{self.cell} of {self.reading}"


class Change(models.Model):
    """A request that changed a reading, with its answer, which a repeated request gets again."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="changes")
    change_id = models.UUIDField()
    # The name of a cell, or "comment", "time" or "submit".
    kind = models.CharField(max_length=40)
    value = models.JSONField(default=dict)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["reading", "change_id"], name="change_once")]
        triggers = [
            # The history of scores cannot be edited, not even by an administrator.
            pgtrigger.Protect(
                name="changes_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.reading}"


class ReadingSession(models.Model):
    """A reader's continuous work in a study; `reading_sessions.activity` decides when it ends."""

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
