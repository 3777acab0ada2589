"""Decide which reading comes next for a reader, from the assigned readings and the time.

Cases that are assigned together form a batch, and each batch has its own periods. A period opens
one washout after the reader's last submission in the batch's earlier periods. Submissions of
excluded or reopened readings count too, because the reader saw those cases.

Hidden repeats lie in the second part of a period. It opens when the last of them may be read, so
that a pause does not tell which readings are repeats.

The washout belongs to the image, not to the case: an excluded image that was uploaded again is a
new case with the same pixels.

In a sequential study, a case has two readings in the same phase. The second one (step 2) comes at
once after the first has been submitted, before any other reading, and is unknown until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from studies.sessions.schedule.slots import (
    UNKNOWN,
    Opening,
    PeriodChange,
    Phase,
    Refresher,
    Refreshers,
    Slot,
    Turn,
    Waits,
    count_seen,
)


def find_turn(
    slots: Sequence[Slot],
    *,
    washout: timedelta,
    now: datetime,
    refreshers: Refreshers | None = None,
    repeat_gap: timedelta = timedelta(0),
) -> Turn:
    """Return the reading that one reader should read at ``now``.

    A reading in revision comes first, then an open reading, then the rest of a later period that
    has started, then the batches in order, each in its earliest unfinished period. While a batch
    is in its washout, the next batch can be read. Hidden repeats come ``repeat_gap`` later. The
    second reading of a case in a sequential study comes before every other waiting reading.
    """
    to_read = sorted((slot for slot in slots if slot.to_read), key=lambda slot: slot.order)
    # A reader finishes an open case before the next one, also one that was reopened.
    ready = [slot for slot in to_read if slot.state == "open"]
    # The reader left an open reading to revise an earlier one, and returns to it afterwards.
    ready.sort(key=lambda slot: not slot.in_revision)
    opening_times: list[datetime] = []
    openings: list[Opening] = []
    same_image = _group_by_image(slots)
    waiting_seconds = _waiting_seconds(slots)
    for phase in _phases(to_read, slots):
        started = _has_started(phase, slots)
        period_opens_at = None if started else _period_opens_at(phase, slots, washout)
        gap_ends = _gap_ends(phase, slots, repeat_gap) if repeat_gap else {}
        for slot in to_read:
            if slot.phase != phase or slot.state == "open" or slot.reading in waiting_seconds:
                continue
            waits = (period_opens_at, gap_ends.get(slot.reading))
            opens_at = _opens_at(slot, same_image[slot.image], waits, washout)
            if opens_at is None or opens_at <= now:
                ready.append(slot)
                continue
            opening_times.append(opens_at)
            # Period 1 of a later batch only waits for images that were excluded and added again.
            if slot.period > 1 and not started:
                openings.append(Opening(slot.period, opens_at))
    # The first reading of a period opens it; others of the same cases may have to wait longer.
    opening = min(openings, key=lambda opening: opening.at, default=None)
    if not ready:
        return Turn(opens_at=min(opening_times, default=None), opening=opening)
    # A second reading is ready once the first has been submitted, and nothing comes between them.
    ready.sort(key=lambda slot: (slot.state != "open", slot.state != "open" and slot.step == 1))
    current, following = ready[0], ready[1] if len(ready) > 1 else None
    # Nothing of period 2 may be fetched during period 1, not even ahead. What follows the first
    # reading of a case is its second one, which cannot be fetched before the first is submitted.
    if following is not None and (
        following.phase != current.phase or _is_second_waiting(current, slots)
    ):
        following = None
    refresher = _find_refresher(slots, current, following, refreshers) if refreshers else None
    return Turn(current, following, opening=opening, refresher=refresher)


def find_period_change(slots: Sequence[Slot], current: Slot) -> PeriodChange | None:
    """Return the change of period before ``current``, or None where the reader continues as before.

    A reading that is open has begun, unless it was reopened: the reader then comes to it from
    another reading.
    """
    if current.state == "open" and current.seen_at is None:
        return None
    worked = [(slot.last_work, slot) for slot in slots if slot.reading != current.reading]
    before = max(
        ((at, slot) for at, slot in worked if at is not None),
        key=lambda entry: (entry[0], entry[1].order),
        default=None,
    )
    if before is None:
        return None if current.state == "open" else PeriodChange(None, begins=True)
    after = before[1]
    if after.period == current.period:
        return None
    started = any(slot.period == current.period and slot.opened_at for slot in slots)
    return PeriodChange(after, begins=not started)


def _find_refresher(
    slots: Sequence[Slot], current: Slot, following: Slot | None, refreshers: Refreshers
) -> Refresher | None:
    """Return the refresher that comes before or after the current reading.

    A refresher always lies between two readings of one phase, so that it is in their arm and is
    neither the first nor the last image of a period. It never interrupts an open reading.
    """
    seen = count_seen(slots)
    started = any(slot.phase == current.phase and slot.opened_at for slot in slots)
    due = refreshers.find_due(seen)
    if due is not None and started and current.state == "waiting" and current.step == 1:
        return Refresher(due, now=True)
    # One that is open, because it was reopened or left for a revision, comes first.
    if following is None or following.state == "open":
        return None
    due = refreshers.find_due(seen + (current.seen_at is None))
    return Refresher(due, now=False) if due is not None else None


def _waiting_seconds(slots: Sequence[Slot]) -> frozenset[UUID]:
    """Return the second readings whose first reading has not been submitted, or is open again."""
    submitted = {_pair(slot) for slot in slots if slot.step == 1 and slot.state == "submitted"}
    return frozenset(
        slot.reading for slot in slots if slot.step > 1 and _pair(slot) not in submitted
    )


def _is_second_waiting(current: Slot, slots: Sequence[Slot]) -> bool:
    """Return whether the current reading is the first of a case whose second is still to come."""
    return current.step == 1 and any(
        slot.step > 1 and slot.to_read and _pair(slot) == _pair(current) for slot in slots
    )


def _pair(slot: Slot) -> tuple[Phase, str, int]:
    """Return what the two readings of a case in a sequential study have in common."""
    return slot.phase, slot.image, slot.replicate


def _phases(to_read: Sequence[Slot], slots: Sequence[Slot]) -> list[Phase]:
    """Return the earliest unfinished period of each batch, in the order of reading."""
    earliest: dict[int, int] = {}
    for slot in to_read:
        earliest.setdefault(slot.batch, slot.period)
    # Only a later period that has started takes precedence over an earlier batch.
    started = {slot.phase for slot in slots if slot.opened_at is not None and slot.period > 1}
    return sorted(earliest.items(), key=lambda phase: (phase not in started, phase))


def _group_by_image(slots: Sequence[Slot]) -> dict[str, list[Slot]]:
    groups: dict[str, list[Slot]] = {}
    for slot in slots:
        groups.setdefault(slot.image, []).append(slot)
    return groups


def _period_opens_at(phase: Phase, slots: Sequence[Slot], washout: timedelta) -> datetime | None:
    """Return when a period that has not started opens; None if no washout applies."""
    batch, period = phase
    earlier = [slot.seen_at for slot in slots if slot.batch == batch and slot.period < period]
    last = max(filter(None, earlier), default=None)
    return None if last is None else last + washout


def _gap_ends(phase: Phase, slots: Sequence[Slot], gap: timedelta) -> dict[UUID, datetime]:
    """Return until when the gap before hidden repeats holds back readings of a phase.

    Until the second part has begun, all of it waits for the last gap to end.
    """
    of_phase = [slot for slot in slots if slot.phase == phase]
    # The later one of the two readings of a case in a sequential study.
    of_phase.sort(key=lambda slot: slot.order)
    first_readings = {slot.image: slot for slot in of_phase if slot.replicate == 1}
    ends: dict[UUID, datetime] = {}
    second_part_from = 0
    for slot in of_phase:
        first = first_readings.get(slot.image)
        if slot.replicate > 1 and slot.counted and first is not None:
            read_at = first.last_work
            ends[slot.reading] = UNKNOWN if read_at is None else read_at + gap
            second_part_from = max(second_part_from, first.position + 1)
    second_part = [slot for slot in of_phase if slot.position >= second_part_from]
    # Once it has begun, a repeat waits only if its first reading was reopened.
    if ends and not any(slot.opened_at for slot in second_part):
        ends |= dict.fromkeys((slot.reading for slot in second_part), max(ends.values()))
    return ends


def _opens_at(
    slot: Slot, same_image: Sequence[Slot], waits: Waits, washout: timedelta
) -> datetime | None:
    """Return when a waiting reading may be shown; None if neither washout nor gap applies.

    ``waits`` are the ends of the washout before its period and of the gap before hidden repeats. A
    period that has started stays open when a reading of the previous period is reopened. Only
    the reopened image then has to wait for its own washout.
    """
    # An image that was opened and then excluded was seen, too.
    elsewhere = (other.last_work for other in same_image if other.phase != slot.phase)
    washouts = [at + washout for at in elsewhere if at is not None]
    return max([*washouts, *filter(None, waits)], default=None)


def _has_started(phase: Phase, slots: Sequence[Slot]) -> bool:
    return any(slot.phase == phase and slot.opened_at for slot in slots)
