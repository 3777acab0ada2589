"""Training of a study's readers for pages and files: rounds, certification, acknowledgements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from studies.practice.instructions.versions import AcknowledgedPart, acknowledgements_of
from studies.practice.models import (
    CertificationWaiver,
    Instructions,
    Measure,
    PracticeCase,
    PracticeReading,
    PracticeRound,
)
from studies.practice.practice_set import active_practice_cases
from studies.protocol.models import Study
from studies.readers.access import accessible_readers
from studies.readers.models import Membership

COLUMNS: Final = {
    "reader": "Reader label.",
    "kind": "practice, certification or refresher.",
    "number": "Number of the round or attempt, counted per reader and kind.",
    "arm": "Arm in which the round was read.",
    "started_at": "Start, UTC.",
    "finished_at": "End, UTC; empty if not finished.",
    "cases": "Practice cases of the round.",
    "phantoms": "Number of these cases that are phantoms.",
    "seen_before": "Scored cases of the round whose reference grades the reader had seen before.",
    "kappa": "Linearly weighted kappa of the cells against the reference grades.",
    "exact": "Proportion of cells with the reference grade.",
    "measure": "Measure on which certification is based: kappa or exact.",
    "threshold": "Required value of the measure.",
    "passed": "true or false. Empty for practice, and until the round is finished.",
    "waived_at": "Time at which a coordinator waived the certification of this reader, UTC.",
    "waiver_reason": "Reason for the waiver.",
    "period": "Period in which a refresher was read; empty for other rounds.",
    "after_readings": "Number of submitted study readings after which a refresher was due.",
}
"""Columns of the training CSV."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a reader."""

    reader: str
    kind: str
    number: int
    arm: str
    started_at: datetime
    finished_at: datetime | None
    cases: int
    phantoms: int
    kappa: float | None
    exact: float | None
    measure: str
    threshold: float | None
    passed: bool | None
    submitted: int = 0
    seen_before: int = 0
    period: int | None = None
    after_readings: int | None = None

    @property
    def agreement(self) -> float | None:
        """Agreement with the reference grades by the required measure; kappa for practice."""
        return Measure.select(self.measure, kappa=self.kappa, exact=self.exact)


@dataclass(frozen=True, slots=True)
class ReaderTraining:
    """The training of one reader; ``rounds`` are in the order of their start."""

    pk: int
    label: str
    name: str
    active: bool
    certified_at: datetime | None
    waived_at: datetime | None
    waiver_reason: str
    rounds: tuple[Round, ...]
    acknowledged: tuple[AcknowledgedPart, ...]

    @property
    def attempts(self) -> tuple[Round, ...]:
        """The attempts at certification."""
        return tuple(r for r in self.rounds if r.kind == PracticeRound.Kind.CERTIFICATION)

    @property
    def refreshers(self) -> tuple[Round, ...]:
        """The refreshers, including one that is not finished."""
        return tuple(r for r in self.rounds if r.kind == PracticeRound.Kind.REFRESHER)

    @property
    def practised(self) -> int:
        """The number of finished rounds for practice."""
        return sum(
            r.kind == PracticeRound.Kind.PRACTICE and r.finished_at is not None for r in self.rounds
        )

    @property
    def may_read(self) -> bool:
        """Whether the reader has passed or has a waiver."""
        return self.certified_at is not None or self.waived_at is not None


@dataclass(frozen=True, slots=True)
class Training:
    """The training of all readers of a study, and its rules."""

    required: bool
    measure: str
    threshold: float | None
    cases_per_attempt: int | None
    max_attempts: int | None
    phantoms: int
    own_cases: int
    instructions_version: int | None
    readers: tuple[ReaderTraining, ...]
    refresher_interval: int | None = None
    refresher_cases: int = 1
    refresher_feedback: bool = False

    @property
    def cases_lacking(self) -> int:
        """How many cases the practice set lacks for attempts without a repeated case."""
        if not self.required:
            return 0
        needed = (self.cases_per_attempt or 0) * (self.max_attempts or 0)
        return max(0, needed - self.phantoms - self.own_cases)


def has_training(study: Study) -> bool:
    """Return in one query whether there is anything to show or to report."""
    instructions = Instructions.objects.filter(study=study)
    rounds = PracticeRound.objects.filter(reader__study=study)
    options = Q(certification_required=True) | Q(refresher_interval__isnull=False)
    used = options | Exists(instructions) | Exists(rounds)
    return Study.objects.filter(used, pk=study.pk).exists()


def study_training(study: Study, readers: QuerySet[Membership] | None = None) -> Training:
    """Return the training of a study's readers, or of some, in a fixed number of queries."""
    if readers is None:
        readers = Membership.objects.filter(study=study, role="reader").select_related("user")
    rules = getattr(study, "certification_rules", None)
    counts = active_practice_cases(study).aggregate(
        phantoms=Count("pk", filter=Q(case=None)), own=Count("pk", filter=Q(seed=None))
    )
    latest = study.instructions.order_by("-version").values_list("version", flat=True).first()
    return Training(
        required=study.certification_required,
        measure=rules.get_measure_display() if rules else "",
        threshold=rules.threshold if rules else None,
        cases_per_attempt=rules.cases if rules else None,
        max_attempts=rules.attempts if rules else None,
        phantoms=counts["phantoms"],
        own_cases=counts["own"],
        instructions_version=latest,
        readers=_reader_trainings(study, readers),
        refresher_interval=study.refresher_interval,
        refresher_cases=study.refresher_cases,
        refresher_feedback=study.refresher_feedback,
    )


def accessible_training(membership: Membership) -> Training:
    """Return the training of the readers whom a coordinator has access to."""
    return study_training(membership.study, accessible_readers(membership))


def training_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield one row per round for the training CSV; readers without a round have an empty one."""
    for reader in study_training(study).readers:
        shared = {
            "reader": reader.label,
            "waived_at": reader.waived_at,
            "waiver_reason": reader.waiver_reason,
        }
        for entry in reader.rounds:
            fields = {name: getattr(entry, name) for name in COLUMNS if hasattr(entry, name)}
            yield {**fields, **shared}
        if not reader.rounds:
            yield shared


def practice_case_counts(study: Study) -> QuerySet[PracticeCase]:
    """Return the practice set with the number of submitted readings of each case."""
    submitted = Q(readings__state="submitted")
    cases = active_practice_cases(study).select_related("case")
    return cases.annotate(submitted=Count("readings", filter=submitted))


def rounds_of(reader: Membership) -> tuple[Round, ...]:
    """Return the rounds that one reader started; refreshers are not shown to readers."""
    return tuple(_rounds(PracticeRound.objects.filter(reader=reader).practised()))


def _reader_trainings(study: Study, readers: QuerySet[Membership]) -> tuple[ReaderTraining, ...]:
    rounds: dict[str, list[Round]] = {}
    for entry in _rounds(PracticeRound.objects.filter(reader__study=study)):
        rounds.setdefault(entry.reader, []).append(entry)
    acknowledged: dict[str, list[AcknowledgedPart]] = {}
    for part in acknowledgements_of(study):
        acknowledged.setdefault(part.reader, []).append(part)
    # Each table is read once for all readers, which keeps the number of queries fixed.
    waivers = CertificationWaiver.objects.filter(reader__study=study)
    reasons = dict(waivers.values_list("reader", "reason"))
    return tuple(
        ReaderTraining(
            pk=reader.pk,
            label=reader.label,
            name=reader.user.shown_name,
            active=reader.active,
            certified_at=reader.certified_at,
            waived_at=reader.certification_waived_at,
            waiver_reason=reasons.get(reader.pk, ""),
            rounds=tuple(rounds.get(reader.label, ())),
            acknowledged=tuple(acknowledged.get(reader.label, ())),
        )
        for reader in readers.order_by("label")
    )


def _rounds(rounds: QuerySet[PracticeRound]) -> Iterator[Round]:
    # A case whose reference grades the reader knows tests memory rather than grading.
    shown = PracticeReading.objects.filter(
        round__reader=OuterRef("reader"),
        practice_case=OuterRef("readings__practice_case"),
        submitted_at__lt=OuterRef("readings__submitted_at"),
    ).with_feedback()
    counted = rounds.annotate(
        cases=Count("readings"),
        submitted=Count("readings", filter=Q(readings__state="submitted")),
        seen_before=Count("readings", filter=Exists(shown)),
        phantoms=Count("readings", filter=Q(readings__practice_case__case=None)),
    ).order_by("started_at")
    for entry in counted.select_related("reader"):
        yield Round(
            reader=entry.reader.label,
            kind=entry.kind,
            number=entry.number,
            arm=entry.arm,
            started_at=entry.started_at,
            finished_at=entry.finished_at,
            cases=entry.cases,
            phantoms=entry.phantoms,
            kappa=entry.kappa,
            exact=entry.exact,
            measure=entry.measure,
            threshold=entry.threshold,
            passed=entry.passed,
            submitted=entry.submitted,
            seen_before=entry.seen_before,
            period=entry.period,
            after_readings=entry.after_readings,
        )
