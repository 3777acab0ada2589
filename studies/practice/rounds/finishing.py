"""Finish a round and store its agreement with the reference standard."""

from __future__ import annotations

from django.utils import timezone

from studies.audit.record import record
from studies.practice.certification import finish_certification, measure_agreement
from studies.practice.models import PracticeReading, PracticeRound
from studies.practice.rounds.queries import remaining_readings, scores_of

State = PracticeReading.State


def discard_or_finish(practice_round: PracticeRound) -> bool:
    """Settle a round whose remaining cases were excluded; return whether it was discarded.

    A round without a submitted case has no result, so it does not count as an attempt.
    """
    if remaining_readings(practice_round).exists():
        return False
    if practice_round.readings.filter(state=State.SUBMITTED).exists():
        finish_round(practice_round)
        return False
    practice_round.readings.all().delete()
    practice_round.delete()
    return True


def finish_round(practice_round: PracticeRound) -> None:
    """Store the agreement over all submitted cases of a locked round."""
    submitted = practice_round.readings.filter(state=State.SUBMITTED)
    readings = submitted.select_related("practice_case")
    result = measure_agreement(
        [(reading.practice_case.grades, scores_of(reading)) for reading in readings]
    )
    practice_round.finished_at = timezone.now()
    practice_round.kappa, practice_round.exact = result.kappa, result.exact
    if practice_round.kind == PracticeRound.Kind.CERTIFICATION:
        finish_certification(attempt=practice_round, result=result)
    practice_round.save(update_fields=["finished_at", "kappa", "exact", "passed"])
    record(
        "practice.round_finished",
        actor=practice_round.reader.user,
        study=practice_round.reader.study,
        subject=practice_round.reader.label,
        kind=practice_round.kind,
        number=practice_round.number,
    )
