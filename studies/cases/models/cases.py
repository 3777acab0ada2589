"""Patients and their cases."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from studies.cases.querysets import CaseQuerySet
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
    # Text, because all ages above 89 are stored as 90+.
    patient_age = models.CharField(max_length=8, blank=True)
    patient_sex = models.CharField(max_length=4, blank=True)
    acquired_shifted = models.DateField(null=True)
    burned_in = models.CharField(max_length=8)
    # Remembered beyond the state: a second analysis must not send a released image to review again.
    released = models.BooleanField(default=False)
    practice = models.BooleanField(default=False, editable=False)
    """In the practice set of the study, and therefore never assigned."""
    anterior = models.CharField(max_length=5, blank=True)
    landmark_set = models.ForeignKey(
        "LandmarkSet", null=True, on_delete=models.PROTECT, related_name="+"
    )
    uncertainty_accepted_for = models.ForeignKey(
        "LandmarkSet",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_column="doubt_accepted_for_id",
    )
    corners_confirmed_for = models.ForeignKey(
        "LandmarkSet", null=True, on_delete=models.PROTECT, related_name="+"
    )
    """The landmarks whose corners a person moved, or confirmed as correct."""
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
                # Partial, because the search for stale work runs twice a minute and few cases are
                # unfinished.
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
                # clock_timestamp rather than now(): the latter is the start of the transaction, so
                # that a slow one would date its change before a poll that has already looked. In
                # the database, since QuerySet.update() calls no save().
                func="NEW.changed_at = clock_timestamp(); RETURN NEW;",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def labels_accepted(self) -> bool:
        """Return whether a person accepted the level labels of the current landmarks."""
        return self.uncertainty_accepted_for_id is not None and (
            self.uncertainty_accepted_for_id == self.landmark_set_id
        )

    @property
    def corners_confirmed(self) -> bool:
        """Return whether a person moved or confirmed the corners of the current landmarks."""
        return self.corners_confirmed_for_id is not None and (
            self.corners_confirmed_for_id == self.landmark_set_id
        )
