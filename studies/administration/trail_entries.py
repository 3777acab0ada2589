"""Events of the whole installation as sentences for administrators, without study content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from studies.audit.kinds.kind import About
from studies.audit.kinds.table import KINDS
from studies.audit.models import Event
from studies.audit.sentences import SYSTEM, sentence
from studies.audit.trail import csv_columns, csv_row
from studies.readers.models import User

COLUMNS: Final = csv_columns("username", "name", "study")


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One event; ``username`` is "" for the system."""

    at: datetime
    username: str
    name: str
    study: str
    kind: str
    title: str
    sentence: str


def trail_entries(events: Iterable[Event]) -> list[TrailEntry]:
    """Return the entries of some events, from one query."""
    events = list(events)
    people = User.objects.in_bulk({event.actor_id for event in events if event.actor_id})
    return [_entry(event, people.get(event.actor_id or 0)) for event in events]


def trail_rows(batches: Iterable[list[Event]]) -> Iterator[dict[str, str]]:
    """Yield the rows of the CSV, with one query for each batch."""
    for batch in batches:
        for entry in trail_entries(batch):
            yield csv_row(entry, username=entry.username, name=entry.name, study=entry.study)


def _entry(event: Event, person: User | None) -> TrailEntry:
    kind = KINDS.get(event.action)
    actor = SYSTEM if person is None else person.username
    return TrailEntry(
        at=event.at,
        username=person.username if person else "",
        name=person.get_full_name() if person else "",
        study=event.study,
        kind=event.action,
        title=kind.title if kind else event.action,
        sentence=sentence(
            event.action,
            actor=actor,
            subject=event.subject,
            data={**event.data, "reader": "a reader"},
            # Reasons and numbers belong to the study, in which administrators have no access.
            details=kind is not None and kind.about is About.INSTALLATION,
        ),
    )
