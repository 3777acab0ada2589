"""The mark that a backup leaves in the audit trail."""

from __future__ import annotations

from datetime import datetime

from studies.audit.models import Event
from studies.audit.record import record

BACKUP = "backup.recorded"


def record_backup() -> Event:
    """Record that a backup of database and files is complete."""
    # In the database, because files can be in a bucket and workers on other machines.
    return record(BACKUP)


def last_backup() -> datetime | None:
    """Return when the last backup was recorded, None if none was."""
    event = Event.objects.filter(action=BACKUP).order_by("-at").first()
    return event.at if event else None
