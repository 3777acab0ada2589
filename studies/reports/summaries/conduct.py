"""The conduct of a study for its report: flow of readers, days between readings, deviations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Count, F, Max, Q, Subquery, Window
from django.db.models.functions import Lag

from studies.audit.reported_events import RecordedEvent, events_of_study
from studies.practice.instructions.versions import change_to_version
from studies.protocol.models import Study
from studies.readers.models import Role
from studies.reports.document.summary.conduct import (
    AmendmentSummary,
    BatchSummary,
    ConductEvent,
    DropOuts,
    ReaderFlow,
    ReadingGap,
)
from studies.sessions.models import Reading

DAY: Final = timedelta(days=1)
SENTENCES: Final = {
    "cases.reassigned": "{cases} of reader {subject} reassigned to {to}",
    "member.deactivated": "Reader {subject} deactivated before submitting all assigned readings",
    "member.reactivated": "Reader {subject} reactivated",
    "study.paused": "Reading paused",
    "study.opened": "Reading resumed",
    "study.reopened": "Study reopened after the lock",
}
"""Events of the audit trail that are deviations, in words; the first opening is not one of them."""


@dataclass(frozen=True)
class _ReaderProgress:
    """The readings of a reader; ``reassigned`` counts cases that were given to other readers."""

    active: bool
    assigned: int
    submitted: int
    last_submission: datetime | None
    reassigned: int

    @property
    def has_list(self) -> bool:
        # Reassignment deletes the unread readings, sometimes all of a reader.
        return bool(self.assigned or self.reassigned)

    @property
    def completed(self) -> bool:
        return self.has_list and self.submitted == self.assigned and not self.reassigned

    @property
    def dropped_out(self) -> bool:
        return self.has_list and not self.completed and (not self.active or self.reassigned > 0)


def summarise_reader_flow(study: Study) -> ReaderFlow:
    """Count the readers from joining to the submission of all their readings.

    Readers dropped out if they were deactivated before submitting all their readings and before
    the lock, or if cases of theirs were reassigned.
    """
    readers = list(_progress_by_reader(study).values())
    left = [reader for reader in readers if reader.dropped_out]
    return ReaderFlow(
        joined=len(readers),
        assigned=sum(reader.has_list for reader in readers),
        started=sum(reader.submitted > 0 for reader in readers),
        completed=sum(reader.completed for reader in readers),
        unstarted=_count_drop_outs(reader for reader in left if not reader.submitted),
        unfinished=_count_drop_outs(reader for reader in left if reader.submitted),
    )


def _count_drop_outs(readers: Iterable[_ReaderProgress]) -> DropOuts:
    cases = [reader.reassigned for reader in readers]
    return DropOuts(len(cases), sum(cases))


def _progress_by_reader(study: Study) -> dict[str, _ReaderProgress]:
    """Return the progress of every reader of a study by label."""
    readings = Reading.objects.filter(reading_list__study=study).counted().order_by()
    counts: Any = readings.values_list("reading_list__reader").annotate(
        assigned=Count("pk"),
        submitted=Count("pk", filter=Q(state=Reading.State.SUBMITTED)),
        last_submission=Max("submitted_at"),
    )
    none: tuple[int, int, datetime | None] = (0, 0, None)
    by_reader = {
        reader: (assigned, submitted, last) for reader, assigned, submitted, last in counts
    }
    reassigned, inactive = Counter[str](), set[str]()
    for event in _conduct_records(study):
        if event.action == "cases.reassigned":
            reassigned[event.subject] += event.data.get("cases", 0)
        elif event.action == "member.deactivated":
            inactive.add(event.subject)
        elif event.action == "member.reactivated":
            inactive.discard(event.subject)
    members = study.memberships.filter(role=Role.READER).order_by("label")
    return {
        label: _ReaderProgress(label not in inactive, *by_reader.get(pk, none), reassigned[label])
        for pk, label in members.values_list("pk", "label")
    }


def _conduct_records(study: Study) -> list[RecordedEvent]:
    """Return the events of SENTENCES, oldest first, without changes of members after the lock."""
    return [
        event
        for event in events_of_study(study.slug, SENTENCES)
        if not event.action.startswith("member.")
        or study.locked_at is None
        or event.at < study.locked_at
    ]


def summarise_gaps(study: Study) -> tuple[ReadingGap, ...]:
    """Return the days between the readings of a case by the same reader, by kind.

    A gap lasts from the submission of a reading to the opening of the reader's next reading of the
    same case. Within a period, another replicate is a hidden repeat; in a sequential study the
    reading before it is the second one of the case, in the other arm.
    """
    order: dict[str, Any] = {
        "partition_by": [F("reading_list__reader"), F("case")],
        "order_by": ["opened_at", "pk"],
    }
    rows: Any = (
        Reading.objects.filter(reading_list__study=study)
        .submitted()
        .order_by()
        .annotate(
            earlier=Window(Lag("submitted_at"), **order),
            earlier_period=Window(Lag("reading_list__period"), **order),
            earlier_replicate=Window(Lag("replicate"), **order),
        )
        .values_list(
            *("earlier", "opened_at", "earlier_period", "reading_list__period"),
            *("earlier_replicate", "replicate"),
        )
    )
    days: dict[bool, list[float]] = {False: [], True: []}
    for earlier, opened, earlier_period, period, earlier_replicate, replicate in rows.iterator():
        if earlier is not None:
            repeats = earlier_period == period and earlier_replicate != replicate
            days[repeats].append(max((opened - earlier) / DAY, 0.0))
    return tuple(
        ReadingGap(repeats, len(gaps), float(np.median(gaps)), min(gaps), max(gaps))
        for repeats, gaps in days.items()
        if gaps
    )


def summarise_amendments(study: Study) -> tuple[AmendmentSummary, ...]:
    """Return the amendments in the order of their numbers."""
    return tuple(
        AmendmentSummary(row.number, row.dated, row.change, row.reason)
        for row in study.amendments.all()
    )


def summarise_batches(study: Study) -> tuple[BatchSummary, ...]:
    """Return the batches in which the cases were assigned, in their order."""
    rows = study.batches.values_list("number", "kind", "assigned_at", "cases", "readings")
    return tuple(BatchSummary(*row) for row in rows)


def unamended_instructions(study: Study) -> tuple[int, ...]:
    """Return the versions of the instructions after the first assignment without an amendment."""
    first = study.batches.order_by("number").values("assigned_at")[:1]
    versions = study.instructions.filter(saved_at__gt=Subquery(first))
    amended = set(study.amendments.values_list("change", flat=True))
    return tuple(
        version
        for version in versions.order_by("version").values_list("version", flat=True)
        if change_to_version(version) not in amended
    )


def summarise_events(study: Study) -> tuple[ConductEvent, ...]:
    """Return drop-outs, reassignments, pauses and reopenings of the study, oldest first."""
    return tuple(_conduct_events(study))


def _conduct_events(study: Study) -> Iterator[ConductEvent]:
    for event in _without_regular_events(study, _conduct_records(study)):
        count = event.data.get("cases", 0)
        text = SENTENCES[event.action].format(
            subject=event.subject,
            to=event.data.get("to", ""),
            cases=f"{count} case{'' if count == 1 else 's'}",
        )
        reason = event.data.get("reason", "")
        yield ConductEvent(event.at, f"{text}: {reason}" if reason else text)


def _without_regular_events(
    study: Study, events: Sequence[RecordedEvent]
) -> Iterator[RecordedEvent]:
    """Leave out the first opening, and deactivations that interrupted no reading list."""
    opened, inactive = False, set[str]()
    left = any(event.action == "member.deactivated" for event in events)
    readers = _progress_by_reader(study) if left else {}
    for event in events:
        if event.action == "study.opened" and not opened:
            opened = True
            continue
        if event.action == "member.deactivated":
            if not _unfinished_at(event.at, readers.get(event.subject)):
                continue
            inactive.add(event.subject)
        if event.action == "member.reactivated":
            if event.subject not in inactive:
                continue
            inactive.remove(event.subject)
        yield event


def _unfinished_at(at: datetime, reader: _ReaderProgress | None) -> bool:
    """Return whether a reader had readings left at a time; None stands for another member."""
    if reader is None or not reader.has_list:
        return False
    return not reader.completed or (
        reader.last_submission is not None and reader.last_submission > at
    )
