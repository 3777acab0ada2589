"""Writing of audit events."""

from __future__ import annotations

from typing import Any

from studies.audit.models import Event


def record(
    action: str, *, actor: Any = None, study: Any = None, subject: Any = "", **data: Any
) -> Event:
    """Write an event; call it in the transaction of the change that it records.

    ``data`` must not hold a file name, a patient's identifier or a score that is still masked. The
    codes in ``action`` are part of the append-only trail and are therefore never renamed, even
    where pages use another term today (``case.refused`` is a rejection).
    """
    return Event.objects.create(
        action=action,
        actor=actor,
        # The slug, not a foreign key: audit is the lowest app and imports no other.
        study=study.slug if study else "",
        subject=str(subject),
        data=data,
    )
