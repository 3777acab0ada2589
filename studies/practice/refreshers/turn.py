"""A reader's turn when refreshers are mixed into the study readings.

The reading list and the washout decide which study reading comes next; a refresher only lies before
or after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from studies.practice.models import PracticeReading, PracticeRound
from studies.practice.practice_set import active_practice_cases
from studies.practice.refreshers.preparation import prepare_refresher
from studies.practice.rounds.queries import unseen_feedback, upcoming_readings
from studies.readers.models import Membership
from studies.sessions.models import Reading
from studies.sessions.queue import INSTRUCTIONS, Progress, Queue, get_progress, get_queue

State = PracticeReading.State


@dataclass(frozen=True, slots=True)
class MixedTurn:
    """The current and the next reading, each a study reading or one of a refresher.

    ``queue`` holds the study readings alone. ``beside`` is the study reading beside the refresher.
    """

    current: Reading | PracticeReading | None
    next: Reading | PracticeReading | None
    queue: Queue
    beside: Reading | None = None


def get_mixed_turn(reader: Membership) -> MixedTurn:
    """Return what the reader does now, and draw a refresher that is about to be due."""
    queue = get_queue(reader)
    due = queue.refresher
    if due is None:
        return MixedTurn(queue.current, queue.next, queue)
    if queue.current is None:
        return _turn_before_instructions(reader, queue)
    beside = queue.current if due.now else queue.next
    assert beside is not None  # a refresher lies between two readings
    refresher = prepare_refresher(reader=reader, number=due.number, neighbour=beside)
    readings = upcoming_readings(refresher) if refresher else []
    if not readings:
        reader.refresh_from_db(fields=["refreshers_done"])
        queue = replace(queue, refresher=None)
        return MixedTurn(queue.current, queue.next, queue)
    if not due.now:
        return MixedTurn(queue.current, readings[0], queue, beside)
    following = readings[1] if len(readings) > 1 else queue.current
    # Without a next reading, the room waits for the reference grades.
    shown = None if reader.study.refresher_feedback else following
    return MixedTurn(readings[0], shown, queue, beside)


def get_unseen_feedback(reader: Membership) -> PracticeReading | None:
    """Return the reader's last refresher case while its reference grades were not seen."""
    if not reader.study.refresher_feedback:
        return None
    last = reader.practice_rounds.refreshers().order_by("-number").first()
    return unseen_feedback(last) if last else None


def get_mixed_progress(reader: Membership) -> Progress:
    """Return the reader's progress with the refreshers counted like study readings.

    Otherwise a count that stays the same after a case would reveal that it was a refresher.
    """
    progress = get_progress(reader)
    study = reader.study
    if study.refresher_interval is None or not progress.total:
        return progress
    readings = PracticeReading.objects.filter(round__in=reader.practice_rounds.refreshers())
    states = list(readings.values_list("state", "round__finished_at"))
    submitted = sum(state == State.SUBMITTED for state, _ in states)
    unfinished = sum(finished is None for _, finished in states)
    left = sum(state != State.SUBMITTED and finished is None for state, finished in states)
    available = active_practice_cases(study).count()
    planned = progress.refreshers_left - (unfinished > 0)
    left += max(0, planned) * min(study.refresher_cases, available)
    return replace(
        progress, read=progress.read + submitted, total=progress.total + submitted + left
    )


def _turn_before_instructions(reader: Membership, queue: Queue) -> MixedTurn:
    """Return an open refresher, which may be finished when new instructions appear."""
    waiting, refresher = queue.waiting, queue.refresher
    if waiting is not None and waiting.code == INSTRUCTIONS and refresher and refresher.now:
        unfinished: PracticeRound | None = (
            reader.practice_rounds.refreshers().filter(finished_at=None).first()
        )
        readings = upcoming_readings(unfinished) if unfinished else []
        if readings and readings[0].state == State.OPEN:
            beside = _first_waiting(queue)
            return MixedTurn(readings[0], None, replace(queue, waiting=None), beside)
    return MixedTurn(None, None, queue)


def _first_waiting(queue: Queue) -> Reading | None:
    """Return the study reading that waits for the instructions."""
    if queue.reading_list is None:
        return None
    waiting = queue.reading_list.readings.counted().filter(state=Reading.State.WAITING)
    return waiting.in_order().with_case().first()
