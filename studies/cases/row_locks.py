"""Row locks for changes of a case."""

from __future__ import annotations

from studies.cases.models import Case
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row


def lock_case_for_change(case: Case) -> Case:
    """Return the case with its row locked; call it inside a transaction.

    The study's row is share-locked first, so that the study cannot be locked between this check
    and the change.

    Raises
    ------
    Conflict
        The study is locked.
    """
    # The study before the case, everywhere in this order, so that two changes cannot deadlock.
    check_study_unlocked(lock_study_row(case.study_id))
    rows = Case.objects.select_for_update(of=("self",)).select_related("study")
    locked: Case = rows.get(pk=case.pk)
    return locked


def check_study_unlocked(study: Study) -> None:
    """Raise Conflict when the study is locked."""
    if study.locked:
        raise Conflict("locked", "The study is locked, so its cases can no longer be changed.")
