from __future__ import annotations

import pytest
from django.db import transaction
from django.db.utils import InternalError
from django.urls import reverse

from studies.audit.models import Event
from studies.errors import Conflict
from studies.readers.models import Membership
from studies.review.models import ReviewNote
from studies.review.notes import add_note

pytestmark = pytest.mark.django_db


def note_page(cast) -> str:
    return reverse("add-review-note", args=[cast.study.slug, cast.study.cases.first().label])


def test_note_is_stored_under_the_label_and_audited(locked, client_of):
    client = client_of(locked.statistician)
    answer = client.post(
        f"{note_page(locked)}?outcome=aac24", {"text": "Osteophyte at L3"}, format="multipart"
    )
    assert answer.status_code == 302
    assert "outcome=aac24" in answer["Location"]
    shown = client.get(answer["Location"]).content.decode()
    assert "Osteophyte at L3" in shown
    assert "S01" in shown
    assert "Note added." in shown
    event = Event.objects.get(action="review.note_added")
    assert (event.actor, event.subject) == (
        locked.statistician,
        locked.study.cases.first().label,
    )
    # The text may say how a reader scored; the trail records that a note was written.
    assert "Osteophyte" not in str(event.data)


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\0b"])
def test_unusable_note_is_rejected_with_the_limit(locked, client_of, text):
    client = client_of(locked.coordinator)
    answer = client.post(note_page(locked), {"text": text}, format="multipart", follow=True)
    assert "Enter a note of at most 2000 characters." in answer.content.decode()
    assert not ReviewNote.objects.exists()


def test_note_is_rejected_before_the_lock(read):
    member = Membership.objects.get(study=read.study, user=read.coordinator)
    with pytest.raises(Conflict, match="once the study is locked"):
        add_note(case=read.study.cases.first(), by=member, text="Too early")


def test_notes_cannot_be_changed_or_deleted(locked):
    member = Membership.objects.get(study=locked.study, user=locked.coordinator)
    note = add_note(case=locked.study.cases.first(), by=member, text="Kept")
    for change in (lambda: ReviewNote.objects.update(text="Edited"), note.delete):
        with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
            change()
