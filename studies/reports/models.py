from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from studies.cases.models import Case
from studies.protocol.models import Study


def report_path(run: ReportRun, name: str) -> str:
    return f"{run.study_id}/reports/{run.pk}.pdf"


def page_path(run: ReportRun, name: str) -> str:
    return f"{run.study_id}/reports/{run.pk}.html"


class ReportRunQuerySet(models.QuerySet["ReportRun"]):
    def unfinished(self) -> ReportRunQuerySet:
        return self.filter(state__in=[ReportRun.State.QUEUED, ReportRun.State.MAKING])


class ReportRun(models.Model):
    """One report that somebody asked for, kept as it was made."""

    class State(models.TextChoices):
        QUEUED = "queued", "waiting for the worker"
        MAKING = "making", "being made"
        DONE = "done", "ready"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="report_runs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    interim = models.BooleanField(default=False)
    data_cut = models.DateTimeField()
    data_hash = models.CharField(max_length=64, blank=True)
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=1)
    document = models.FileField(upload_to=report_path, max_length=200, blank=True)
    document_hash = models.CharField(max_length=64, blank=True)
    page = models.FileField(upload_to=page_path, max_length=200, blank=True)
    page_hash = models.CharField(max_length=64, blank=True)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True, blank=True)

    objects = ReportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="report_done_has_document",
                condition=~Q(state="done") | (~Q(document="") & Q(made_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="report_failed_with_reason", condition=~Q(state="failed") | ~Q(failure="")
            ),
        ]

    def __str__(self) -> str:
        return f"report of {self.study}, {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def unfinished(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.MAKING}


class TrueGrades(models.Model):
    """What a case is known to carry, as a phantom is: grades by cell; no reader ever sees it."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="true_grades")
    grades = models.JSONField()
    source = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"true grades of {self.case}"


class BootstrapRunQuerySet(models.QuerySet["BootstrapRun"]):
    def unfinished(self) -> BootstrapRunQuerySet:
        return self.filter(state__in=list(BootstrapRun.PATIENCE))

    def lost(self) -> BootstrapRunQuerySet:
        """Unfinished ones of which nothing was heard for so long that they may be asked again."""
        return self.filter(_silent("queued") | _silent("computing"))

    def going_on(self) -> BootstrapRunQuerySet:
        return self.unfinished().exclude(_silent("queued") | _silent("computing"))

    def free(self) -> BootstrapRunQuerySet:
        """Those that a worker may begin: they wait, or the worker that began them was stopped."""
        return self.filter(Q(state="queued") | _silent("computing"))

    def begun_as(self, run: BootstrapRun) -> BootstrapRunQuerySet:
        """The run itself, as long as nobody has begun it anew."""
        return self.filter(pk=run.pk, state=BootstrapRun.State.COMPUTING, attempts=run.attempts)


def _silent(state: str) -> Q:
    since = timezone.now() - BootstrapRun.PATIENCE[BootstrapRun.State(state)]
    return Q(state=state, heard_at__lt=since)


class BootstrapRun(models.Model):
    """Bootstrap intervals of one data cut and choice, computed once and kept.

    ``key`` names the data and the choice; ``choice`` is its address, as the page reads it.
    ``heard_at`` is when it was asked for, begun or last told its progress; ``attempts`` counts how
    often it was begun, so that a worker that was given up cannot write into a later attempt.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "waiting for the worker"
        COMPUTING = "computing", "being computed"
        DONE = "done", "ready"
        FAILED = "failed", "failed"

    PATIENCE = {
        State.QUEUED: timedelta(minutes=10),
        State.COMPUTING: timedelta(minutes=1),
    }
    LOST = {
        State.QUEUED: (
            "These intervals have waited for ten minutes: the worker is busy or was stopped. "
            "You can ask for them again; they are still computed only once."
        ),
        State.COMPUTING: (
            "The computation was broken off: nothing was heard of it for a minute. "
            "Ask for it again."
        ),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="bootstrap_runs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    choice = models.TextField()
    data_hash = models.CharField(max_length=64)
    seed = models.PositiveBigIntegerField()
    resamples = models.PositiveIntegerField()
    resamples_done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    records = models.JSONField(default=list, blank=True)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True, blank=True)

    objects = BootstrapRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="bootstrap_once"),
            models.CheckConstraint(
                name="bootstrap_done_is_whole",
                condition=~Q(state="done")
                | Q(resamples_done=models.F("resamples"), made_at__isnull=False),
            ),
            models.CheckConstraint(
                name="bootstrap_failed_with_reason", condition=~Q(state="failed") | ~Q(failure="")
            ),
        ]

    def __str__(self) -> str:
        return f"bootstrap of {self.study}, {self.choice}"

    @property
    def lost(self) -> bool:
        patience = self.PATIENCE.get(self.state)
        return patience is not None and self.heard_at < timezone.now() - patience

    @property
    def going_on(self) -> bool:
        """Whether it waits or is computed, as far as anybody knows."""
        return self.state in self.PATIENCE and not self.lost

    @property
    def trouble(self) -> str:
        """Why it failed or seems to be lost, in a sentence; such a run may be asked for again."""
        return self.LOST[self.state] if self.lost else self.failure
