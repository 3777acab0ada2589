"""What a reader reads now, what comes next, and why there may be nothing to read."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from studies.cases.models import Case
from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.sessions.models import Reading, ReadingQuerySet
from studies.sessions.schedule import Slot, Turn, turn_of

ENOUGH_FOR_ESTIMATE = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a reader has nothing to read, in words, and when that ends if it does by itself."""

    code: str
    message: str
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """The reading to be made now and the one after it: the only ones that can be fetched."""

    current: Reading | None
    next: Reading | None
    waiting: Waiting | None

    def holds(self, reading: Reading) -> bool:
        return reading in (self.current, self.next)


@dataclass(frozen=True, slots=True)
class Progress:
    read: int
    total: int
    period: int | None
    periods: int
    minutes_left: int | None


def queue_of(reader: Membership) -> Queue:
    study = reader.study
    blocked = _study_blocks(study)
    if blocked is not None:
        return Queue(None, None, blocked)
    slots = _slots_of(reader)
    if not slots:
        text = "No cases have been assigned to you yet. The coordinator will tell you when."
        return Queue(None, None, Waiting("not_dealt", text))
    turn = _turn_of(reader, slots)
    if turn.current is None:
        return Queue(None, None, _waiting_for(turn))
    wanted = [slot.reading for slot in (turn.current, turn.next) if slot is not None]
    by_id = _readings_of(reader).with_case().in_bulk(wanted)
    following = by_id[turn.next.reading] if turn.next else None
    return Queue(by_id[turn.current.reading], following, None)


def progress_of(reader: Membership) -> Progress:
    readings = _readings_of(reader)
    submitted = readings.submitted()
    read, total = submitted.count(), readings.counted().count()
    periods = reader.reading_lists.count()
    slots = _slots_of(reader)
    upcoming = _turn_of(reader, slots).current or min(
        (slot for slot in slots if slot.to_read), key=lambda slot: slot.order, default=None
    )
    period = upcoming.period if upcoming else None
    return Progress(read, total, period, periods, _minutes(submitted, total - read))


def _readings_of(reader: Membership) -> ReadingQuerySet:
    return Reading.objects.of_reader(reader.user).filter(reading_list__reader=reader)


def _slots_of(reader: Membership) -> list[Slot]:
    rows = _readings_of(reader).values_list(
        "pk",
        "case_id",
        "batch",
        "reading_list__period",
        "position",
        "state",
        "case__state",
        "opened_at",
        "submitted_at",
        "previous_submission_at",
    )
    return [
        Slot(pk, case, batch, period, position, state, case_state != Case.State.EXCLUDED, opened,
             submitted or earlier)
        for pk, case, batch, period, position, state, case_state, opened, submitted, earlier in rows
    ]  # fmt: skip


def _turn_of(reader: Membership, slots: list[Slot]) -> Turn:
    """The server's clock decides."""
    return turn_of(slots, washout=reader.study.washout, now=timezone.now())


def _waiting_for(turn: Turn) -> Waiting:
    if turn.opens_at is None:
        return Waiting("done", "You have read every case. Thank you.")
    text = "You have read all cases that are open now. The next ones open after the washout."
    return Waiting("washout", text, turn.opens_at)


def _study_blocks(study: Study) -> Waiting | None:
    match study.state:
        case Study.State.DRAFT:
            return Waiting("not_open", "This study is still being set up. Reading has not begun.")
        case Study.State.PAUSED:
            return Waiting("paused", "The coordinator has paused this study. Nothing is lost.")
        case Study.State.LOCKED:
            return Waiting("locked", "This study is locked: reading is over. Thank you.")
    return None


def _minutes(submitted: ReadingQuerySet, left: int) -> int | None:
    times = list(submitted.values_list("active_ms", flat=True))
    if len(times) < ENOUGH_FOR_ESTIMATE or not left:
        return None
    return max(1, round(statistics.median(times) * left / 60_000))
