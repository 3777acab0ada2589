"""Fine-tuning runs and the cases that they use."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from studies.cases.models import Case, LandmarkSet
from studies.fine_tuning.querysets import FineTuningCaseQuerySet, FineTuningQuerySet
from studies.jobs.claims import ClaimedWork
from studies.protocol.models import Study
from studies.registry.models import RegisteredModel


def state_path(run: FineTuningRun, name: str) -> str:
    """Return the storage path of a saved state; `studies.storage.orphans` knows its pattern."""
    return f"models/{run.pk}-{run.step}.zip"


class FineTuningRun(ClaimedWork):
    """A request to fine-tune a model on corrected landmarks, and the progress of its training.

    A worker trains for a few minutes at a time and stores the state in between, from which any
    worker continues exactly. ``log`` has the loss and the validation error by step.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "waiting for a worker"
        TRAINING = "training", "training"
        DONE = "done", "finished"
        CANCELLED = "cancelled", "cancelled"
        FAILED = "failed", "failed"

    WAITING: ClassVar[str] = State.QUEUED
    WORKING: ClassVar[str] = State.TRAINING

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    start = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="+")
    # Several runs have the same result if they trained on the same cases.
    result = models.ForeignKey(
        RegisteredModel, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    studies = models.ManyToManyField(Study, related_name="+")
    consent = models.CharField(max_length=500)
    """The basis on which the images may be used, as the requesting person stated it."""
    fingerprint = models.CharField(max_length=64, blank=True, default="", db_index=True)
    """SHA-256 of initial weights and landmarks; empty for runs of earlier versions."""
    seed = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(null=True, blank=True)
    """Steps of the whole run; set by the worker, which knows the number of training images."""
    step = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    """Time that workers spent on the stored parts, with validation and evaluation."""
    comparison = models.JSONField(null=True, blank=True)
    """Errors before and after by corner, from `studies.fine_tuning.evaluation`."""
    log = models.JSONField(default=list, blank=True)
    saved_state = models.FileField(upload_to=state_path, max_length=200, blank=True)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = FineTuningQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="fine_tuning_done_has_result",
                condition=~Q(state="done")
                | Q(result__isnull=False, finished_at__isnull=False, step=F("steps")),
            ),
            models.CheckConstraint(
                name="fine_tuning_failed_with_reason", condition=~Q(state="failed") | ~Q(failure="")
            ),
            models.CheckConstraint(name="fine_tuning_with_consent", condition=~Q(consent="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def resumable(self) -> bool:
        """Whether a person can resume the run."""
        return self.state in {self.State.CANCELLED, self.State.FAILED}

    @property
    def duration(self) -> str:
        """The time that workers spent on the run as min:s."""
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"{minutes}:{seconds:02}"


class FineTuningCase(models.Model):
    """A case of a run, with the landmarks that were current when the run was requested.

    ``landmark_set`` is empty once the case has been rejected. ``part`` is empty until the first
    part of the training is stored, and stays so for a case that was no longer ready by then.
    """

    class Part(models.TextChoices):
        TRAINING = "training", "training"
        VALIDATION = "validation", "selection of weights"
        TEST = "test", "comparison"

    run = models.ForeignKey(FineTuningRun, on_delete=models.CASCADE, related_name="run_cases")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    landmark_set = models.ForeignKey(
        LandmarkSet, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    part = models.CharField(max_length=10, choices=Part, blank=True, default="")

    objects: ClassVar[Any] = FineTuningCaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "case"], name="fine_tuning_case_once")
        ]

    def __str__(self) -> str:
        return f"{self.case} in {self.run}"
