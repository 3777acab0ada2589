"""Models that the platform can analyse cases with, and which of them studies use.

A *model* here is a network with trained weights. Rows refer to its weights file by SHA-256, as
landmark sets do.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from studies.jobs.claims import ClaimedWork
from studies.protocol.models import Amendment, Study
from studies.registry.querysets import RegisteredModelQuerySet


def weights_path(model: RegisteredModel, name: str) -> str:
    """Return the storage path of a weights file; `studies.storage.orphans` knows its pattern."""
    return f"models/{model.pk}.safetensors"


class RegisteredModel(ClaimedWork):
    """A network with its weights, model card and evaluation; its weights never change.

    ``evaluation`` holds one entry per set of images, as `studies.fine_tuning.evaluation` makes
    them. ``source_studies`` are the studies on whose cases the weights, or those that training
    started from, were trained.
    """

    class Origin(models.TextChoices):
        INSTALLED = "installed", "installed with VerteRead"
        UPLOADED = "uploaded", "uploaded"
        FINE_TUNED = "fine_tuned", "fine-tuned on corrected landmarks"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting to be checked"
        CHECKING = "checking", "being checked"
        READY = "ready", "ready"
        REJECTED = "rejected", "rejected"

    WAITING: ClassVar[str] = State.WAITING
    WORKING: ClassVar[str] = State.CHECKING

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    origin = models.CharField(max_length=10, choices=Origin)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    failure = models.TextField(blank=True)
    checksum = models.CharField(max_length=64, unique=True)
    """SHA-256 of the weights file."""
    file = models.FileField(upload_to=weights_path, max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    network = models.CharField(max_length=80)
    parameters = models.PositiveBigIntegerField()
    trained_on = models.CharField(max_length=200, blank=True)
    card = models.TextField(blank=True)
    evaluation = models.JSONField(default=list, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The model whose weights training started from, if it is registered."""
    source_studies = models.ManyToManyField(Study, related_name="+", blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = RegisteredModelQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at"]
        constraints = [
            models.CheckConstraint(
                name="model_rejected_with_reason", condition=~Q(state="rejected") | ~Q(failure="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def short_checksum(self) -> str:
        """The first digits of the SHA-256, which tell models with the same name apart."""
        return self.checksum[:12]


class TrainedImage(models.Model):
    """An image on which weights, or those that training started from, were trained on the platform.

    It stays when the case is rejected: the weights do not forget the image.
    """

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.CASCADE, related_name="trained_images"
    )
    pixel_hash = models.CharField(max_length=64, db_index=True)
    """As `Image.pixel_hash`, which is equal for the same pixels in any study."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "pixel_hash"], name="trained_image_once")
        ]

    def __str__(self) -> str:
        return f"image {self.pixel_hash[:12]} of {self.model}"


class ModelActivation(models.Model):
    """An administrator's decision that new analyses use a model; never changed.

    It applies to studies that have neither selected nor fixed a model.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="activations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(
                name="activation_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"activation of {self.model}"


class StudyModel(models.Model):
    """The model of a study from a point in time; the row with the highest number applies."""

    class Kind(models.TextChoices):
        SELECTED = "selected", "selected by a coordinator"
        FIXED = "fixed", "fixed at the first assignment"
        AMENDED = "amended", "changed by an amendment"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="study_models")
    number = models.PositiveSmallIntegerField()
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    amendment = models.OneToOneField(
        Amendment, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["study", "number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="study_model_number_once"),
            models.CheckConstraint(
                name="study_model_amended_with_amendment",
                condition=Q(kind="amended", amendment__isnull=False)
                | (~Q(kind="amended") & Q(amendment__isnull=True)),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="study_model_unchanged", operation=pgtrigger.Update),
            # Also in the database: a script or a later action cannot bypass the rule either.
            pgtrigger.Trigger(
                name="study_model_not_own_cases",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=(
                    "IF EXISTS (SELECT 1 FROM registry_registeredmodel_source_studies "
                    "WHERE registeredmodel_id = NEW.model_id AND study_id = NEW.study_id) THEN "
                    "RAISE EXCEPTION 'the model was trained on cases of this study'; "
                    "END IF; RETURN NEW;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} in {self.study}"

    @property
    def binding(self) -> bool:
        """Whether changing the model requires an amendment."""
        return self.kind != self.Kind.SELECTED
