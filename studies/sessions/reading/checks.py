"""Whether a reading can be changed, and whether it is complete."""

from __future__ import annotations

from collections.abc import Set

from studies.analytics.scale import AAC8_CELLS, CELLS
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row
from studies.sessions.models import Reading


def check_writable(reading: Reading) -> None:
    """Raise Conflict unless the reading can be changed; lock the study's state until commit."""
    study = lock_study_row(reading.study.pk)
    check_states(reading=reading.state, study=study.state, case=reading.case.state)


def check_complete(scored: Set[str], *, aac8: bool) -> None:
    """Raise Conflict while a cell, or with ``aac8`` a wall, has neither a score nor a reason."""
    if missing := len(set(CELLS) - scored):
        raise Conflict(
            "incomplete",
            f"{missing} of the {len(CELLS)} cells have neither a score nor a reason. Complete them "
            "before you submit.",
        )
    if aac8 and not scored >= set(AAC8_CELLS):
        raise Conflict("incomplete", "AAC-8 needs a score or a reason for each of the two walls.")


def check_states(*, reading: str, study: str, case: str) -> None:
    """Raise Conflict with the reason why a reading cannot be changed."""
    if study not in (Study.State.OPEN, Study.State.LOCKED):
        raise Conflict(
            "study_closed",
            f"The study is {Study.State(study).label}. Nothing can be saved.",
        )
    check_changeable(
        locked=study == Study.State.LOCKED, excluded=case == "excluded", reading=reading
    )


def check_changeable(*, locked: bool, excluded: bool, reading: str) -> None:
    """Raise Conflict with the reason why a reading, of a study or of practice, cannot be changed.

    Parameters
    ----------
    locked
        Whether the study is locked.
    excluded
        Whether the case was excluded.
    reading
        The state of the reading.
    """
    # The most general reason first, because it also explains the others.
    if locked:
        raise Conflict("study_locked", "The study is locked. No further changes can be saved.")
    if excluded:
        raise Conflict(
            "case_excluded", "This case was excluded from the study. Continue with the next one."
        )
    if reading == Reading.State.SUBMITTED:
        raise Conflict(
            "submitted", "This case has already been submitted. Continue with the next one."
        )
    if reading != Reading.State.OPEN:
        raise Conflict("not_open", "Open the case before you score it.")
