"""Instructions and their acknowledgement, practice sets, practice rounds and certification."""

from __future__ import annotations

import uuid

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from studies.cases.models import Case
from studies.protocol.models import Study
from studies.readers.models import Membership, User

MAX_ROUND_CASES = 50
MAX_ATTEMPTS = 20


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

    STUDY = "study"

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


class Measure(models.TextChoices):
    """The measure of agreement with the reference standard that certification requires."""

    KAPPA = "kappa", "linear weighted kappa"
    EXACT = "exact", "exact agreement"


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


class PracticeCase(models.Model):
    """A case with a reference standard: the phantom of a seed, or a case of the study.

    ``grades`` holds the reference grade of each of the eight cells and never changes. A case that
    was removed from the set keeps its row, because rounds may refer to it.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="practice_cases")
    number = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField(null=True, blank=True)
    case = models.OneToOneField(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="practice_case"
    )
    grades = models.JSONField()
    source = models.CharField(max_length=120)
    active = models.BooleanField(default=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="practice_number_once"),
            models.UniqueConstraint(fields=["study", "seed"], name="practice_seed_once"),
            models.CheckConstraint(
                name="practice_phantom_or_case",
                condition=Q(seed__isnull=True, case__isnull=False)
                | Q(seed__isnull=False, case__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"practice case {self.number} of {self.study}"


class PracticeRoundQuerySet(models.QuerySet["PracticeRound"]):
    def of_reader(self, user: User) -> PracticeRoundQuerySet:
        """Return the rounds of an active reader."""
        return self.filter(reader__user=user, reader__active=True, reader__role="reader")


class PracticeRound(models.Model):
    """One reader's scoring of several practice cases: for practice, or to be certified.

    The rules are copied when the round starts. ``kappa`` and ``exact`` are set when it is
    finished; ``kappa`` stays empty where it is undefined.
    """

    class Kind(models.TextChoices):
        PRACTICE = "practice", "Practice"
        CERTIFICATION = "certification", "Certification"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reader = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="practice_rounds")
    kind = models.CharField(max_length=13, choices=Kind)
    number = models.PositiveIntegerField()
    arm = models.CharField(max_length=20)
    measure = models.CharField(max_length=5, choices=Measure, blank=True)
    threshold = models.FloatField(null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    kappa = models.FloatField(null=True)
    exact = models.FloatField(null=True)
    passed = models.BooleanField(null=True)

    objects = PracticeRoundQuerySet.as_manager()

    class Meta:
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(fields=["reader", "kind", "number"], name="round_once"),
            models.UniqueConstraint(
                fields=["reader", "kind"], name="one_open_round", condition=Q(finished_at=None)
            ),
            models.CheckConstraint(
                name="round_finished_after_start",
                condition=Q(finished_at=None) | Q(finished_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="round_finished_with_result",
                condition=Q(finished_at=None, exact=None, passed=None)
                | Q(finished_at__isnull=False, exact__isnull=False),
            ),
            models.CheckConstraint(
                name="certification_has_rules",
                condition=Q(kind="practice", measure="", threshold=None, passed=None)
                | Q(kind="certification", threshold__isnull=False) & ~Q(measure=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {self.reader.label}"

    @property
    def value(self) -> float | None:
        """The result by the measure of the round; kappa for practice."""
        return self.exact if self.measure == Measure.EXACT else self.kappa


class PracticeReading(models.Model):
    """One practice case in a round, with the reader's scores by cell as the API shows them."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        OPEN = "open", "open"
        SUBMITTED = "submitted", "submitted"

    # Random, so that the address reveals nothing about the case.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(PracticeRound, on_delete=models.PROTECT, related_name="readings")
    practice_case = models.ForeignKey(
        PracticeCase, on_delete=models.PROTECT, related_name="readings"
    )
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    cells = models.JSONField(default=dict, blank=True)
    opened_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="practice_position_once"),
            models.UniqueConstraint(
                fields=["round", "practice_case"], name="practice_case_once_a_round"
            ),
            models.CheckConstraint(
                name="practice_submitted_has_dates",
                condition=~Q(state="submitted")
                | Q(submitted_at__isnull=False, opened_at__isnull=False),
            ),
            models.CheckConstraint(
                name="practice_submitted_after_opened",
                condition=Q(submitted_at=None) | Q(submitted_at__gte=F("opened_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}, {self.position}"


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
