"""The values of readings at their first or last submission, from the stored changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from studies.analytics.scale import cells_to_score
from studies.sessions.models import Change

Value = tuple[int | None, int | None, str]
SCORED = frozenset(cells_to_score(aac8=True))


@dataclass(slots=True)
class SubmittedValues:
    """Score, validity and reason of each cell and of AAC-8, comment and traces, as submitted."""

    cells: dict[str, Value] = field(default_factory=dict)
    comment: str | None = None
    traces: dict[str, Any] | None = None

    def apply(self, kind: str, value: dict[str, Any]) -> None:
        """Apply one change."""
        if kind in SCORED:
            self.cells[kind] = (value["score"], value["validity"], value["reason"])
        elif kind == "start":
            for cell, start in value["cells"].items():
                self.apply(cell, start)
        elif kind == "comment":
            self.comment = value["text"]
        elif kind == "traces":
            self.traces = value

    def copy(self) -> SubmittedValues:
        """Return a copy to which further changes do not apply."""
        return SubmittedValues(dict(self.cells), self.comment, self.traces)


def first_submissions(readings: Iterable[UUID]) -> dict[UUID, SubmittedValues]:
    """Return the values of the first submission of each reading that has one."""
    return {pk: submissions[0] for pk, submissions in _submissions(readings).items()}


def last_submissions(readings: Iterable[UUID]) -> dict[UUID, SubmittedValues]:
    """Return the values of the last submission of each reading that has one."""
    return {pk: submissions[-1] for pk, submissions in _submissions(readings).items()}


def _submissions(readings: Iterable[UUID]) -> dict[UUID, list[SubmittedValues]]:
    """Return the first and the last submission of each reading; simulated readings have none."""
    changes = Change.objects.filter(reading__in=readings).exclude(kind="time")
    current: dict[UUID, SubmittedValues] = {}
    submitted: dict[UUID, list[SubmittedValues]] = {}
    # By key, because the changes of a reading are written one at a time while it is locked.
    for pk, kind, value in changes.order_by("pk").values_list("reading", "kind", "value"):
        values = current.setdefault(pk, SubmittedValues())
        if kind == "submit":
            submitted[pk] = [*submitted.get(pk, [])[:1], values.copy()]
        else:
            values.apply(kind, value)
    return submitted
