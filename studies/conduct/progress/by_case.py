"""For each case, who or what it waits for, without scores."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q

from studies.cases.filters import (
    CORNERS_UNCONFIRMED,
    LEVELS_UNCERTAIN,
    needs_confirmed_corners,
)
from studies.cases.models import Case
from studies.cases.querysets import CaseQuerySet
from studies.readers.access import accessible_readers
from studies.readers.models import Membership
from studies.sessions.models import Reading

State = Case.State

CASES_PER_PAGE: Final = 50
COLUMNS: Final = ("case", "case_site", "state", "assigned", "read", "left", "waiting_for")
BEFORE_ASSIGNMENT: Final = {
    State.RECEIVED: "analysis",
    State.ANALYSING: "analysis",
    State.PENDING_REVIEW: "de-identification review",
    State.FAILED: "another analysis or exclusion",
}


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """One case and what it waits for; the list is empty once all its readings are submitted."""

    label: str
    site: str
    state: str
    read: int
    total: int
    waiting_for: tuple[str, ...]

    @property
    def left(self) -> int:
        """Readings that are still to be submitted."""
        return self.total - self.read


def cases_of(membership: Membership, *, waiting: bool) -> CaseQuerySet:
    """Return the cases that a coordinator sees, or only those that wait for something."""
    cases: CaseQuerySet = (
        Case.objects.seen_by(membership)
        .of_study(membership.study)
        .exclude(state__in=[State.EXCLUDED, State.REJECTED])
        .select_related("site")
        .annotate(
            levels_uncertain=Exists(Case.objects.filter(LEVELS_UNCERTAIN, pk=OuterRef("pk"))),
            unconfirmed=needs_confirmed_corners()
            & Exists(Case.objects.filter(CORNERS_UNCONFIRMED, pk=OuterRef("pk"))),
        )
        .order_by("label")
    )
    if waiting:
        readings = Reading.objects.filter(case=OuterRef("pk"))
        cases = cases.filter(Q(~Exists(readings)) | Exists(readings.filter(submitted_at=None)))
    return cases


def case_page(membership: Membership, number: str, *, waiting: bool) -> Page[Case]:
    """Return one page of the cases; an unknown page gives the nearest one."""
    return Paginator(cases_of(membership, waiting=waiting), CASES_PER_PAGE).get_page(number)


def case_progress(membership: Membership, cases: Sequence[Any]) -> list[CaseProgress]:
    """Return the progress of these cases, from two queries."""
    readings: dict[Any, list[Reading]] = defaultdict(list)
    rows = Reading.objects.filter(case__in=cases).select_related("reading_list__reader")
    for reading in rows.order_by(
        "reading_list__reader__label", "reading_list__period", "replicate"
    ):
        readings[reading.case_id].append(reading)
    shown = None
    if membership.site_id is not None:
        shown = set(accessible_readers(membership).values_list("pk", flat=True))
    sequential = membership.study.sequential
    return [_progress(case, readings[case.pk], shown, sequential=sequential) for case in cases]


def case_rows(membership: Membership, *, waiting: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows of the CSV, with the same number of queries for every page of cases."""
    paginator = Paginator(cases_of(membership, waiting=waiting), CASES_PER_PAGE)
    for number in paginator.page_range:
        for row in case_progress(membership, list(paginator.page(number).object_list)):
            yield {
                "case": row.label,
                "case_site": row.site,
                "state": row.state,
                "assigned": row.total,
                "read": row.read,
                "left": row.left,
                "waiting_for": "; ".join(row.waiting_for),
            }


def _progress(
    case: Any, readings: Sequence[Reading], shown: set[int] | None, *, sequential: bool
) -> CaseProgress:
    unread = [reading for reading in readings if reading.submitted_at is None]
    return CaseProgress(
        label=case.label,
        site=case.site.code,
        state=case.get_state_display(),
        read=len(readings) - len(unread),
        total=len(readings),
        waiting_for=(
            tuple(_readers(unread, shown, sequential=sequential))
            if readings
            else (_next_step(case),)
        ),
    )


def _next_step(case: Any) -> str:
    """Return what a case waits for before it is assigned."""
    if case.levels_uncertain:
        return "review of the level labels"
    if case.unconfirmed:
        return "correction or confirmation of the corners"
    return BEFORE_ASSIGNMENT.get(case.state, "assignment")


def _readers(
    unread: Sequence[Reading], shown: set[int] | None, *, sequential: bool
) -> Iterator[str]:
    """Yield the readers with their periods or, in a sequential study, first and second readings.

    Readers of other sites are only counted.
    """
    parts_of: dict[str, Counter[str]] = defaultdict(Counter)
    elsewhere = set()
    for reading in unread:
        reader = reading.reading_list.reader
        if shown is not None and reader.pk not in shown:
            elsewhere.add(reader.pk)
            continue
        label = reader.label if reader.active else f"{reader.label} (deactivated)"
        reading_list = reading.reading_list
        part = f"period {reading_list.period}"
        if sequential:
            part = "second reading" if reading_list.step == 2 else "first reading"
        parts_of[label][part] += 1
    for label, counts in parts_of.items():
        # Hidden repeats give a further reading of the same period.
        parts = [
            f"{part} ({count} {'times' if sequential else 'readings'})" if count > 1 else part
            for part, count in sorted(counts.items())
        ]
        yield f"{label}, {' and '.join(parts)}"
    if elsewhere:
        count = len(elsewhere)
        yield f"{count} reader{'' if count == 1 else 's'} at other sites"
