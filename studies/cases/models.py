"""Patients, cases, images, landmark sets and uploads."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from inference.geometry.pixel_size import PixelSize
from studies.cases.querysets import CaseQuerySet, UploadQuerySet
from studies.jobs.claims import ClaimedWork
from studies.protocol.models import Site, Study


class Patient(models.Model):
    """A pseudonym within one study.

    ``key`` is a hash of the patient's identity under the study's secret. ``near_key`` is a second
    hash, equal for patient IDs that differ only in leading zeros, punctuation or issuer; it is
    empty without an ID and for patients that were added before it was introduced.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="patients")
    label = models.CharField(max_length=12)
    key = models.CharField(max_length=64)
    near_key = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["label"]
        indexes = [models.Index(fields=["study", "near_key"], name="patient_near_key")]
        constraints = [
            models.UniqueConstraint(fields=["study", "label"], name="patient_label_once"),
            models.UniqueConstraint(fields=["study", "key"], name="patient_key_once"),
        ]

    def __str__(self) -> str:
        return self.label


class Case(ClaimedWork):
    """One lateral image of one patient at one visit, and the state of its review and analysis."""

    class State(models.TextChoices):
        RECEIVED = "received", "waiting for analysis"
        PENDING_REVIEW = "pending_review", "pending de-identification review"
        ANALYSING = "analysing", "being analysed"
        READY = "ready", "ready"
        FAILED = "failed", "analysis failed"
        EXCLUDED = "excluded", "excluded"
        REJECTED = "rejected", "rejected"

    WAITING, WORKING = State.RECEIVED, State.ANALYSING

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="cases")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="cases")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="cases")
    label = models.CharField(max_length=12)
    state = models.CharField(max_length=20, choices=State, default=State.RECEIVED)
    reason_code = models.CharField(max_length=40, blank=True)
    reason_text = models.TextField(blank=True)
    scanner = models.CharField(max_length=120, blank=True)
    patient_age = models.CharField(max_length=8, blank=True)
    patient_sex = models.CharField(max_length=4, blank=True)
    acquired_shifted = models.DateField(null=True)
    burned_in = models.CharField(max_length=8)
    released = models.BooleanField(default=False)
    practice = models.BooleanField(default=False, editable=False)
    """In the practice set of the study, and therefore never assigned."""
    anterior = models.CharField(max_length=5, blank=True)
    landmark_set = models.ForeignKey(
        "LandmarkSet", null=True, on_delete=models.PROTECT, related_name="+"
    )
    doubt_accepted_for = models.ForeignKey(
        "LandmarkSet", null=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    """Set by a trigger on every change, so that lists can request the changes since a time."""

    objects: ClassVar[Any] = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["label"]
        indexes = [
            models.Index(
                fields=["heard_at"],
                name="case_unfinished",
                condition=Q(state__in=["received", "analysing"]),
            ),
            models.Index(fields=["study", "changed_at"], name="case_changed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["study", "label"], name="case_label_once"),
            models.CheckConstraint(
                name="case_stopped_with_reason",
                condition=~Q(state__in=["pending_review", "failed", "excluded", "rejected"])
                | ~Q(reason_text=""),
            ),
            models.CheckConstraint(
                name="case_ready_is_analysed",
                condition=~Q(state="ready") | Q(landmark_set__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="note_change",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="NEW.changed_at = clock_timestamp(); RETURN NEW;",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def labels_accepted(self) -> bool:
        """Return whether a person accepted the level labels of the current landmarks."""
        return self.doubt_accepted_for_id is not None and (
            self.doubt_accepted_for_id == self.landmark_set_id
        )


def image_path(image: Image, name: str) -> str:
    """Return the storage path of a file; `studies.storage.orphans` knows its pattern."""
    return f"{image.case.study_id}/{image.case_id}/{name}"


class Image(models.Model):
    """A case's de-identified DICOM file, and the decoded pixels that viewers load."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="image")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="+")
    dicom = models.FileField(upload_to=image_path, max_length=200)
    pixels = models.FileField(upload_to=image_path, max_length=200)
    thumbnail = models.FileField(upload_to=image_path, max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bits = models.PositiveSmallIntegerField()
    windows = models.JSONField()
    invert = models.BooleanField()
    spacing_mm = models.JSONField(null=True)
    pixel_aspect = models.FloatField(default=1.0)
    """Height of a pixel divided by its width; known even where the spacing is not."""
    spacing_source = models.CharField(max_length=60)
    pixel_hash = models.CharField(max_length=64)
    deidentification = models.JSONField()
    version = models.PositiveSmallIntegerField(default=1)
    """Counts up when a file with the same pixels and a corrected header replaces this one."""
    header = models.JSONField(default=dict)
    """Attributes that `studies.cases.dicom.header` compares; filled in on first use."""
    checksum = models.CharField(max_length=64, blank=True, default="")
    """SHA-256 of the stored DICOM file; filled in on first use."""
    readmitted_as = models.ForeignKey(
        Case, null=True, on_delete=models.PROTECT, related_name="readmitted_images"
    )
    """For an excluded case: the new case with the same pixels, if they were uploaded again."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "pixel_hash"],
                name="image_once_in_study",
                condition=Q(readmitted_as__isnull=True),
            ),
            models.CheckConstraint(name="image_bits", condition=Q(bits__in=[8, 16])),
            models.CheckConstraint(name="image_aspect", condition=Q(pixel_aspect__gt=0)),
        ]

    def __str__(self) -> str:
        return f"image of {self.case}"

    @property
    def pixel_size(self) -> PixelSize:
        """Return the size of a pixel, in mm or relative."""
        return PixelSize.of(self.spacing_mm, self.pixel_aspect)


class FormerImage(models.Model):
    """An earlier version of a case's image, replaced for a corrected header; its files are kept."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="former_images")
    version = models.PositiveSmallIntegerField()
    dicom = models.FileField(max_length=200)
    pixels = models.FileField(max_length=200)
    thumbnail = models.FileField(max_length=200)
    checksum = models.CharField(max_length=64)
    header = models.JSONField()
    deidentification = models.JSONField()
    changes = models.TextField()
    """What the next version changed, as shown in the list of uploads."""
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    replaced_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="former_image_version_once")
        ]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"image version {self.version} of {self.case}"


class LandmarkSet(models.Model):
    """The corners of one case from one source, with the measurements on them; never changed."""

    class Source(models.TextChoices):
        MODEL = "model", "located by the network"
        SHIFTED = "shifted", "levels relabelled"
        FLIPPED = "flipped", "anterior side changed"
        MOVED = "moved", "corners moved"
        TAKEN = "taken", "earlier version restored"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="landmark_sets")
    version = models.PositiveIntegerField()
    source = models.CharField(max_length=10, choices=Source)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True)
    model_name = models.CharField(max_length=80)
    model_checksum = models.CharField(max_length=64)
    model_note = models.CharField(max_length=200, blank=True)
    anterior = models.CharField(max_length=5)
    landmarks = models.JSONField()
    bodies = models.JSONField(default=list, blank=True)
    guides = models.JSONField(blank=True)
    crop = models.JSONField(blank=True)
    morphometry = models.JSONField(blank=True)
    level_doubt = models.JSONField(null=True, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="landmark_set_version_once")
        ]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.case} v{self.version}"

    @property
    def shown_author(self) -> str:
        """Return the name of the person or of the network that made this version."""
        return self.author.shown_name if self.author else self.model_name

    @property
    def origin(self) -> LandmarkSet:
        """Return the version that the corners come from: this one, unless it restores another."""
        version = self
        while version.source == LandmarkSet.Source.TAKEN and version.parent is not None:
            version = version.parent
        return version

    @property
    def corrections(self) -> set[str]:
        """Return the kinds of correction that led from the network's corners to these."""
        sources, version = set(), self.origin
        while version.parent is not None:
            sources.add(version.source)
            version = version.parent.origin
        return sources

    @property
    def corrected(self) -> bool:
        """Return whether a person corrected these corners."""
        return self.origin.source != LandmarkSet.Source.MODEL


class Upload(models.Model):
    """The result of uploading one file; deleted, with the file's name, when it is dismissed."""

    class Status(models.TextChoices):
        ACCEPTED = "accepted", "added"
        PENDING_REVIEW = "pending_review", "added, pending de-identification review"
        REPLACED = "replaced", "replaced an earlier version"
        DUPLICATE = "duplicate", "already in the study"
        REJECTED = "rejected", "not added"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="uploads")
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    name = models.TextField()
    status = models.CharField(max_length=20, choices=Status)
    reason_code = models.CharField(max_length=40, blank=True)
    reason_text = models.TextField(blank=True)
    reason_detail = models.TextField(blank=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="uploads")
    at = models.DateTimeField(auto_now_add=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["study", "uploader", "at"], name="upload_of_person")]

    def __str__(self) -> str:
        return self.status
