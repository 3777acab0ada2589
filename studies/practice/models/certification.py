"""The rules of certification, and waivers."""

from __future__ import annotations

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from studies.protocol.models import Study
from studies.readers.models import Membership, User

MAX_ROUND_CASES = 50
MAX_ATTEMPTS = 20


class Measure(models.TextChoices):
    """The measure of agreement with the reference standard that certification requires."""

    KAPPA = "kappa", "linearly weighted kappa"
    EXACT = "exact", "exact agreement"

    @classmethod
    def select(cls, measure: str, *, kappa: float | None, exact: float | None) -> float | None:
        """Return the result of a round by its measure; kappa for practice, which requires none."""
        return exact if measure == cls.EXACT else kappa


class CertificationRules(models.Model):
    """What readers must achieve; whether they must is a field of the study."""

    study = models.OneToOneField(
        Study, on_delete=models.PROTECT, related_name="certification_rules"
    )
    measure = models.CharField(max_length=5, choices=Measure, default=Measure.KAPPA)
    threshold = models.FloatField(
        default=0.7, validators=[MinValueValidator(0.05), MaxValueValidator(1.0)]
    )
    cases = models.PositiveSmallIntegerField(
        "cases per attempt",
        default=10,
        validators=[MinValueValidator(2), MaxValueValidator(MAX_ROUND_CASES)],
    )
    attempts = models.PositiveSmallIntegerField(
        "maximum attempts",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_ATTEMPTS)],
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="certification_threshold_share", condition=Q(threshold__gt=0, threshold__lte=1)
            ),
            models.CheckConstraint(
                name="certification_counts", condition=Q(cases__gte=2, attempts__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"certification rules of {self.study}"


class CertificationWaiver(models.Model):
    """A coordinator's decision that a reader may read without certification, with the reason."""

    reader = models.OneToOneField(
        Membership, on_delete=models.PROTECT, related_name="certification_waiver"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(name="waiver_has_reason", condition=~Q(reason=""))]
        triggers = [
            pgtrigger.Protect(
                name="waivers_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"waiver for {self.reader.label}"
