"""Studies with their design, arms and sites."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from studies.analytics.scale import DEFAULT_GROUP_LIMITS


def new_seed() -> int:
    """Return a random seed that fits a signed 32-bit integer, which statistics packages accept."""
    return secrets.randbelow(2**31)


def new_key() -> bytes:
    """Return a secret from which the study's pseudonyms are derived."""
    return secrets.token_bytes(32)


def new_date_shift() -> int:
    """Return the days by which a study's dates are moved back: 30 to 729."""
    return 30 + secrets.randbelow(700)


class Study(models.Model):
    """A reading study: its design, state, random seed and secrets for de-identification."""

    class State(models.TextChoices):
        DRAFT = "draft", "being set up"
        OPEN = "open", "open for reading"
        PAUSED = "paused", "paused"
        LOCKED = "locked", "locked"

    class Outcome(models.TextChoices):
        CELLS = "cells", "the eight cells, pooled"
        AAC24 = "aac24", "AAC-24 total"
        GROUP = "aac_group", "AAC group"

    class Weights(models.TextChoices):
        NONE = "none", "unweighted"
        LINEAR = "linear", "linear"
        QUADRATIC = "quadratic", "quadratic"

    class Boundary(models.TextChoices):
        LOWER = "lower", "exactly 1/3 is grade 1, exactly 2/3 is grade 2 (VerteRead)"
        UPPER = "upper", "exactly 1/3 is grade 2, exactly 2/3 is grade 3 (Manitoba)"

    class Scores(models.TextChoices):
        AAC24 = "aac24", "AAC-24"
        AAC24_AAC8 = "aac24_aac8", "AAC-24 and AAC-8"

    class ViewBetweenCases(models.TextChoices):
        RESET = "reset", "fit the image and use its opening window"
        KEEP = "keep", "keep zoom, position and window of the previous case"
        READER = "reader", "each reader decides"

    class AnteriorSide(models.TextChoices):
        AS_ACQUIRED = "", "as acquired"
        RIGHT = "right", "right, mirrored where necessary"
        LEFT = "left", "left, mirrored where necessary"

    name = models.CharField(max_length=120)
    # The address of the study; it stays when the name changes.
    slug = models.SlugField(max_length=60, unique=True)
    description = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    # Two readers are the minimum for agreement between readers.
    readers_per_case = models.PositiveSmallIntegerField("readers per case", default=2)
    # 28 days is typical of published crossover studies.
    washout_days = models.PositiveSmallIntegerField(
        "washout (days)", default=28, validators=[MaxValueValidator(730)]
    )
    moderate_from = models.PositiveSmallIntegerField(
        "moderate group from AAC-24 total",
        default=DEFAULT_GROUP_LIMITS[0],
        validators=[MaxValueValidator(24)],
    )
    high_from = models.PositiveSmallIntegerField(
        "high group from AAC-24 total",
        default=DEFAULT_GROUP_LIMITS[1],
        validators=[MaxValueValidator(24)],
    )
    boundary = models.CharField(
        "calcification of exactly 1/3 or 2/3",
        max_length=5,
        choices=Boundary,
        default=Boundary.LOWER,
    )
    # The same in every arm, so that the arms differ by their guides and traces alone.
    scores = models.CharField(max_length=10, choices=Scores, default=Scores.AAC24)
    primary_outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.CELLS)
    primary_weights = models.CharField(max_length=10, choices=Weights, default=Weights.LINEAR)
    view_between_cases = models.CharField(
        "view of the next case",
        max_length=10,
        choices=ViewBetweenCases,
        default=ViewBetweenCases.RESET,
    )
    anterior_side = models.CharField(
        "anterior side on the screen", max_length=5, choices=AnteriorSide, blank=True, default=""
    )
    seed = models.PositiveBigIntegerField("random seed", default=new_seed)
    # The rules of the certification itself belong to the practice app.
    certification_required = models.BooleanField(default=False, editable=False)
    # Secrets of de-identification: neither shown nor exported.
    key = models.BinaryField(max_length=32, default=new_key, editable=False)
    date_shift_days = models.PositiveSmallIntegerField(default=new_date_shift, editable=False)
    demonstration = models.BooleanField(default=False, editable=False)
    simulated = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    state_changed_at = models.DateTimeField(null=True, editable=False)
    """When the study entered its present state; None for a draft."""
    opened_at = models.DateTimeField(null=True, editable=False)
    locked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(
                name="study_group_limits_rise",
                condition=Q(moderate_from__gte=1, high_from__gt=F("moderate_from")),
                violation_error_message="The high group must start above the moderate group.",
            ),
            models.CheckConstraint(
                name="study_has_readers",
                condition=Q(readers_per_case__gte=1),
                violation_error_message="Each case needs at least one reader.",
            ),
            models.CheckConstraint(
                name="study_locked_has_date",
                condition=~Q(state="locked") | Q(locked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def washout(self) -> timedelta:
        """The washout between periods."""
        return timedelta(days=self.washout_days)

    @property
    def group_limits(self) -> tuple[int, int]:
        """The AAC-24 totals at which the moderate and the high group start."""
        return self.moderate_from, self.high_from

    @property
    def scores_aac8(self) -> bool:
        """Whether readers enter AAC-8 scores beside the eight cells."""
        return self.scores == self.Scores.AAC24_AAC8

    @property
    def locked(self) -> bool:
        """Whether data entry has ended."""
        return self.state == self.State.LOCKED


class Arm(models.Model):
    """A reading condition of a study."""

    class Code(models.TextChoices):
        UNGUIDED = "unguided", "Unguided"
        GUIDED = "guided", "Guided"
        MEASURED = "measured", "Measured"
        GUIDED_MEASURED = "guided measured", "Guided, measured"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="arms")
    code = models.CharField(max_length=20, choices=Code)
    guides = models.BooleanField(default=False)
    """Whether guides can be shown to the reader."""
    measured = models.BooleanField(default=False)
    """Whether the reader traces plaques, from which grades are proposed."""

    class Meta:
        # Unguided before guided.
        ordering = ["-code"]
        constraints = [models.UniqueConstraint(fields=["study", "code"], name="arm_once")]

    def __str__(self) -> str:
        return self.get_code_display()


class Site(models.Model):
    """A participating site, where images were acquired or where readers work."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="sites")
    code = models.CharField(
        max_length=12,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+$", "Letters, digits and hyphens only.")],
    )
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["study", "code"], name="site_code_once")]

    def __str__(self) -> str:
        return self.name
