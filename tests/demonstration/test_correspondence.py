"""Messages, announcements and notes of the demonstration fill the pages that show them."""

from __future__ import annotations

import pytest

from studies.analytics.scale import CELLS
from studies.correspondence.models import Announcement, Message, Thread
from studies.demonstration.correspondence import (
    add_messages_of_finished_study,
    add_messages_of_open_study,
    add_review_notes,
)
from studies.review.models import ReviewNote
from studies.sessions.models import Reading, Score
from tests.make import Cast
from tests.reports.submitted_study import lock, submit_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(cast: Cast) -> Cast:
    cast.assign_cases(4)
    submit_everything(cast)
    return cast


def test_open_study_has_an_answered_and_a_waiting_question(cast, client_of):
    add_messages_of_open_study(cast.study)
    assert Announcement.objects.filter(site=None).count() == 1
    assert Announcement.objects.filter(site=cast.other_site).count() == 1
    assert Thread.objects.filter(closed_at=None, reading=None).count() == 2
    assert Message.objects.count() == 3
    page = client_of(cast.reader.user).get("/").content.decode()
    assert "Welcome to the study." in page


def test_finished_study_has_closed_threads_about_readings(read):
    add_messages_of_finished_study(read.study)
    lock(read)
    threads = Thread.objects.select_related("reading__reading_list")
    assert {thread.reader.label for thread in threads} == {"R01", "R02"}
    assert all(thread.reading and thread.is_closed for thread in threads)
    announcement = Announcement.objects.get()
    assert announcement.acknowledgements.count() == 2


def test_notes_explain_the_first_shifted_and_the_first_other_case(read):
    shifted, *others = read.study.cases.order_by("label")
    grades = [0, 0, 2, 3, 3, 1, 0, 0]
    for reading in Reading.objects.filter(case=shifted):
        is_second = reading.reading_list.reader.label == "R02"
        values = [*grades[2:], 0, 0] if is_second else grades
        for cell, value in zip(CELLS, values, strict=True):
            Score.objects.filter(reading=reading, cell=cell).update(score=value)
    lock(read)
    add_review_notes(read.study)
    note, other = ReviewNote.objects.order_by("pk")
    assert note.case == shifted
    assert note.text.startswith("R01 and R02 numbered the vertebrae differently.")
    assert other.case in others
    assert [note.by.label, other.by.label] == ["CO01", "S01"]
