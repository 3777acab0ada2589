"""The change of period and arm: announced in the reading room, and acknowledged by the reader.

In a study with two periods, a reader acknowledges what changes before the first reading of a
period, and whenever the next reading belongs to another period than the one before. A reader of an
arm always reads it in the same period, so a change of arm is a change of period.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from django.db import transaction

from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import Membership
from studies.sessions.models import PeriodAcknowledgement, ReadingList
from studies.sessions.queue import Queue, get_queue


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a reader has to acknowledge before the next reading can be opened.

    ``previous`` is the list that was read before, or None before the reader's first reading.
    """

    reading_list: ReadingList
    previous: ReadingList | None
    periods: int
    begins: bool


class PeriodAcknowledgedJSON(TypedDict):
    """The period that was acknowledged, and when."""

    period: int
    acknowledged_at: datetime


def find_announcement(reader: Membership, queue: Queue) -> Announcement | None:
    """Return the announcement that the reader has not acknowledged yet; None if there is none.

    Costs no query while the reader continues in the same period.
    """
    change, reading_list = queue.change, queue.reading_list
    if change is None or reading_list is None:
        return None
    lists = {entry.period: entry for entry in reader.reading_lists.all()}
    # With one period nothing can change.
    if len(lists) == 1:
        return None
    after = change.after.reading if change.after else None
    if reading_list.acknowledgements.filter(after=after).exists():
        return None
    previous = lists[change.after.period] if change.after else None
    return Announcement(reading_list, previous, len(lists), change.begins)


def check_period_acknowledged(reader: Membership, queue: Queue) -> None:
    """Raise Conflict if the reader has to acknowledge a change before the current reading."""
    announcement = find_announcement(reader, queue)
    if announcement is not None:
        period = announcement.reading_list.period
        verb = "begins" if announcement.begins else "continues"
        raise Conflict(
            "period_not_acknowledged",
            f"Period {period} {verb}. Acknowledge what changes before you open its next case.",
        )


@transaction.atomic
def acknowledge_period(*, reader: Membership, period: int) -> PeriodAcknowledgement:
    """Record that the reader has seen what changes with a period.

    A repeated request returns the row of the first one. Raises Conflict when there is nothing to
    acknowledge, for example because another window has moved on to another period.
    """
    # The study before the reader, as in saves; the other order could end in a deadlock with them.
    lock_study_row(reader.study_id)
    # Locked, so that two windows of a reader store one row.
    reader = Membership.objects.select_for_update(of=("self",), no_key=True).get(pk=reader.pk)
    queue = get_queue(reader)
    announcement = find_announcement(reader, queue)
    if announcement is None or announcement.reading_list.period != period:
        earlier = _latest_acknowledgement(queue, period)
        if earlier is None:
            raise Conflict(
                "nothing_to_acknowledge",
                "There is no change to acknowledge. Reload the page to continue.",
            )
        return earlier
    assert queue.change is not None  # by find_announcement
    acknowledged = PeriodAcknowledgement.objects.create(
        reading_list=announcement.reading_list,
        after_id=queue.change.after.reading if queue.change.after else None,
        begins=announcement.begins,
    )
    record(
        "period.acknowledged",
        actor=reader.user,
        study=reader.study,
        subject=reader.label,
        period=period,
        arm=announcement.reading_list.arm,
        previous_arm=announcement.previous.arm if announcement.previous else None,
        begins=announcement.begins,
    )
    return acknowledged


def _latest_acknowledgement(queue: Queue, period: int) -> PeriodAcknowledgement | None:
    if queue.reading_list is None or queue.reading_list.period != period:
        return None
    return queue.reading_list.acknowledgements.last()
