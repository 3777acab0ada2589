"""Asking, answering and closing, and which members get a notification."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from studies.audit.models import Event
from studies.correspondence import limits
from studies.correspondence.inbox import count_unread
from studies.correspondence.models import Message, Thread
from studies.correspondence.subjects import find_own_subject
from studies.correspondence.threads import ask_question, close_thread, mark_read
from studies.errors import Conflict, NotFound, StudyError
from studies.readers.members import set_active
from studies.sessions.study_lifecycle import pause_study
from tests.correspondence.conftest import answer, ask, lock

pytestmark = pytest.mark.django_db


def test_question_about_a_reading_has_the_name_that_both_sides_share(written):
    question = ask(written.reader, about=written.reading.pk)
    assert question.thread.name == written.reading.name == "reading 1, period 1"
    assert question.thread.reading == written.reading


def test_second_question_about_a_reading_joins_the_open_thread(written):
    first = ask(written.reader, about=written.reading.pk)
    second = ask(written.reader, "And below?", about=written.reading.pk)
    assert first.thread == second.thread


def test_question_after_closing_starts_a_new_thread(written):
    first = ask(written.reader, about=written.reading.pk)
    close_thread(thread=first.thread, by=written.coordinator)
    second = ask(written.reader, "Once more", about=written.reading.pk)
    assert first.thread != second.thread


def test_nothing_is_written_in_a_closed_thread(written):
    question = ask(written.reader)
    close_thread(thread=question.thread, by=written.coordinator)
    for author in (written.coordinator, written.reader):
        with pytest.raises(Conflict, match="closed"):
            answer(question, author)


def test_reading_that_was_not_opened_cannot_be_asked_about(written):
    waiting = written.reading.reading_list.readings.filter(state="waiting").first()
    with pytest.raises(Conflict, match="Open the case first"):
        find_own_subject(user=written.reader.user, pk=waiting.pk)


def test_reading_of_another_reader_does_not_exist(written):
    with pytest.raises(NotFound):
        find_own_subject(user=written.reader.user, pk=written.other_reading.pk)


def test_repeated_request_stores_one_message(written):
    key = uuid4()
    messages = [
        ask_question(reader=written.reader, subject=None, message_id=key, text="Again?")
        for _ in range(2)
    ]
    assert messages[0] == messages[1]
    assert Thread.objects.count() == Message.objects.count() == 1


def test_id_of_another_message_is_refused(written):
    key = uuid4()
    ask_question(reader=written.reader, subject=None, message_id=key, text="First")
    with pytest.raises(Conflict, match="belongs to another message"):
        ask_question(reader=written.reader, subject=None, message_id=key, text="Second")


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2001, "a\0b"])
def test_text_that_is_empty_too_long_or_not_storable_is_refused(written, text):
    with pytest.raises(StudyError, match="1 to 2000 characters"):
        ask(written.reader, text)


def test_text_of_the_longest_length_is_stored_with_plain_line_ends(written):
    # Browsers send each line end as two characters, which the page counts as one.
    lines = "\r\n".join(["x" * 99] * 20)
    assert ask(written.reader, lines).text == "\n".join(["x" * 99] * 20)


def test_member_who_writes_too_much_has_to_wait(written, monkeypatch):
    monkeypatch.setattr(limits, "PER_HOUR", 2)
    ask(written.reader)
    ask(written.reader)
    with pytest.raises(limits.TooManyMessages) as caught:
        ask(written.reader)
    assert (caught.value.status, caught.value.retry_after_s) == (429, 600)
    # Others are not affected.
    ask(written.other_reader)


def test_deactivated_reader_keeps_the_messages_and_cannot_write(written):
    question = ask(written.reader)
    set_active(membership=written.reader, active=False, by=written.cast.coordinator)
    with pytest.raises(NotFound):
        ask(written.reader)
    with pytest.raises(Conflict, match="was deactivated"):
        answer(question, written.coordinator)
    assert Thread.objects.seen_by(written.coordinator).get() == question.thread


def test_paused_study_still_has_messages(written):
    pause_study(study=written.study, by=written.cast.coordinator)
    answer(ask(written.reader), written.coordinator)


def test_nothing_is_written_once_the_study_is_locked(written):
    question = ask(written.reader)
    lock(written.study)
    for write in (
        lambda: ask(written.reader),
        lambda: answer(question, written.coordinator),
        lambda: close_thread(thread=question.thread, by=written.coordinator),
    ):
        with pytest.raises(Conflict, match="locked"):
            write()
    assert Message.objects.count() == 1


def test_reader_has_unread_only_what_coordinators_wrote(written):
    question = ask(written.reader)
    assert count_unread(written.reader) == 0
    reply = answer(question, written.coordinator)
    assert count_unread(written.reader) == 1
    mark_read(thread=question.thread, member=written.reader, last_message=reply.pk)
    assert count_unread(written.reader) == 0


def test_every_coordinator_has_unread_questions_but_no_unread_answers(written):
    question = ask(written.reader)
    assert count_unread(written.coordinator) == count_unread(written.site_coordinator) == 1
    answer(question, written.site_coordinator)
    assert count_unread(written.site_coordinator) == 0
    mark_read(thread=question.thread, member=written.coordinator, last_message=question.pk)
    assert count_unread(written.coordinator) == 0


def test_older_window_does_not_make_a_thread_unread_again(written):
    question = ask(written.reader)
    reply = answer(question, written.coordinator)
    for seen in (reply.pk, question.pk):
        mark_read(thread=question.thread, member=written.reader, last_message=seen)
    assert count_unread(written.reader) == 0


def test_site_coordinator_has_threads_of_the_readers_of_their_site_only(written):
    first, second = ask(written.reader).thread, ask(written.other_reader).thread
    assert list(Thread.objects.seen_by(written.site_coordinator)) == [first]
    assert set(Thread.objects.seen_by(written.coordinator)) == {first, second}
    assert list(Thread.objects.seen_by(written.other_reader)) == [second]


def test_audit_trail_has_no_text(written):
    question = ask(written.reader, "secret text", about=written.reading.pk)
    answer(question, written.coordinator, "secret text")
    close_thread(thread=question.thread, by=written.coordinator)
    close_thread(thread=question.thread, by=written.coordinator)
    events = Event.objects.filter(action__startswith="message.").order_by("pk")
    assert [event.action for event in events] == [
        "message.asked",
        "message.answered",
        "message.thread_closed",
    ]
    assert "secret" not in str([(event.subject, event.data) for event in events])
    assert {event.subject for event in events} == {"R01"}


def test_database_keeps_messages_as_they_were_written(written):
    message = ask(written.reader)
    for change in (
        lambda: Message.objects.filter(pk=message.pk).update(text="other"),
        lambda: Message.objects.filter(pk=message.pk).delete(),
        lambda: Thread.objects.filter(pk=message.thread_id).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_database_allows_one_open_thread_a_reading(written):
    thread = ask(written.reader, about=written.reading.pk).thread
    with pytest.raises(IntegrityError), transaction.atomic():
        Thread.objects.create(reader=written.reader, reading=written.reading, name=thread.name)
