"""Studies with their design."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from studies.analytics.scale import DEFAULT_GROUP_LIMITS
from studies.protocol.models import choices


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

    State = choices.StudyState
    Design = choices.StudyDesign
    Outcome = choices.StudyOutcome
    Weights = choices.StudyWeights
    PrimaryInterval = choices.StudyPrimaryInterval
    Boundary = choices.StudyBoundary
    Scores = choices.StudyScores
    ViewBetweenCases = choices.StudyViewBetweenCases
    RevisionRule = choices.StudyRevisionRule
    AnteriorSide = choices.StudyAnteriorSide
    DisplayCheck = choices.StudyDisplayCheck
    AdjudicatorScores = choices.StudyAdjudicatorScores
    DisplayContrast = choices.StudyDisplayContrast

    name = models.CharField(max_length=120)
    # The address of the study; it stays when the name changes.
    slug = models.SlugField(max_length=60, unique=True)
    description = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    design = models.CharField(max_length=20, choices=Design, default=Design.CROSSOVER)
    # Two readers are the minimum for agreement between readers.
    readers_per_case = models.PositiveSmallIntegerField("readers per case", default=2)
    # 28 days is typical of published crossover studies.
    washout_days = models.PositiveSmallIntegerField(
        "washout (days)", default=28, validators=[MaxValueValidator(730)]
    )
    hidden_repeats = models.PositiveSmallIntegerField(
        "hidden repeats per reader and arm", default=0, validators=[MaxValueValidator(500)]
    )
    """Cases that each reader reads a second time in each arm, for intrareader agreement."""
    hidden_repeat_share = models.PositiveSmallIntegerField(
        "hidden repeats (% of the cases)", default=0, validators=[MaxValueValidator(100)]
    )
    """Percentage of the cases of each reader and arm, in place of the number; rounded up."""
    repeat_after_readings = models.PositiveSmallIntegerField(
        "minimum spacing of repeats (readings)",
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(500)],
    )
    repeat_after_days = models.PositiveSmallIntegerField(
        "minimum spacing of repeats (days)",
        default=0,
        validators=[MaxValueValidator(365)],
    )
    stratified = models.BooleanField("stratify the assignment", default=False)
    """Whether assignment balances scanner, case site and AAC group over readers and list halves."""
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
    # Fixed before any score is seen, so that it cannot be selected by its result.
    primary_interval = models.CharField(
        "primary confidence interval",
        max_length=10,
        choices=PrimaryInterval,
        default=PrimaryInterval.EXPANDED,
    )
    # Named before any score is known; both are empty with fewer than three arms.
    primary_arm = models.CharField(
        "primary contrast: arm", max_length=20, choices=choices.ArmCode, blank=True, default=""
    )
    comparator_arm = models.CharField(
        "primary contrast: compared with",
        max_length=20,
        choices=choices.ArmCode,
        blank=True,
        default="",
    )
    view_between_cases = models.CharField(
        "view of the next case",
        max_length=10,
        choices=ViewBetweenCases,
        default=ViewBetweenCases.RESET,
    )
    anterior_side = models.CharField(
        "anterior side on the screen", max_length=5, choices=AnteriorSide, blank=True, default=""
    )
    break_after_minutes = models.PositiveSmallIntegerField(
        "break reminder after (minutes)", default=0, validators=[MaxValueValidator(480)]
    )
    """Active time without a pause after which readers are reminded to take a break; 0 for never."""
    revision_rule = models.CharField(
        "readers may revise submitted readings",
        max_length=10,
        choices=RevisionRule,
        default=RevisionRule.NEVER,
    )
    minimum_image_px = models.PositiveSmallIntegerField(
        "minimum height of the image area (device pixels)",
        default=500,
        validators=[MaxValueValidator(4000)],
    )
    display_check = models.CharField(
        "display check", max_length=11, choices=DisplayCheck, default=DisplayCheck.OFF
    )
    display_contrast = models.PositiveSmallIntegerField(
        "contrast to pass the display check",
        choices=DisplayContrast,
        default=DisplayContrast.LEVELS_16,
    )
    adjudicator_scores = models.CharField(
        "adjudicators read",
        max_length=10,
        choices=AdjudicatorScores,
        default=AdjudicatorScores.HIDDEN,
    )
    seed = models.PositiveBigIntegerField("random seed", default=new_seed)
    # The rules of the certification itself belong to the practice app.
    certification_required = models.BooleanField(default=False, editable=False)
    # The practice app draws the cases of refreshers; when they are due depends on the study alone.
    refresher_interval = models.PositiveSmallIntegerField(null=True, editable=False)
    """Submitted study readings between refreshers; None without refreshers."""
    refresher_cases = models.PositiveSmallIntegerField(default=1, editable=False)
    refresher_feedback = models.BooleanField(default=False, editable=False)
    instruction_parts = models.JSONField(default=dict, editable=False)
    """The version of each part of the instructions that readers must acknowledge."""
    reminder_after_days = models.PositiveSmallIntegerField(
        "remind idle readers after (days)", default=0, validators=[MaxValueValidator(90)]
    )
    """Days without reading after which a reader gets an email; 0 for none."""
    reminder_limit = models.PositiveSmallIntegerField(
        "maximum number of reminders",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
    )
    """Reminders in a row; the count starts again when the reader reads."""
    # Secrets of de-identification: neither shown nor exported.
    key = models.BinaryField(max_length=32, default=new_key, editable=False)
    date_shift_days = models.PositiveSmallIntegerField(default=new_date_shift, editable=False)
    linkage = models.BooleanField(default=False, db_default=False, editable=False)
    """Whether identifiers of uploaded files are kept, encrypted (`studies.cases.linkage`)."""
    demonstration = models.BooleanField(default=False, editable=False)
    simulated = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    state_changed_at = models.DateTimeField(null=True, editable=False)
    """When the study entered its current state; None for a draft."""
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
                name="study_contrast_of_two_arms",
                condition=Q(primary_arm="", comparator_arm="")
                | (
                    ~Q(primary_arm="") & ~Q(comparator_arm="") & ~Q(primary_arm=F("comparator_arm"))
                ),
                violation_error_message=(
                    "The primary contrast compares two different arms. Select both."
                ),
            ),
            models.CheckConstraint(
                name="study_repeats_by_number_or_share",
                condition=Q(hidden_repeat_share__lte=100)
                & (Q(hidden_repeats=0) | Q(hidden_repeat_share=0)),
                violation_error_message=(
                    "Hidden repeats are given as a number or as a share of the cases, not as both. "
                    "Set one of them to 0."
                ),
            ),
            models.CheckConstraint(
                name="study_repeats_from_1_reading_on",
                condition=Q(repeat_after_readings__gte=1),
            ),
            models.CheckConstraint(
                name="study_refreshers_from_1",
                condition=(Q(refresher_interval=None) | Q(refresher_interval__gte=1))
                & Q(refresher_cases__gte=1),
            ),
            models.CheckConstraint(
                name="study_reminder_limit_from_1", condition=Q(reminder_limit__gte=1)
            ),
            models.CheckConstraint(
                name="study_locked_has_date",
                condition=~Q(state="locked") | Q(locked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sequential(self) -> bool:
        """Whether the two readings of a case follow each other at once, without a washout."""
        return self.design == self.Design.SEQUENTIAL

    @property
    def washout(self) -> timedelta:
        """The washout between periods."""
        return timedelta(days=self.washout_days)

    @property
    def repeat_gap(self) -> timedelta:
        """The minimum time between a reading and its hidden repeat."""
        return timedelta(days=self.repeat_after_days)

    @property
    def has_hidden_repeats(self) -> bool:
        """Whether readers read some cases a second time in each arm."""
        return bool(self.hidden_repeats or self.hidden_repeat_share)

    @property
    def group_limits(self) -> tuple[int, int]:
        """The AAC-24 totals at which the moderate and the high group start."""
        return self.moderate_from, self.high_from

    @property
    def primary_contrast(self) -> tuple[str, str] | None:
        """Minuend and subtrahend of the primary contrast; None with fewer than three arms."""
        return (self.primary_arm, self.comparator_arm) if self.primary_arm else None

    @property
    def has_corrected_arm(self) -> bool:
        """Whether an arm shows guides from corrected landmarks, in at most one query."""
        # Not a filter, so that prefetched arms are used.
        return any(arm.code == choices.ArmCode.GUIDED_CORRECTED for arm in self.arms.all())

    @property
    def scores_aac8(self) -> bool:
        """Whether readers enter AAC-8 scores beside the eight cells."""
        return self.scores == self.Scores.AAC24_AAC8

    @property
    def adjudicator_sees_scores(self) -> bool:
        """Whether an adjudicator sees the scores of the readers, named A, B and so on."""
        return self.adjudicator_scores == self.AdjudicatorScores.SHOWN

    @property
    def locked(self) -> bool:
        """Whether data entry has ended."""
        return self.state == self.State.LOCKED
