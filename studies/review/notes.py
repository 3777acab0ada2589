"""Write notes on cases, and read them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, QuerySet

from studies.audit.record import record
from studies.cases.models import Case
from studies.errors import Conflict, StudyError
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import Membership
from studies.review.models import ReviewNote

MAX_NOTE_LENGTH = 2000


@transaction.atomic
def add_note(*, case: Case, by: Membership, text: str) -> ReviewNote:
    """Add a note to a case of a locked study.

    Raises StudyError if the text is empty or too long, Conflict if the study is not locked.
    """
    text = text.strip()
    if not text or len(text) > MAX_NOTE_LENGTH or "\0" in text:
        raise StudyError("note_wrong", f"Enter a note of at most {MAX_NOTE_LENGTH} characters.")
    if not lock_study_row(case.study_id).locked:
        raise Conflict("not_locked", "Notes can be written once the study is locked.")
    note = ReviewNote(case=case, by=by, text=text)
    note.full_clean()
    note.save()
    record("review.note_added", actor=by.user, study=case.study, subject=case.label)
    return note


def notes_of(case: Case) -> QuerySet[ReviewNote]:
    """Return the notes on a case, oldest first, with their authors."""
    return ReviewNote.objects.filter(case=case).select_related("by")


def count_notes(study: Study, labels: Sequence[str]) -> dict[str, int]:
    """Return the number of notes by case label; cases without notes are absent."""
    notes = ReviewNote.objects.filter(case__study=study, case__label__in=labels)
    counted = notes.order_by().values("case__label").annotate(notes=Count("pk"))
    return dict(counted.values_list("case__label", "notes"))
