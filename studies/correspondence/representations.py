"""Threads, messages and announcements as a member sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from studies.cases.models import Case
from studies.correspondence.inbox import Inbox
from studies.correspondence.models import Announcement, Message, Thread
from studies.openapi import UUIDText
from studies.readers.models import Membership, Role

GENERAL = "general question"


class MessageJSON(TypedDict):
    """A message; ``author`` is "You" or a role."""

    author: str
    text: str
    written_at: datetime


class ReadingMessagesJSON(TypedDict):
    """The reader's latest thread about a reading.

    ``name`` is the reading as the reader sees it, ``earlier`` how many messages before these are
    left out, and ``closed`` whether a further question starts a new thread.
    """

    name: str
    messages: list[MessageJSON]
    earlier: int
    closed: bool
    max_length: int


class StudyAnnouncementJSON(TypedDict):
    """An announcement by a coordinator; ``author`` is a role."""

    id: UUIDText
    author: str
    text: str
    published_at: datetime


class InboxJSON(TypedDict):
    """The number of threads with unread messages, and announcements to acknowledge."""

    unread: int
    announcements: list[StudyAnnouncementJSON]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message on a page."""

    author: str
    by_viewer: bool
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread in a list; the case is for coordinators who may see it."""

    thread: Thread
    title: str
    case: Case | None
    subject_note: str
    state: str


def role_name(author: Membership) -> str:
    """Return what readers see of a coordinator: the role, never the name."""
    return "Site coordinator" if author.site_id is not None else "Coordinator"


def author_name(author: Membership, viewer: Membership) -> str:
    """Return the author of a message as the viewer may see it."""
    if author.pk == viewer.pk:
        return "You"
    if viewer.role == Role.READER:
        return role_name(author)
    return f"{author.label}, {author.user.shown_name}"


def message_rows(messages: Iterable[Message], viewer: Membership) -> list[MessageRow]:
    """Return messages for a page; the authors must have been fetched."""
    return [
        MessageRow(
            author_name(message.author, viewer),
            message.author_id == viewer.pk,
            message.text,
            message.written_at,
        )
        for message in messages
    ]


def thread_rows(threads: Sequence[Thread], viewer: Membership) -> list[ThreadRow]:
    """Return threads for a list, in a constant number of queries.

    The threads must have their last message (`ThreadQuerySet.with_last_message`).
    """
    cases: dict[UUID, Case] = {}
    if viewer.role == Role.COORDINATOR:
        keys = [thread.reading.case_id for thread in threads if thread.reading is not None]
        cases = Case.objects.seen_by(viewer).in_bulk(keys)
    return [_thread_row(thread, viewer, cases) for thread in threads]


def _thread_row(thread: Thread, viewer: Membership, cases: dict[UUID, Case]) -> ThreadRow:
    case = cases.get(thread.reading.case_id) if thread.reading is not None else None
    return ThreadRow(
        thread,
        (thread.name or GENERAL).capitalize(),
        case,
        "" if case else _subject_note(thread, viewer),
        _state(thread, viewer),
    )


def _subject_note(thread: Thread, viewer: Membership) -> str:
    """Return why a coordinator sees no case; readers never get a note."""
    if viewer.role != Role.COORDINATOR or not thread.name:
        return ""
    if viewer.site_id is not None:
        # The same text for a refresher: practice is managed by coordinators of the whole study.
        return "not a case of your site"
    if thread.refresher is None:
        return "refresher, since left out"
    return f"practice case {thread.refresher.practice_case.number}, in a refresher"


def _state(thread: Thread, viewer: Membership) -> str:
    if thread.is_closed:
        return "closed"
    waiting = getattr(thread, "last_role", None) == Role.READER
    if viewer.role == Role.READER:
        return "sent" if waiting else "answered"
    return "unanswered" if waiting else "answered"


def inbox_json(inbox: Inbox) -> InboxJSON:
    """Return what waits for a reader."""
    return {
        "unread": inbox.unread,
        "announcements": [announcement_json(row) for row in inbox.announcements],
    }


def announcement_json(announcement: Announcement) -> StudyAnnouncementJSON:
    """Return an announcement as readers see it."""
    return {
        "id": str(announcement.pk),
        "author": announcement.author_role,
        "text": announcement.text,
        "published_at": announcement.published_at,
    }


def message_json(message: Message, viewer: Membership) -> MessageJSON:
    """Return a message as the viewer sees it."""
    return {
        "author": author_name(message.author, viewer),
        "text": message.text,
        "written_at": message.written_at,
    }
