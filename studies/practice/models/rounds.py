"""Rounds of practice cases, and the readings in them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from studies.practice.models.certification import Measure
from studies.practice.models.practice_set import PracticeCase
from studies.readers.models import Membership, User


class PracticeRoundQuerySet(models.QuerySet["PracticeRound"]):
    def of_reader(self, user: User) -> PracticeRoundQuerySet:
        """Return the rounds of an active reader."""
        return self.filter(reader__user=user, reader__active=True, reader__role="reader")

    def refreshers(self) -> PracticeRoundQuerySet:
        """Return the rounds that are mixed into the reader's study readings."""
        return self.filter(kind=PracticeRound.Kind.REFRESHER)

    def practised(self) -> PracticeRoundQuerySet:
        """Return the rounds that readers start themselves: practice and certification."""
        return self.exclude(kind=PracticeRound.Kind.REFRESHER)


class PracticeRound(models.Model):
    """One reader's scoring of several practice cases: practice, an attempt or a refresher.

    The rules are copied when the round starts. ``kappa`` and ``exact`` are set when it is
    finished; ``kappa`` stays empty where it is undefined.
    """

    class Kind(models.TextChoices):
        PRACTICE = "practice", "Practice"
        CERTIFICATION = "certification", "Certification"
        REFRESHER = "refresher", "Refresher"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reader = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="practice_rounds")
    kind = models.CharField(max_length=13, choices=Kind)
    number = models.PositiveIntegerField()
    arm = models.CharField(max_length=20)
    measure = models.CharField(max_length=5, choices=Measure, blank=True)
    threshold = models.FloatField(null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    kappa = models.FloatField(null=True)
    exact = models.FloatField(null=True)
    passed = models.BooleanField(null=True)
    # Of a refresher: after how many submitted study readings it was due, and in which period.
    after_readings = models.PositiveIntegerField(null=True)
    period = models.PositiveSmallIntegerField(null=True)

    objects = PracticeRoundQuerySet.as_manager()

    class Meta:
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(fields=["reader", "kind", "number"], name="round_once"),
            models.UniqueConstraint(
                fields=["reader", "kind"], name="one_open_round", condition=Q(finished_at=None)
            ),
            models.CheckConstraint(
                name="round_finished_after_start",
                condition=Q(finished_at=None) | Q(finished_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="round_finished_with_result",
                condition=Q(finished_at=None, exact=None, passed=None)
                | Q(finished_at__isnull=False, exact__isnull=False),
            ),
            models.CheckConstraint(
                name="certification_has_rules",
                condition=Q(
                    kind__in=["practice", "refresher"], measure="", threshold=None, passed=None
                )
                | Q(kind="certification", threshold__isnull=False) & ~Q(measure=""),
            ),
            models.CheckConstraint(
                name="refresher_has_its_time",
                condition=Q(kind="refresher", after_readings__isnull=False, period__isnull=False)
                | ~Q(kind="refresher") & Q(after_readings=None, period=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {self.reader.label}"

    @property
    def shows_feedback(self) -> bool:
        """Whether the reader sees the reference grades after each case."""
        refresher = self.kind == self.Kind.REFRESHER
        return not refresher or self.reader.study.refresher_feedback


class PracticeReadingQuerySet(models.QuerySet["PracticeReading"]):
    def with_feedback(self) -> PracticeReadingQuerySet:
        """Return the readings whose reference grades are shown once they are submitted."""
        refresher = Q(round__kind=PracticeRound.Kind.REFRESHER)
        return self.filter(~refresher | Q(round__reader__study__refresher_feedback=True))


class PracticeReading(models.Model):
    """One practice case in a round, with the reader's scores by cell as the API shows them."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        OPEN = "open", "open"
        SUBMITTED = "submitted", "submitted"

    # Random, so that the address reveals nothing about the case.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(PracticeRound, on_delete=models.PROTECT, related_name="readings")
    practice_case = models.ForeignKey(
        PracticeCase, on_delete=models.PROTECT, related_name="readings"
    )
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    cells = models.JSONField(default=dict, blank=True)
    opened_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    feedback_seen_at = models.DateTimeField(null=True)
    """When the reader closed the reference grades, which are shown again until then."""
    # The traces of a measured arm as the API shows them; None before the first ones.
    measurement = models.JSONField(null=True)
    # Of refreshers only. Their times are stored to answer as for a study reading, and not reported.
    comment = models.TextField(blank=True)
    comment_version = models.PositiveIntegerField(default=0)
    active_ms = models.PositiveBigIntegerField(default=0)
    idle_ms = models.PositiveBigIntegerField(default=0)
    timed_to = models.DateTimeField(null=True)
    last_time_change = models.UUIDField(null=True)

    objects = PracticeReadingQuerySet.as_manager()

    class Meta:
        ordering = ["round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="practice_position_once"),
            models.UniqueConstraint(
                fields=["round", "practice_case"], name="practice_case_once_a_round"
            ),
            models.CheckConstraint(
                name="practice_submitted_has_dates",
                condition=~Q(state="submitted")
                | Q(submitted_at__isnull=False, opened_at__isnull=False),
            ),
            models.CheckConstraint(
                name="practice_submitted_after_opened",
                condition=Q(submitted_at=None) | Q(submitted_at__gte=F("opened_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}, {self.position}"
