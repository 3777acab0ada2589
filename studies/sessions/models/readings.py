"""Reading lists, readings, their scores, and the changes by which readers made them."""

from __future__ import annotations

import uuid
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from studies.analytics.scale import AAC8_CELLS, Validity, cells_to_score
from studies.cases.models import Case, LandmarkSet
from studies.protocol.models import Arm, Study
from studies.readers.models import Membership


class ReadingList(models.Model):
    """The ordered readings of one reader in one period, all in one arm.

    In a sequential study, a reader has two lists in the same period, one per step. Their positions
    alternate, so that the second reading of a case follows the first one.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="reading_lists")
    reader = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="reading_lists")
    period = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField(default=1)
    """2 for the readings that follow those of step 1 at once; 1 in all other designs."""
    arm = models.CharField(max_length=20, choices=Arm.Code)
    # Copied from the arm when the list is created: every request of a reader depends on them.
    guides = models.BooleanField(default=False)
    measured = models.BooleanField(default=False)
    # The column name dates from version 0.1.0.
    assigned_at = models.DateTimeField(auto_now_add=True, db_column="dealt_at")

    class Meta:
        ordering = ["reader", "period", "step"]
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "period", "step"], name="one_list_a_period_and_step"
            ),
            models.UniqueConstraint(fields=["reader", "arm"], name="one_list_an_arm"),
            models.CheckConstraint(name="period_from_1", condition=Q(period__gte=1)),
            # Steps replace periods: a study has one or the other.
            models.CheckConstraint(
                name="step_2_in_period_1_alone",
                condition=Q(step=1) | Q(step=2, period=1),
            ),
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
            *("reading_list__study", "reading_list__reader"),
            *("case__image", "landmark_set", "measurement"),
        )

    def in_order(self) -> ReadingQuerySet:
        """Sort in the order of reading when no washout intervenes."""
        return self.order_by("batch", "reading_list__period", "position")

    def in_period_of(self, reading: Reading) -> ReadingQuerySet:
        """Return the readings of the same reader and period: of both lists, if it has two."""
        reading_list = reading.reading_list
        if reading_list.study.sequential:
            return self.filter(
                reading_list__reader=reading_list.reader_id,
                reading_list__period=reading_list.period,
            )
        return self.filter(reading_list=reading_list)

    def counted(self) -> ReadingQuerySet:
        """Leave out the readings of cases that were excluded after assignment."""
        return self.exclude(case__state=Case.State.EXCLUDED)

    def to_read(self) -> ReadingQuerySet:
        """Return the readings that have not been submitted; one being revised has been."""
        return self.counted().filter(submitted_at=None)

    def submitted(self) -> ReadingQuerySet:
        """Return the submitted readings of cases that are not excluded, without those in revision.

        Their scores are final unless they are revised or reopened.
        """
        return self.counted().filter(state=Reading.State.SUBMITTED)

    def in_revision(self) -> ReadingQuerySet:
        """Return the readings that their readers are revising."""
        return self.filter(state=Reading.State.OPEN, submitted_at__isnull=False)


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
    # Fixed at assignment: a reading keeps the guides it was assigned with.
    landmark_set = models.ForeignKey(LandmarkSet, on_delete=models.PROTECT, related_name="+")
    replicate = models.PositiveSmallIntegerField(default=1)
    batch = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    simulated = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True)
    # A revision by the reader keeps it; a reopening by a coordinator clears it.
    submitted_at = models.DateTimeField(null=True)
    # Without it, reopening the last reading of period 1 would end the washout at once.
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
    def name(self) -> str:
        """The name that reader and coordinators share, such as "reading 7, period 1".

        Positions continue from batch to batch, so the name is unique among a reader's readings. It
        reveals neither case nor arm nor site.
        """
        return f"reading {self.position}, period {self.reading_list.period}"

    @property
    def name_for_reader(self) -> str:
        """The name as its reader sees it: "" for an ordinary reading in a study with refreshers.

        A refresher has no name, so the readings around it show none either.
        """
        ordinary = not (self.in_revision or self.reopened)
        return "" if ordinary and self.study.refresher_interval is not None else self.name

    @property
    def reopened(self) -> bool:
        """Whether a coordinator reopened the reading, which has not been submitted since."""
        return self.previous_submission_at is not None and self.submitted_at is None

    @property
    def in_revision(self) -> bool:
        """Whether the reader is revising the submitted reading."""
        return self.state == self.State.OPEN and self.submitted_at is not None

    @property
    def follows(self) -> bool:
        """Whether the reading follows the reader's first reading of the case (sequential study)."""
        return self.reading_list.step > 1

    @property
    def study(self) -> Study:
        """The study of the reading list."""
        return self.reading_list.study

    @property
    def arm(self) -> str:
        """The arm of the reading list."""
        return self.reading_list.arm

    @property
    def guided(self) -> bool:
        """Whether guides can be shown to the reader."""
        return self.reading_list.guides

    @property
    def measured(self) -> bool:
        """Whether the reader traces plaques."""
        return self.reading_list.measured


class Score(models.Model):
    """The current value of a cell, or of the AAC-8 of a wall; `Change` has every earlier value."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="scores")
    cell = models.CharField(
        max_length=13, choices=[(cell, cell) for cell in cells_to_score(aac8=True)]
    )
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
                name="score_in_range_or_not_readable",
                condition=Q(score__range=(0, 3), validity=Validity.VALID)
                | Q(score=4, validity=Validity.VALID, cell__in=list(AAC8_CELLS))
                | Q(
                    score=None,
                    validity__in=[code.value for code in Validity if code != Validity.VALID],
                )
                | Q(score=None, validity=None),
            ),
            models.CheckConstraint(
                name="score_of_a_known_cell",
                condition=Q(cell__in=list(cells_to_score(aac8=True))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cell} of {self.reading}"


class Change(models.Model):
    """A request that changed a reading, with its answer, which a repeated request gets again."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="changes")
    change_id = models.UUIDField()
    # The name of a cell, or "start", "comment", "traces", "time" or "submit".
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
