"""Asking, answering and closing, and marking a thread as read."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from studies.audit.record import record
from studies.correspondence.limits import check_rate, clean_text, lock_writer
from studies.correspondence.models import Message, ReadMark, Thread
from studies.correspondence.subjects import Subject
from studies.errors import Conflict, NotFound
from studies.readers.models import Membership, Role

CLOSED = "This thread is closed, so nothing was sent. Ask a new question instead."


def get_thread(membership: Membership, pk: UUID) -> Thread:
    """Return a thread that the member may see. Raises NotFound."""
    threads = Thread.objects.seen_by(membership)
    thread = threads.select_related("reader__user", "reader__site").filter(pk=pk).first()
    if thread is None:
        raise NotFound
    return thread


@transaction.atomic
def ask_question(
    *, reader: Membership, subject: Subject | None, message_id: UUID, text: str
) -> Message:
    """Add a question to the open thread of the reading, or to a new one.

    Without a subject, it is a general question. A repeated ``message_id`` returns the stored
    message. Raises Conflict once the study is locked.
    """
    text = clean_text(text, noun="question")
    reader = lock_writer(reader)
    stored = _find_repeated(reader, message_id, text)
    if stored is not None:
        return stored
    check_rate(reader)
    thread = _open_thread(subject) if subject else None
    if thread is None:
        thread = Thread.objects.create(
            reader=reader,
            reading=subject.reading if subject else None,
            refresher=subject.refresher if subject else None,
            name=subject.name if subject else "",
        )
    return _write(thread, reader, message_id, text, "message.asked")


@transaction.atomic
def write_message(*, thread: Thread, author: Membership, message_id: UUID, text: str) -> Message:
    """Add a message of the thread's reader or of a coordinator.

    Raises Conflict if the thread is closed, the study is locked, or the reader was deactivated.
    """
    text = clean_text(text)
    author = lock_writer(author)
    stored = _find_repeated(author, message_id, text)
    if stored is not None:
        return stored
    thread = _lock_thread(thread)
    if thread.is_closed:
        raise Conflict("closed", CLOSED)
    if not thread.reader.active:
        raise Conflict(
            "reader_inactive",
            f"{thread.reader.label} was deactivated and would not see the answer. Reactivate the "
            "member first, or close the thread.",
        )
    check_rate(author)
    action = "message.asked" if author.role == Role.READER else "message.answered"
    return _write(thread, author, message_id, text, action)


@transaction.atomic
def close_thread(*, thread: Thread, by: Membership) -> Thread:
    """Close a thread for both sides; one that is closed stays as it is."""
    by = lock_writer(by)
    thread = _lock_thread(thread)
    if not thread.is_closed:
        thread.closed_at, thread.closed_by = timezone.now(), by
        thread.save(update_fields=["closed_at", "closed_by"])
        record(
            "message.thread_closed",
            actor=by.user,
            study=by.study,
            subject=thread.reader.label,
            thread=str(thread.pk),
        )
    return thread


def mark_read(*, thread: Thread, member: Membership, last_message: int) -> None:
    """Store that the member has seen the thread up to this message."""
    mark, created = ReadMark.objects.get_or_create(
        thread=thread, member=member, defaults={"last_message": last_message}
    )
    if not created and mark.last_message < last_message:
        # Another window may have seen more.
        ReadMark.objects.filter(pk=mark.pk, last_message__lt=last_message).update(
            last_message=last_message
        )


def _open_thread(subject: Subject) -> Thread | None:
    threads = Thread.objects.filter(
        reader=subject.reader, reading=subject.reading, refresher=subject.refresher, closed_at=None
    )
    return threads.select_for_update().first()


def _lock_thread(thread: Thread) -> Thread:
    threads = Thread.objects.select_for_update(of=("self",)).select_related("reader")
    return threads.get(pk=thread.pk)


def _find_repeated(author: Membership, message_id: UUID, text: str) -> Message | None:
    """Return the stored message of a repeated request."""
    stored = (
        Message.objects.filter(author=author, message_id=message_id)
        .select_related("thread__reader")
        .first()
    )
    if stored is not None and stored.text != text:
        raise Conflict(
            "change_id_reused",
            "Nothing was sent: this id belongs to another message. Reload the page and send the "
            "text again.",
        )
    return stored


def _write(thread: Thread, author: Membership, message_id: UUID, text: str, action: str) -> Message:
    message = Message.objects.create(thread=thread, author=author, message_id=message_id, text=text)
    mark_read(thread=thread, member=author, last_message=message.pk)
    # Without the text, and without what a general question is about.
    record(
        action,
        actor=author.user,
        study=author.study,
        subject=thread.reader.label,
        thread=str(thread.pk),
        about=thread.name,
    )
    return message
