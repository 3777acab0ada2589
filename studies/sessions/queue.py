"""A reader's current and next reading, or the reason why there is none."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from studies.cases.models import Case
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.sessions.models import Reading, ReadingList, ReadingQuerySet
from studies.sessions.schedule.slots import Opening, PeriodChange, Refresher, Refreshers, Slot, Turn
from studies.sessions.schedule.turns import find_period_change, find_turn

State = Reading.State
INSTRUCTIONS = "instructions"

# Below this number, single readings dominate the median.
MIN_READINGS_FOR_ESTIMATE = 5
# From here on minutes would suggest a precision that the estimate does not have.
LONG_ESTIMATE_MINUTES = 90


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a reader has nothing to read; ``opens_at`` is set if reading resumes automatically."""

    code: str
    message: str
    opens_at: datetime | None = None
    parts: tuple[str, ...] = ()
    """Parts of the instructions to acknowledge; then reading resumes."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The current reading and the next one, which are the only ones that can be fetched.

    ``refresher`` comes first, so that the current reading cannot be opened yet, or follows it.
    ``change`` is set where the next reading belongs to another period than the one before, and
    ``reading_list`` is the list of that reading, also while the instructions have to be read first.
    """

    current: Reading | None
    next: Reading | None
    waiting: Waiting | None
    refresher: Refresher | None = None
    change: PeriodChange | None = None
    reading_list: ReadingList | None = None

    def contains(self, reading: Reading) -> bool:
        """Return whether the reading is the current or the next one."""
        return reading in (self.current, self.next)

    def check_opens(self, reading: Reading) -> None:
        """Raise Conflict unless the reading can be opened now."""
        if self.waiting is not None and self.waiting.code == INSTRUCTIONS:
            raise Conflict(INSTRUCTIONS, self.waiting.message)
        if self.current != reading or (self.refresher and self.refresher.now):
            text = "This is not your next case. Reload the page to continue."
            raise Conflict("not_current", text)


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of one reader's readings, and the estimated time left.

    ``opening`` is the next period that a washout keeps closed, while the study is open.
    """

    read: int
    total: int
    period: int | None
    periods: int
    minutes_left: int | None
    refreshers_left: int = 0
    opening: Opening | None = None

    @property
    def time_left(self) -> str:
        """The estimated time left in words, "" without an estimate."""
        return format_estimate(self.minutes_left)

    @property
    def estimate_follows(self) -> bool:
        """Whether the time left can be estimated later."""
        return self.read < MIN_READINGS_FOR_ESTIMATE < self.total


def format_estimate(minutes: int | None) -> str:
    """Return an estimated duration in words, rounded to 10 minutes from 90 minutes on.

    Examples
    --------
    >>> format_estimate(35), format_estimate(127), format_estimate(None)
    ('about 35 minutes', 'about 2 hours 10 minutes', '')
    """
    if minutes is None:
        return ""
    if minutes < LONG_ESTIMATE_MINUTES:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    hours, rest = divmod(round(minutes, -1), 60)
    text = f"about {hours} hour{'' if hours == 1 else 's'}"
    return f"{text} {rest} minutes" if rest else text


def get_queue(reader: Membership) -> Queue:
    """Return what the reader reads now, by the server's clock."""
    study = reader.study
    # The study's state first: a locked study has no certification to pass.
    waiting = _waiting_for_study(study) or _waiting_for_certification(reader)
    if waiting is not None:
        return Queue(None, None, waiting)
    slots = _load_slots(reader)
    if not slots:
        text = "No cases have been assigned to you yet. The coordinator will let you know."
        return Queue(None, None, Waiting("not_assigned", text))
    turn = _find_turn(reader, slots)
    if turn.current is None:
        return Queue(None, None, _waiting_for_turn(turn))
    keys = [slot.reading for slot in (turn.current, turn.next) if slot is not None]
    # One query for both readings.
    by_id = _filter_readings(reader).with_case().in_bulk(keys)
    current = by_id[turn.current.reading]
    following = by_id[turn.next.reading] if turn.next else None
    change = find_period_change(slots, turn.current)
    waiting = _waiting_for_instructions(reader, current)
    if waiting is None:
        return Queue(current, following, None, turn.refresher, change, current.reading_list)
    # A reading that is open when a new version appears may be finished.
    if current.state == State.OPEN:
        return Queue(current, None, None, None, change, current.reading_list)
    return Queue(None, None, waiting, turn.refresher, change, current.reading_list)


def find_readable_period(reader: Membership, *, at: datetime) -> int | None:
    """Return the period of the reading that was the reader's next one; None if there was none.

    The answer is right for a time since which the reader has not read anything. A reader who has
    not passed the certification has nothing to read.
    """
    if _waiting_for_study(reader.study) or _waiting_for_certification(reader):
        return None
    turn = find_turn(
        _load_slots(reader),
        washout=reader.study.washout,
        now=at,
        repeat_gap=reader.study.repeat_gap,
    )
    return turn.current.period if turn.current is not None else None


def get_progress(reader: Membership) -> Progress:
    """Return how many readings the reader has submitted and how long the rest may take."""
    readings = _filter_readings(reader)
    # A reading in revision stays submitted, so that the count does not go back.
    submitted = readings.counted().filter(submitted_at__isnull=False)
    read, total = submitted.count(), readings.counted().count()
    periods = reader.reading_lists.order_by().values("period").distinct().count()
    slots = _load_slots(reader)
    # During a washout there is no current reading; the period of the next one is shown then.
    turn = _find_turn(reader, slots)
    upcoming = turn.current or min(
        (slot for slot in slots if slot.to_read), key=lambda slot: slot.order, default=None
    )
    refreshers = _refreshers(reader)
    return Progress(
        read=read,
        total=total,
        period=upcoming.period if upcoming else None,
        periods=periods,
        minutes_left=_estimate_minutes(submitted, total - read),
        refreshers_left=refreshers.count_left(slots) if refreshers else 0,
        opening=turn.opening if reader.study.state == Study.State.OPEN else None,
    )


def _filter_readings(reader: Membership) -> ReadingQuerySet:
    return Reading.objects.of_reader(reader.user).filter(reading_list__reader=reader)


def _load_slots(reader: Membership) -> list[Slot]:
    # Tuples instead of model instances: a list can have thousands of rows, of which two are shown.
    rows = _filter_readings(reader).values_list(
        "pk",
        "case__image__pixel_hash",
        "batch",
        "reading_list__period",
        "position",
        "state",
        "case__state",
        "opened_at",
        "submitted_at",
        "previous_submission_at",
        "replicate",
        "reading_list__step",
    )
    return [
        Slot(pk, image, batch, period, position, state, case_state != Case.State.EXCLUDED, opened,
             # A reopened reading has no submission, but the reader has seen its case.
             submitted or earlier, state == Reading.State.OPEN and submitted is not None, replicate,
             step)
        for pk, image, batch, period, position, state, case_state, opened, submitted, earlier,
            replicate, step in rows
    ]  # fmt: skip


def _find_turn(reader: Membership, slots: list[Slot]) -> Turn:
    # The server's clock, so that a wrong clock on the reader's computer cannot end a washout.
    return find_turn(
        slots,
        washout=reader.study.washout,
        now=timezone.now(),
        refreshers=_refreshers(reader),
        repeat_gap=reader.study.repeat_gap,
    )


def _refreshers(reader: Membership) -> Refreshers | None:
    interval = reader.study.refresher_interval
    return None if interval is None else Refreshers(interval, reader.refreshers_done)


def _waiting_for_turn(turn: Turn) -> Waiting:
    if turn.opens_at is None:
        return Waiting("done", "You have read all cases. Thank you.")
    if turn.opening is None:
        text = "You have read all cases available now. The next ones open later."
    else:
        text = (
            f"Period {turn.opening.period - 1} is complete. "
            f"Period {turn.opening.period} opens later, after the washout."
        )
    return Waiting("washout", text, turn.opens_at)


def _waiting_for_study(study: Study) -> Waiting | None:
    match study.state:
        case Study.State.DRAFT:
            return Waiting(
                "not_open", "This study is still being set up. Reading has not started yet."
            )
        case Study.State.PAUSED:
            return Waiting(
                "paused", "The coordinator has paused this study. Your scores are saved."
            )
        case Study.State.LOCKED:
            return Waiting("locked", "This study is locked. Reading has ended. Thank you.")
    return None


def _waiting_for_certification(reader: Membership) -> Waiting | None:
    """Return why study cases are refused to a reader who has not passed the certification."""
    if reader.may_read_cases:
        return None
    text = "This study requires certification. Complete it before you read the first case."
    return Waiting("certification", text)


def _waiting_for_instructions(reader: Membership, current: Reading) -> Waiting | None:
    """Return why the current reading is refused to a reader who has not read its instructions.

    Nothing comes between the two readings of a case in a sequential study, so the instructions for
    both arms are read before the first one.
    """
    if not reader.study.sequential:
        return waiting_for_instructions(reader, current.arm)
    if current.follows:
        return None
    arms = reader.reading_lists.order_by("step").values_list("arm", flat=True)
    return waiting_for_instructions(reader, *arms)


def waiting_for_instructions(reader: Membership, *arms: str) -> Waiting | None:
    """Return why cases of the arms are refused to a reader who has not read their instructions."""
    # Without repetition: a part that applies to all arms is read once.
    parts = tuple(dict.fromkeys(part for arm in arms for part in reader.parts_to_acknowledge(arm)))
    text = "Read and acknowledge the instructions before the next case."
    return Waiting(INSTRUCTIONS, text, parts=parts) if parts else None


def _estimate_minutes(submitted: ReadingQuerySet, left: int) -> int | None:
    durations_ms = list(submitted.values_list("active_ms", flat=True))
    if len(durations_ms) < MIN_READINGS_FOR_ESTIMATE or not left:
        return None
    return max(1, round(statistics.median(durations_ms) * left / 60_000))
