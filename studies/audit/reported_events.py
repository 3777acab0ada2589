"""Events of a study that its report states, read from the audit trail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studies.audit.models import Event


@dataclass(frozen=True)
class RecordedEvent:
    """One event: its time, action, subject and data."""

    at: datetime
    action: str
    subject: str
    data: dict[str, Any]


def events_of_study(slug: str, actions: Collection[str]) -> list[RecordedEvent]:
    """Return the events of a study with these actions, oldest first."""
    events = Event.objects.filter(study=slug, action__in=actions).order_by("at", "pk")
    return [RecordedEvent(event.at, event.action, event.subject, event.data) for event in events]
