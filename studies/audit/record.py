from __future__ import annotations

from typing import Any

from studies.audit.models import Event


def record(
    action: str, *, actor: Any = None, study: Any = None, subject: Any = "", **data: Any
) -> Event:
    """Write an event; call it inside the transaction of what it tells about.

    ``data`` never holds a file name, a patient's identifier or a score that is still blind.
    """
    return Event.objects.create(
        action=action,
        actor=actor,
        study=study.slug if study else "",
        subject=str(subject),
        data=data,
    )
