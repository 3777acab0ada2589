"""Threads between readers and coordinators, and announcements to readers."""

from studies.correspondence.models.announcements import (
    Announcement,
    AnnouncementAcknowledgement,
    AnnouncementQuerySet,
)
from studies.correspondence.models.threads import (
    MAX_TEXT_LENGTH,
    Message,
    ReadMark,
    Thread,
    ThreadQuerySet,
)

__all__ = [
    "MAX_TEXT_LENGTH",
    "Announcement",
    "AnnouncementAcknowledgement",
    "AnnouncementQuerySet",
    "Message",
    "ReadMark",
    "Thread",
    "ThreadQuerySet",
]
