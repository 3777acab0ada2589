"""Changes stored with their responses, by which repeated requests are recognised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from studies.errors import Conflict
from studies.sessions.models import Change, Reading


def find_previous_answer(
    reading: Reading, change_id: UUID, kind: str, sent: dict[str, Any]
) -> dict[str, Any] | None:
    """Return the stored answer to this change, or None if the change is new.

    Raises Conflict if the id belongs to another change.
    """
    change = Change.objects.filter(reading=reading, change_id=change_id).first()
    if change is None:
        return None
    check_same_change(change.kind, change.value, kind, sent)
    answer: dict[str, Any] = change.answer
    return answer


def check_same_change(
    stored_kind: str, stored_value: dict[str, Any], kind: str, sent: dict[str, Any]
) -> None:
    """Raise Conflict if a ``change_id`` that is in use arrives with another change."""
    # Answered with success, a reused id would lose the second change without a word.
    if stored_kind != kind or any(stored_value.get(name) != sent[name] for name in sent):
        raise Conflict(
            "change_id_reused",
            "Nothing was saved: this change_id belongs to another change. Send a new one.",
        )


def store_change(
    reading: Reading, change_id: UUID, kind: str, value: dict[str, Any], answer: Mapping[str, Any]
) -> None:
    """Store a change with its answer, in the transaction of the change itself."""
    Change.objects.create(
        reading=reading, change_id=change_id, kind=kind, value=value, answer=answer
    )
