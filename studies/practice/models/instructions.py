"""Instructions, their pictures and their acknowledgement."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q

from studies.protocol.models import Study
from studies.readers.models import INSTRUCTIONS_FOR_ALL, Membership, User


class Instructions(models.Model):
    """One version of a study's instructions, in Markdown; never changed afterwards.

    ``arm_texts`` holds the part of each arm by the arm's code; empty parts are left out.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="instructions")
    version = models.PositiveIntegerField()
    text = models.TextField()
    arm_texts = models.JSONField(default=dict, blank=True)
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version"]
        verbose_name_plural = "instructions"
        constraints = [
            models.UniqueConstraint(fields=["study", "version"], name="instructions_version_once"),
            models.CheckConstraint(name="instructions_from_1", condition=Q(version__gte=1)),
        ]
        triggers = [
            pgtrigger.Protect(
                name="instructions_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"instructions of {self.study}, version {self.version}"


def picture_path(picture: InstructionPicture, name: str) -> str:
    """Return the storage path of a picture; `studies.storage.orphans` knows its pattern."""
    return f"{picture.study_id}/instructions/{picture.pk}.png"


class InstructionPicture(models.Model):
    """A picture for the instructions, re-encoded without metadata.

    A coordinator confirmed that it shows no identifiers of a patient.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="instruction_pictures")
    file = models.FileField(upload_to=picture_path, max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["uploaded_at"]

    def __str__(self) -> str:
        return f"picture for {self.study}"


class Acknowledgement(models.Model):
    """A reader's confirmation of having read one part of one version of the instructions.

    ``part`` is "study" or the code of an arm.
    """

    STUDY = INSTRUCTIONS_FOR_ALL

    reader = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    instructions = models.ForeignKey(
        Instructions, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    part = models.CharField(max_length=20)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "instructions", "part"], name="acknowledged_once"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="acknowledgements_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.reader.label}: {self.part}, version {self.instructions.version}"
