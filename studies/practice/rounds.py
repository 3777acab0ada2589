"""A reader's practice rounds: start one, score its cases, and finish it with the last one."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from studies.analytics.scale import CELLS
from studies.audit.record import record
from studies.cases.models import Case
from studies.errors import Conflict, NotFound
from studies.practice.certification import attempts_used, finish_certification, measure_agreement
from studies.practice.models import PracticeCase, PracticeReading, PracticeRound
from studies.practice.practice_set import active_practice_cases
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import Membership, User
from studies.sessions.scoring import CellJSON, SavedCellJSON, check_cell

Kind = PracticeRound.Kind
State = PracticeReading.State
MAX_PRACTICE_CASES = 10
"""Cases of a round for practice, so that a reader can stop after about half an hour."""


@transaction.atomic
def start_round(*, reader: Membership, kind: Kind) -> PracticeRound:
    """Start a round, or return the one that the reader has not finished.

    Cases that the reader has scored least often come first, in an order drawn from the study's
    seed, the reader and the number of the round.

    Raises Conflict when there is nothing to practise, or no attempt is left.
    """
    # Locked, so that two windows start one round.
    reader = Membership.objects.select_for_update(of=("self",)).get(pk=reader.pk)
    study = reader.study
    if study.locked:
        raise Conflict("locked", "The study is locked. Practice has ended.")
    unfinished = reader.practice_rounds.filter(kind=kind, finished_at=None).first()
    if unfinished is not None and not _discard_or_finish(unfinished):
        return unfinished
    cases = list(active_practice_cases(study))
    if not cases:
        raise Conflict("no_practice", "The coordinator has not set up practice cases yet.")
    number = reader.practice_rounds.filter(kind=kind).count() + 1
    started = PracticeRound(reader=reader, kind=kind, number=number, arm=practice_arm(reader))
    size = MAX_PRACTICE_CASES
    if kind == Kind.CERTIFICATION:
        size = _apply_rules(started, reader)
    chosen_cases = _draw_cases(cases, reader, f"{study.seed}/{reader.label}/{kind}/{number}", size)
    started.save()
    PracticeReading.objects.bulk_create(
        PracticeReading(round=started, practice_case=case, position=position)
        for position, case in enumerate(chosen_cases, start=1)
    )
    record(
        "practice.round_started",
        actor=reader.user,
        study=study,
        subject=reader.label,
        kind=kind,
        number=number,
        cases=len(chosen_cases),
    )
    return started


def practice_arm(reader: Membership) -> str:
    """Return the arm in which a reader practises: that of the first reading list, if there is one.

    Readers therefore practise as they will read first, and see no guides before an unguided period.
    """
    first = reader.reading_lists.order_by("period").first()
    if first is not None:
        return first.arm
    arms = [arm.code for arm in reader.study.arms.all()]
    return arms[0] if arms else "unguided"


def get_round(*, user: User, pk: UUID) -> PracticeRound:
    """Return one of the reader's own rounds. Raises NotFound."""
    rounds = PracticeRound.objects.of_reader(user).select_related("reader__study")
    practice_round = rounds.filter(pk=pk).first()
    if practice_round is None:
        raise NotFound
    return practice_round


def get_practice_reading(*, user: User, pk: UUID, fetchable: bool = True) -> PracticeReading:
    """Return one of the reader's own practice readings. Raises NotFound.

    ``fetchable`` limits it to the current and the next one of its round, as in a study: later cases
    of an attempt cannot be looked at in advance.
    """
    reading = _own_readings(user).filter(pk=pk).first()
    if reading is None or (fetchable and reading not in upcoming_readings(reading.round)):
        raise NotFound
    return reading


def get_feedback_reading(*, user: User, pk: UUID) -> PracticeReading:
    """Return a submitted practice reading, whose reference standard may be shown."""
    reading = get_practice_reading(user=user, pk=pk, fetchable=False)
    if reading.state != State.SUBMITTED:
        raise NotFound
    return reading


def upcoming_readings(practice_round: PracticeRound) -> list[PracticeReading]:
    """Return the current reading of a round and the next one."""
    readings = remaining_readings(practice_round).order_by("position")
    related = ("round__reader__study", "practice_case__case__image")
    return list(readings.select_related(*related, "practice_case__case__landmark_set")[:2])


def remaining_readings(practice_round: PracticeRound) -> QuerySet[PracticeReading]:
    """Return the readings left in a round; those of a case that was excluded are left out."""
    return practice_round.readings.exclude(state=State.SUBMITTED).filter(_case_ready())


def counted_readings(practice_round: PracticeRound) -> QuerySet[PracticeReading]:
    """Return the readings that are submitted or left in a round."""
    return practice_round.readings.filter(Q(state=State.SUBMITTED) | _case_ready())


@transaction.atomic
def open_practice_reading(*, user: User, pk: UUID) -> PracticeReading:
    """Open the current reading of a round; one that is open stays unchanged."""
    reading = _lock_reading(user, pk)
    if reading != next(iter(upcoming_readings(reading.round)), None):
        raise Conflict("not_current", "This is not your next case. Reload the page to continue.")
    if reading.state == State.WAITING:
        reading.state = State.OPEN
        reading.opened_at = timezone.now()
        reading.save(update_fields=["state", "opened_at"])
    return reading


@transaction.atomic
def save_practice_cell(
    *,
    user: User,
    pk: UUID,
    cell: str,
    version: int,
    score: int | None = None,
    validity: int | None = None,
    reason: str = "",
) -> SavedCellJSON:
    """Store a score or a reason, or clear the cell; return the answer for the client.

    A repeated request has the version before the stored one and the stored value: it gets the same
    answer. Raises Conflict with the stored cell for any other version.
    """
    if cell not in CELLS:
        raise NotFound(f"No cell is named {cell}.")
    score, validity, reason = check_cell(cell, score, validity, reason)
    reading = _lock_reading(user, pk)
    stored = reading.cells.get(cell) or empty_cell()
    sent = {"score": score, "validity": validity, "reason": reason}
    repeated = {**sent, "version": version + 1} == stored
    if not repeated:
        _check_writable(reading)
        if version != stored["version"]:
            raise Conflict(
                "stale",
                "This cell was changed in another window. The stored value is shown now.",
                cell=stored,
            )
        stored = {**sent, "version": version + 1}
        reading.cells = {**reading.cells, cell: stored}
        reading.save(update_fields=["cells"])
    scored = len(CELLS) - len(_empty_cells(reading))
    return {
        "cell": cast("CellJSON", stored),
        "reading": {
            "state": reading.state,
            "scored": scored,
            "complete": scored == len(CELLS),
        },
    }


@transaction.atomic
def submit_practice_reading(*, user: User, pk: UUID) -> PracticeReading:
    """Submit a complete practice reading; the last one finishes the round.

    A repeated request changes nothing. Raises Conflict while a cell has neither a grade nor a
    reason.
    """
    reading = _lock_reading(user, pk)
    if reading.state == State.SUBMITTED:
        return reading
    _check_writable(reading)
    missing = len(_empty_cells(reading))
    if missing:
        raise Conflict(
            "incomplete", f"{missing} of the {len(CELLS)} cells have neither a grade nor a reason."
        )
    reading.state = State.SUBMITTED
    reading.submitted_at = timezone.now()
    reading.save(update_fields=["state", "submitted_at"])
    if not remaining_readings(reading.round).exists():
        _finish_round(reading.round)
    return reading


def empty_cell() -> dict[str, Any]:
    """Return the value of a cell without a score."""
    return {"score": None, "validity": None, "reason": "", "version": 0}


def _apply_rules(attempt: PracticeRound, reader: Membership) -> int:
    """Copy the rules of the certification to an attempt; return its number of cases."""
    study: Study = reader.study
    rules = getattr(study, "certification_rules", None)
    if not study.certification_required or rules is None:
        raise Conflict("not_required", "This study requires no certification.")
    if reader.may_read_cases:
        raise Conflict("certified", "You may already read the cases of this study.")
    if attempts_used(reader) >= rules.attempts:
        raise Conflict(
            "no_attempts", "You have used all attempts. The coordinator decides how to continue."
        )
    attempt.measure, attempt.threshold = rules.measure, rules.threshold
    return int(rules.cases)


def _draw_cases(
    cases: list[PracticeCase], reader: Membership, seed: str, size: int
) -> list[PracticeCase]:
    seen = Counter(
        PracticeReading.objects.filter(round__reader=reader).values_list(
            "practice_case_id", flat=True
        )
    )
    # Of cases that were scored equally often, the order is random.
    shuffled = random.Random(seed).sample(cases, len(cases))
    return sorted(shuffled, key=lambda case: seen[case.pk])[:size]


def _own_readings(user: User) -> QuerySet[PracticeReading]:
    rounds = PracticeRound.objects.of_reader(user)
    return PracticeReading.objects.filter(round__in=rounds).select_related(
        "round__reader__study", "practice_case__case__image", "practice_case__case__landmark_set"
    )


def _lock_reading(user: User, pk: UUID) -> PracticeReading:
    """Return the reader's own practice reading with its round locked. Raises NotFound.

    The round rather than the reading: two windows that submit the last two readings must not both
    leave the round unfinished.
    """
    rounds = PracticeRound.objects.of_reader(user).filter(readings__pk=pk)
    if rounds.select_for_update(of=("self",)).first() is None:
        raise NotFound
    return _own_readings(user).get(pk=pk)


def _check_writable(reading: PracticeReading) -> None:
    # Share-locked, so that the study cannot be locked between this check and the change.
    if lock_study_row(reading.round.reader.study_id).locked:
        raise Conflict("study_locked", "The study is locked. Nothing more can be saved.")
    case = reading.practice_case.case
    if case is not None and case.state != Case.State.READY:
        raise Conflict("case_excluded", "This case was excluded. Continue with the next one.")
    if reading.state == State.SUBMITTED:
        raise Conflict(
            "submitted", "This case has already been submitted. Continue with the next one."
        )
    if reading.state != State.OPEN:
        raise Conflict("not_open", "Open the case before you score it.")


def _empty_cells(reading: PracticeReading) -> list[str]:
    return [cell for cell in CELLS if (reading.cells.get(cell) or empty_cell())["validity"] is None]


def scores_of(reading: PracticeReading) -> dict[str, int | None]:
    """Return the score of each cell, None where it is not readable."""
    return {cell: (reading.cells.get(cell) or empty_cell())["score"] for cell in CELLS}


def _case_ready() -> Q:
    return Q(practice_case__case=None) | Q(practice_case__case__state=Case.State.READY)


def _discard_or_finish(practice_round: PracticeRound) -> bool:
    """Settle a round whose remaining cases were excluded; return whether it was discarded.

    A round without a submitted case has no result, so it does not count as an attempt.
    """
    if remaining_readings(practice_round).exists():
        return False
    if practice_round.readings.filter(state=State.SUBMITTED).exists():
        _finish_round(practice_round)
        return False
    practice_round.readings.all().delete()
    practice_round.delete()
    return True


def _finish_round(practice_round: PracticeRound) -> None:
    submitted = practice_round.readings.filter(state=State.SUBMITTED)
    readings = submitted.select_related("practice_case")
    result = measure_agreement(
        [(reading.practice_case.grades, scores_of(reading)) for reading in readings]
    )
    practice_round.finished_at = timezone.now()
    practice_round.kappa, practice_round.exact = result.kappa, result.exact
    if practice_round.kind == Kind.CERTIFICATION:
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
