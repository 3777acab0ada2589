"""The conduct of a study for its report: flow of readers, days between readings, deviations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Count, F, Q, Subquery, Window
from django.db.models.functions import Lag

from studies.audit.reported_events import events_of_study
from studies.practice.instructions.versions import change_to_version
from studies.protocol.models import Study
from studies.readers.models import Role
from studies.reports.document.summary.conduct import (
    AmendmentSummary,
    BatchSummary,
    ConductEvent,
    ReaderFlow,
    ReadingGap,
)
from studies.sessions.models import Reading

DAY: Final = timedelta(days=1)
SENTENCES: Final = {
    "cases.reassigned": "{cases} of reader {subject} reassigned to {to}",
    "study.paused": "Reading paused",
    "study.opened": "Reading resumed",
    "study.reopened": "Study reopened after the lock",
}
"""Events of the audit trail that are deviations, in words; the first opening is not one of them."""


def summarise_reader_flow(study: Study) -> ReaderFlow:
    """Count the readers from joining to the submission of all their readings."""
    readings = Reading.objects.filter(reading_list__study=study).counted().order_by()
    counts: Any = readings.values("reading_list__reader").annotate(
        assigned=Count("pk"), submitted=Count("pk", filter=Q(state=Reading.State.SUBMITTED))
    )
    rows = list(counts)
    return ReaderFlow(
        joined=study.memberships.filter(role=Role.READER).count(),
        assigned=len(rows),
        started=sum(row["submitted"] > 0 for row in rows),
        completed=sum(row["submitted"] == row["assigned"] for row in rows),
    )


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
    """Return reassignments, pauses and reopenings of the study, oldest first."""
    return tuple(_conduct_events(study))


def _conduct_events(study: Study) -> Iterator[ConductEvent]:
    opened = False
    for event in events_of_study(study.slug, SENTENCES):
        if event.action == "study.opened" and not opened:
            opened = True
            continue
        count = event.data.get("cases", 0)
        text = SENTENCES[event.action].format(
            subject=event.subject,
            to=event.data.get("to", ""),
            cases=f"{count} case{'' if count == 1 else 's'}",
        )
        reason = event.data.get("reason", "")
        yield ConductEvent(event.at, f"{text}: {reason}" if reason else text)
