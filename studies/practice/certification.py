"""Certification: its rules, the result of an attempt, and waivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from studies.analytics.coefficients.kappa import cohen_kappa
from studies.analytics.scale import CELL_SCORES, CELLS
from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.practice.models import CertificationRules, CertificationWaiver, Measure, PracticeRound
from studies.practice.practice_set import active_practice_cases
from studies.protocol.models import Study
from studies.readers.models import Membership, Role, User

Grades = Mapping[str, int]
ROUNDING: Final = 1e-9
"""A kappa that equals the threshold passes, whatever the rounding of its floating-point value."""


@dataclass(frozen=True, slots=True)
class Result:
    """Agreement of a reader with the reference standard over the cells of all cases of a round.

    ``kappa`` is linearly weighted and None where undefined; ``exact`` is a proportion.
    """

    kappa: float | None
    exact: float


@transaction.atomic
def set_certification(*, study: Study, by: User, required: bool, **rules: Any) -> Study:
    """Switch the certification on or off, and set its rules, until the study is first opened.

    Raises Conflict when it is too late or the practice set is too small for one attempt, and
    ValidationError for invalid rules.
    """
    # Locked, so that the practice set cannot shrink between the count and the new rules.
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.opened_at is not None:
        raise Conflict(
            "opened", "The study has been opened. Its certification can no longer be changed."
        )
    stored = CertificationRules.objects.filter(study=study).first()
    stored = stored or CertificationRules(study=study)
    for name, value in rules.items():
        setattr(stored, name, value)
    stored.full_clean(exclude=["study"])
    available = active_practice_cases(study).count()
    if required and available < stored.cases:
        raise Conflict(
            "too_few",
            f"An attempt needs {stored.cases} practice cases, but the practice set contains only "
            f"{available}. Add cases to the practice set first.",
        )
    stored.save()
    study.certification_required = required
    study.save(update_fields=["certification_required"])
    record(
        "certification.rules_set",
        actor=by,
        study=study,
        required=required,
        measure=stored.measure,
        threshold=stored.threshold,
        cases=stored.cases,
        attempts=stored.attempts,
    )
    return study


@transaction.atomic
def waive_certification(*, reader: Membership, by: User, reason: str) -> CertificationWaiver:
    """Let a reader read without the certification. The report states the waiver and its reason.

    Raises Conflict when none is required or the reader has passed, StudyError without a reason.
    """
    if not reason.strip():
        raise StudyError(
            "reason_missing",
            "Enter the reason why this reader may read without certification.",
        )
    # Locked, so that two requests give one waiver. Only this row: the study is merely joined.
    reader = Membership.objects.select_for_update(of=("self",)).get(pk=reader.pk)
    if reader.role != Role.READER or not reader.study.certification_required:
        raise Conflict("not_required", "This person does not need certification.")
    if reader.study.locked:
        raise Conflict("locked", "The study is locked. Certification can no longer be waived.")
    if reader.may_read_cases:
        raise Conflict("certified", "This reader can already read study cases.")
    waiver = CertificationWaiver.objects.create(reader=reader, by=by, reason=reason.strip()[:500])
    # Also stored with the membership, where the check for access needs no further query.
    reader.certification_waived_at = waiver.at
    reader.save(update_fields=["certification_waived_at"])
    record(
        "certification.waived",
        actor=by,
        study=reader.study,
        subject=reader.label,
        reason=waiver.reason,
    )
    return waiver


def finish_certification(*, attempt: PracticeRound, result: Result) -> None:
    """Store whether a finished attempt was passed, which certifies the reader.

    Runs in the transaction of the last submission, which holds the lock of the attempt.
    """
    value = result.exact if attempt.measure == Measure.EXACT else result.kappa
    # An undefined kappa cannot show that the reader grades as the reference standard does.
    attempt.passed = value is not None and value >= (attempt.threshold or 1.0) - ROUNDING
    reader = attempt.reader
    # A reader who has passed keeps the time of doing so, which the report states.
    if attempt.passed and reader.certified_at is None:
        reader.certified_at = timezone.now()
        reader.save(update_fields=["certified_at"])
    record(
        "certification.passed" if attempt.passed else "certification.failed",
        actor=reader.user,
        study=reader.study,
        subject=reader.label,
        attempt=attempt.number,
    )


def measure_agreement(readings: Sequence[tuple[Grades, Mapping[str, int | None]]]) -> Result:
    """Return the agreement over pairs of reference grades and scores, one pair per case.

    A cell that the reader marked as not readable counts as the grade furthest from the reference:
    practice cases are readable, and leaving difficult cells out must not improve a result.
    """
    reference: list[int] = []
    scored: list[int] = []
    for grades, scores in readings:
        for cell in CELLS:
            reference.append(grades[cell])
            score = scores.get(cell)
            scored.append(furthest_grade(grades[cell]) if score is None else score)
    estimate = cohen_kappa(reference, scored, categories=CELL_SCORES, weights="linear")
    same = sum(first == second for first, second in zip(reference, scored, strict=True))
    return Result(estimate.value, same / len(reference))


def furthest_grade(grade: int) -> int:
    """Return the grade that differs most from another one."""
    return max(CELL_SCORES, key=lambda other: abs(other - grade))


def attempts_used(reader: Membership) -> int:
    """Return how many attempts the reader has started."""
    return reader.practice_rounds.filter(kind=PracticeRound.Kind.CERTIFICATION).count()
