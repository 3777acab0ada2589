"""What a reader reads now, what comes next, and why there may be nothing to read."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.sessions.models import Reading, ReadingQuerySet

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
    readings = _readings_of(reader)
    if not readings.exists():
        text = "No cases have been dealt to you yet. The coordinator will tell you when."
        return Queue(None, None, Waiting("not_dealt", text))
    left = list(readings.to_read().in_order()[:2])
    if not left:
        return Queue(None, None, Waiting("done", "You have read every case. Thank you."))
    current, following = left[0], (left[1] if len(left) > 1 else None)
    opens_at = _period_opens_at(reader, current.reading_list.period)
    if opens_at is not None and opens_at > timezone.now():
        text = "The first pass is done. The second opens after the washout."
        return Queue(None, None, Waiting("washout", text, opens_at))
    same_period = following and following.reading_list.period == current.reading_list.period
    if not same_period:  # the other arm, perhaps of this very case
        following = None
    return Queue(current, following, None)


def progress_of(reader: Membership) -> Progress:
    readings = _readings_of(reader)
    submitted = readings.submitted()
    read, total = submitted.count(), readings.counted().count()
    lists = list(reader.reading_lists.values_list("period", flat=True))
    first = readings.to_read().in_order().values_list("reading_list__period", flat=True).first()
    return Progress(read, total, first, len(lists), _minutes(submitted, total - read))


def _readings_of(reader: Membership) -> ReadingQuerySet:
    return Reading.objects.of_reader(reader.user).filter(reading_list__reader=reader)


def _study_blocks(study: Study) -> Waiting | None:
    match study.state:
        case Study.State.DRAFT:
            return Waiting("not_open", "This study is still being set up. Reading has not begun.")
        case Study.State.PAUSED:
            return Waiting("paused", "The coordinator has paused this study. Nothing is lost.")
        case Study.State.LOCKED:
            return Waiting("locked", "This study is locked: reading is over. Thank you.")
    return None


def _period_opens_at(reader: Membership, period: int) -> datetime | None:
    """The server's clock decides: washout after the last submission of the period before.

    A case that was excluded since then was seen all the same.
    """
    if period == 1:
        return None
    earlier = _readings_of(reader).filter(reading_list__period=period - 1)
    last = earlier.aggregate(last=Max("submitted_at"))["last"]
    return last + reader.study.washout if last else None


def _minutes(submitted: ReadingQuerySet, left: int) -> int | None:
    times = list(submitted.values_list("active_ms", flat=True))
    if len(times) < ENOUGH_FOR_ESTIMATE or not left:
        return None
    return max(1, round(statistics.median(times) * left / 60_000))
