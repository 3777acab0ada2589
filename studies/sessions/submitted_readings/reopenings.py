"""Reopened readings, as readers and coordinators see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studies.protocol.models import Study
from studies.readers.access import accessible_readers
from studies.readers.models import Membership
from studies.sessions.models import Reading, Reopening


@dataclass(frozen=True, slots=True)
class ReopenedReading:
    """The shared name of a reopened reading, and the coordinator's reason."""

    name: str
    reason: str


def reopening_reason(reading: Reading) -> str:
    """Return why the reading is open again, "" if no coordinator reopened it."""
    if not reading.reopened:
        return ""
    reopening = Reopening.objects.filter(reading=reading).order_by("-at", "-pk").first()
    return reopening.reason if reopening else ""


def reopened_readings(reader: Membership) -> list[ReopenedReading]:
    """Return the readings that wait to be submitted again, in the order of reading."""
    if reader.study.state == Study.State.LOCKED:
        return []
    readings = (
        Reading.objects.of_reader(reader.user)
        .filter(reading_list__reader=reader, previous_submission_at__isnull=False)
        .to_read()
        .select_related("reading_list")
        .in_order()
    )
    return [ReopenedReading(reading.name, reopening_reason(reading)) for reading in readings]


@dataclass(frozen=True, slots=True)
class ReopeningRow:
    """A reopening as coordinators see it, with the shared name of the reading."""

    reader: str
    name: str
    at: datetime
    reason: str
    state: str


def reopenings_for(membership: Membership) -> list[ReopeningRow]:
    """Return the reopenings of the coordinator's readers, the latest first."""
    reopenings = Reopening.objects.filter(
        reading__reading_list__reader__in=accessible_readers(membership)
    ).select_related("reading__reading_list__reader")
    return [
        ReopeningRow(
            row.reading.reading_list.reader.label,
            row.reading.name,
            row.at,
            row.reason,
            "submitted again" if row.reading.submitted_at else "open",
        )
        for row in reopenings.order_by("-at", "-pk")
    ]
