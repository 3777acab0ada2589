"""The readings about which a reader can ask, under the names that the reader sees.

In a study with refreshers, readings of both kinds are listed together and numbered as on the
reader's screen, so that neither a name nor a gap reveals which of them belong to a refresher.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from studies.errors import Conflict, NotFound
from studies.practice.models import PracticeReading, PracticeRound
from studies.practice.refreshers.actions import get_own_refresher
from studies.readers.models import Membership, User
from studies.sessions.models import Reading, ReadingQuerySet
from studies.sessions.reading.access import get_own_reading

MAX_CHOICES = 50
"""How many readings, the latest first, the form on the page offers."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A reading of the study or of a refresher, with the name that its reader sees."""

    reader: Membership
    name: str
    opened_at: datetime
    reading: Reading | None = None
    refresher: PracticeReading | None = None

    @property
    def pk(self) -> UUID:
        """The id of the reading, which does not tell its kind."""
        row = self.reading or self.refresher
        assert row is not None
        return row.pk


def get_subject(*, reading: Reading | None, refresher: PracticeReading | None) -> Subject:
    """Return the subject of a reading. Raises Conflict if it has not been opened yet."""
    if reading is not None:
        reader, opened_at = reading.reading_list.reader, reading.opened_at
    else:
        assert refresher is not None
        reader, opened_at = refresher.round.reader, refresher.opened_at
    if opened_at is None:
        raise Conflict("not_opened", "Open the case first, then ask about it.")
    if reading is not None and reading.name_for_reader:
        return Subject(reader, reading.name, opened_at, reading=reading)
    earlier = Q(opened_at__lte=opened_at)
    number = _opened(reader).filter(earlier).count() + _refreshers(reader).filter(earlier).count()
    return Subject(reader, _name(number), opened_at, reading, refresher)


def find_own_subject(*, user: User, pk: UUID) -> Subject:
    """Return one of the person's own readings, of either kind.

    Raises NotFound for any other, and Conflict if the reading has not been opened yet.
    """
    try:
        reading = get_own_reading(user=user, pk=pk)
    except NotFound:
        return get_subject(reading=None, refresher=get_own_refresher(user=user, pk=pk))
    return get_subject(reading=reading, refresher=None)


def list_subjects(reader: Membership) -> list[Subject]:
    """Return the reader's latest opened readings, the latest first, in three to five queries."""
    readings = list(
        _opened(reader)
        .select_related("reading_list__study", "reading_list__reader")
        .order_by("-opened_at", "pk")[:MAX_CHOICES]
    )
    if reader.study.refresher_interval is None:
        return [
            Subject(reader, row.name, row.opened_at, reading=row)
            for row in readings
            if row.opened_at is not None
        ]
    refreshers = _refreshers(reader).order_by("-opened_at", "pk")[:MAX_CHOICES]
    rows: list[Reading | PracticeReading] = [*readings, *refreshers]
    rows.sort(key=_opening, reverse=True)
    total = _opened(reader).count() + _refreshers(reader).count()
    return [
        Subject(reader, row.name_for_reader or _name(total - index), _opening(row), reading=row)
        if isinstance(row, Reading)
        else Subject(reader, _name(total - index), _opening(row), refresher=row)
        for index, row in enumerate(rows[:MAX_CHOICES])
    ]


def _name(number: int) -> str:
    return f"reading {number} on the screen"


def _opening(row: Reading | PracticeReading) -> datetime:
    assert row.opened_at is not None
    return row.opened_at


def _opened(reader: Membership) -> ReadingQuerySet:
    """Return the readings in the reader's count, as in "24 of 50", that have been opened."""
    return Reading.objects.counted().filter(reading_list__reader=reader, opened_at__isnull=False)


def _refreshers(reader: Membership) -> QuerySet[PracticeReading]:
    return PracticeReading.objects.filter(
        round__reader=reader, round__kind=PracticeRound.Kind.REFRESHER, opened_at__isnull=False
    )
