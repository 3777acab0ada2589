"""What every change of a reader's reading has in common: its locks, its refusals, its replay."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from studies.errors import Conflict, NotFound
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import User
from studies.sessions.models import Change, Reading


def locked_reading(user: User, pk: UUID, *, with_case: bool = False) -> Reading:
    """The person's own reading, its row locked, so that two windows write one after the other.

    ``with_case`` also fetches the image and the landmarks, which changes do not need.
    """
    own = Reading.objects.of_reader(user)
    own = own.with_case() if with_case else own.select_related("reading_list__study", "case")
    reading = own.select_for_update(of=("self",)).filter(pk=pk).first()
    if reading is None:
        raise NotFound
    return reading


def check_writable(reading: Reading) -> None:
    """Raise Conflict unless the reading can be changed now; the study cannot close until then."""
    study = lock_study_row(reading.study.pk)
    check_states(reading=reading.state, study=study.state, case=reading.case.state)


def check_states(*, reading: str, study: str, case: str) -> None:
    """Raise Conflict with the reason why a reading cannot be changed."""
    if study == Study.State.LOCKED:
        raise Conflict("study_locked", "The study is locked: nothing more can be saved.")
    if study != Study.State.OPEN:
        raise Conflict(
            "study_closed",
            f"The study is {Study.State(study).label}: nothing more can be saved.",
        )
    if case == "excluded":
        raise Conflict("case_excluded", "This case was taken out of the study. Go on to the next.")
    if reading == Reading.State.SUBMITTED:
        raise Conflict("submitted", "This case is submitted already. Go on to the next.")
    if reading != Reading.State.OPEN:
        raise Conflict("not_open", "Open the case before you score it.")


def previous_answer(
    reading: Reading, change_id: UUID, kind: str, sent: dict[str, Any]
) -> dict[str, Any] | None:
    """Return the answer that this change got before, if it was made before.

    Raises Conflict if the id belongs to another change.
    """
    change = Change.objects.filter(reading=reading, change_id=change_id).first()
    if change is None:
        return None
    check_same_change(change.kind, change.value, kind, sent)
    return change.answer


def check_same_change(
    stored_kind: str, stored_value: dict[str, Any], kind: str, sent: dict[str, Any]
) -> None:
    """Raise Conflict if a change_id that was used before comes with another change."""
    if stored_kind != kind or any(stored_value.get(name) != sent[name] for name in sent):
        raise Conflict(
            "change_id_reused",
            "Nothing was saved: this change_id belongs to another change. Send a new one.",
        )


def remember(
    reading: Reading, change_id: UUID, kind: str, value: dict[str, Any], answer: dict[str, Any]
) -> None:
    Change.objects.create(
        reading=reading, change_id=change_id, kind=kind, value=value, answer=answer
    )
