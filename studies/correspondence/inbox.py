"""What waits for a member: unread threads, and announcements to acknowledge."""

from __future__ import annotations

from dataclasses import dataclass

from studies.correspondence.models import Announcement, Thread
from studies.readers.models import Membership, Role

MAX_PENDING = 3
"""Announcements that a page shows at once; the next ones follow when these are acknowledged."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """The number of threads with unread messages, and the oldest pending announcements."""

    unread: int
    announcements: tuple[Announcement, ...]


def count_unread(membership: Membership) -> int:
    """Return in how many threads the other side has written, from one query."""
    if membership.role not in {Role.READER, Role.COORDINATOR}:
        return 0
    return Thread.objects.seen_by(membership).unread_by(membership).count()


def get_inbox(membership: Membership) -> Inbox:
    """Return what waits for a member. Only readers acknowledge announcements."""
    announcements: tuple[Announcement, ...] = ()
    if membership.role == Role.READER:
        pending = Announcement.objects.pending_for(membership).select_related("author")
        announcements = tuple(pending[:MAX_PENDING])
    return Inbox(count_unread(membership), announcements)
