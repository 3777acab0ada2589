"""Events of the study log as sentences, with the people as the coordinator may see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from studies.audit.kinds.table import KINDS
from studies.audit.models import Event
from studies.audit.sentences import SYSTEM, sentence
from studies.audit.trail import csv_columns, csv_row
from studies.conduct.log.visible import NOT_A_MEMBER, Person
from studies.readers.models import Membership
from studies.sessions.models import Reading

REOPENED: Final = "reading.reopened"
LOG_COLUMNS: Final = csv_columns("person", "name")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An event as one coordinator sees it; ``person`` is a label, "" for the system."""

    at: datetime
    person: str
    name: str
    kind: str
    title: str
    sentence: str


def log_entries(
    events: Iterable[Event], *, membership: Membership, people: Mapping[int, Person]
) -> list[LogEntry]:
    """Return the entries of some events, from at most one query."""
    events = list(events)
    readers = _readers_of_reopened(events)
    return [_entry(event, membership, people, readers) for event in events]


def log_rows(
    batches: Iterable[list[Event]], *, membership: Membership, people: Mapping[int, Person]
) -> Iterator[dict[str, str]]:
    """Yield the rows of the log's CSV, with one query for each batch at most."""
    for batch in batches:
        for entry in log_entries(batch, membership=membership, people=people):
            yield csv_row(entry, person=entry.person, name=entry.name)


def _entry(
    event: Event,
    membership: Membership,
    people: Mapping[int, Person],
    readers: Mapping[str, str],
) -> LogEntry:
    person = people.get(event.actor_id) if event.actor_id is not None else None
    actor = SYSTEM if event.actor_id is None else str(person or NOT_A_MEMBER)
    kind = KINDS.get(event.action)
    text = sentence(
        event.action,
        actor=actor,
        subject=event.subject,
        data={**event.data, "reader": readers.get(event.subject, "a reader")},
        whole_study=membership.site_id is None,
    )
    # Names of accounts keep their case; these words do not.
    if text.startswith(NOT_A_MEMBER):
        text = text[:1].upper() + text[1:]
    return LogEntry(
        at=event.at,
        person=person.label if person else "",
        name=person.name if person else "",
        kind=event.action,
        title=kind.title if kind else event.action,
        sentence=text,
    )


def _readers_of_reopened(events: Iterable[Event]) -> dict[str, str]:
    """Return the labels of the readers of reopened readings, by the key of the reading."""
    keys = {UUID(event.subject) for event in events if event.action == REOPENED}
    if not keys:
        return {}
    rows = Reading.objects.filter(pk__in=keys).order_by()
    return {str(key): label for key, label in rows.values_list("pk", "reading_list__reader__label")}
