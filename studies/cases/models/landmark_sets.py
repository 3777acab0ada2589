"""Versions of the landmarks of cases."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models

from studies.cases.models.cases import Case


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
    level_uncertainty = models.JSONField(null=True, blank=True, db_column="level_doubt")
    level_names = models.JSONField(null=True, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    expected_gain = models.FloatField(null=True, blank=True)
    """How useful a correction is expected to be; None for landmarks that a person changed."""
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
        # Restoring may be repeated, so the chain is followed to the version that introduced the
        # corners.
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
