"""Reading of the audit trail: filters, one page of it, and all of it in order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from studies.audit.kinds.kind import Group
from studies.audit.kinds.table import KINDS, kinds_in
from studies.audit.models import Event

EVENTS_PER_PAGE: Final = 50
# Events that a worker or the platform recorded without a person.
BY_SYSTEM: Final = "system"
GROUP_PREFIX: Final = "group-"
BAD_DATE: Final = "Enter dates as year-month-day, such as 2026-11-30. This date was not used."
REVERSED_DATES: Final = "The first day is after the last day, so no event matches."


def study_events(slug: str) -> QuerySet[Event]:
    """Return the events of a study."""
    return Event.objects.filter(study=slug)


def all_events() -> QuerySet[Event]:
    """Return the events of the installation."""
    return Event.objects.all()


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """Filters of the trail by person, kind and date, as they are in an address.

    ``person`` is the key of an account, `BY_SYSTEM` or "". ``kind`` is a code, a group with its
    prefix, or "". The days are inclusive and in the time zone of the viewer.
    """

    person: str = ""
    kind: str = ""
    first_day: date | None = None
    last_day: date | None = None
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: Mapping[str, Any], *, people: Collection[str]) -> TrailFilters:
        """Return the filters of an address; unknown people and kinds are ignored.

        ``people`` are the keys of the accounts that the viewer can filter by.
        """
        person, kind = str(query.get("person", "")), str(query.get("kind", ""))
        problems: dict[str, str] = {}
        days = {name: _parse_day(query, name, problems) for name in ("from", "to")}
        first, last = days["from"], days["to"]
        if first and last and first > last:
            problems["from"] = REVERSED_DATES
        groups = {GROUP_PREFIX + group.name.lower() for group in Group}
        return cls(
            person if person in people or person == BY_SYSTEM else "",
            kind if kind in KINDS or kind in groups else "",
            first,
            last,
            problems,
        )

    @property
    def group(self) -> Group | None:
        """The group of kinds that is selected as a whole."""
        if not self.kind.startswith(GROUP_PREFIX):
            return None
        return Group[self.kind.removeprefix(GROUP_PREFIX).upper()]

    @property
    def active(self) -> bool:
        """Whether any filter is set."""
        return bool(self.person or self.kind or self.first_day or self.last_day)

    @property
    def query(self) -> str:
        """The filters as they are in an address, without a question mark."""
        return self.to_query(self.person)

    def to_query(self, person: str) -> str:
        """Return the filters as in an address in which ``person`` identifies the person."""
        days = {"from": self.first_day, "to": self.last_day}
        values = {"person": person, "kind": self.kind}
        values |= {name: day.isoformat() for name, day in days.items() if day}
        return urlencode({name: value for name, value in values.items() if value})

    def apply(self, events: QuerySet[Event]) -> QuerySet[Event]:
        """Return the events that match the filters, the newest first."""
        conditions = Q()
        if self.person == BY_SYSTEM:
            conditions &= Q(actor=None)
        elif self.person:
            conditions &= Q(actor=int(self.person))
        if self.group is not None:
            conditions &= Q(action__in=kinds_in(self.group))
        elif self.kind:
            conditions &= Q(action=self.kind)
        if self.first_day:
            conditions &= Q(at__gte=_start_of(self.first_day))
        if self.last_day:
            conditions &= Q(at__lt=_start_of(self.last_day + timedelta(days=1)))
        return events.filter(conditions).order_by("-at", "-pk")


def trail_page(events: QuerySet[Event], number: str) -> Page[Event]:
    """Return one page of the events; an unknown page gives the nearest one."""
    return Paginator(events, EVENTS_PER_PAGE).get_page(number)


def in_batches(events: QuerySet[Event], size: int = 1000) -> Iterator[list[Event]]:
    """Yield all events in batches, so that a trail of any length takes the memory of one batch."""
    batch: list[Event] = []
    for event in events.iterator(chunk_size=size):
        batch.append(event)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _parse_day(query: Mapping[str, Any], name: str, problems: dict[str, str]) -> date | None:
    text = str(query.get(name, "")).strip()
    try:
        # Django returns None for another form and raises for a day that does not exist.
        day = parse_date(text[:20]) if text else None
    except ValueError:
        day = None
    # The first and the last year would overflow when a time zone is applied.
    if day is not None and not 1900 <= day.year <= 2999:
        day = None
    if text and day is None:
        problems[name] = BAD_DATE
    return day


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class Entry(Protocol):
    """The attributes of every log entry; each page adds those of the person."""

    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def sentence(self) -> str: ...


def csv_columns(*people: str) -> tuple[str, ...]:
    """Return the columns of a log's CSV, with those of the person after the time."""
    return ("at", *people, "kind", "event", "sentence")


def csv_row(entry: Entry, **people: str) -> dict[str, str]:
    """Return an entry as a row of the log's CSV; times are in UTC."""
    return {
        "at": entry.at.astimezone(UTC).isoformat(),
        **people,
        "kind": entry.kind,
        "event": entry.title,
        "sentence": entry.sentence,
    }
