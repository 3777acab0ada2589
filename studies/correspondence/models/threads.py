"""Threads of a reader's questions with the coordinators' answers."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from studies.practice.models import PracticeReading
from studies.readers.access import accessible_readers
from studies.readers.models import Membership, Role
from studies.sessions.models import Reading

MAX_TEXT_LENGTH = 2000


class ThreadQuerySet(models.QuerySet["Thread"]):
    def seen_by(self, membership: Membership) -> ThreadQuerySet:
        """Return a reader's own threads, or those of the readers whom a coordinator may see."""
        if membership.role == Role.READER:
            return self.filter(reader=membership.pk)
        if membership.role == Role.COORDINATOR:
            return self.filter(reader__in=accessible_readers(membership).values("pk"))
        return self.none()

    def with_unread(self, membership: Membership) -> ThreadQuerySet:
        """Add ``unread``: whether the other side has written since the member last looked."""
        return self.annotate(unread=_written_since(membership))

    def unread_by(self, membership: Membership) -> ThreadQuerySet:
        """Return the threads in which the other side has written since the member last looked."""
        return self.filter(_written_since(membership))

    def with_last_message(self) -> ThreadQuerySet:
        """Add number, time and side of the last message, and sort by it, the latest first."""
        last = Message.objects.filter(thread=OuterRef("pk")).order_by("-pk")
        return self.annotate(
            last_number=Subquery(last.values("pk")[:1]),
            last_at=Subquery(last.values("written_at")[:1]),
            last_role=Subquery(last.values("author__role")[:1]),
        ).order_by("-last_number")


def _written_since(membership: Membership) -> Exists:
    mark = ReadMark.objects.filter(thread=OuterRef("thread"), member=membership.pk)
    seen = Coalesce(
        Subquery(mark.values("last_message")[:1]), Value(0), output_field=BigIntegerField()
    )
    # Coordinators share the work: an answer by another one is not news.
    others = Q(author__role=Role.READER)
    if membership.role == Role.READER:
        others = ~others
    return Exists(Message.objects.filter(others, thread=OuterRef("pk"), pk__gt=seen))


class Thread(models.Model):
    """A reader's question, about a reading or in general, and what was written about it since.

    A question about a reading of a refresher looks to its reader like one about any other reading.
    """

    # Random, so that the address does not reveal how many threads there are.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reader = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="threads")
    reading = models.ForeignKey(
        Reading, null=True, on_delete=models.PROTECT, related_name="threads"
    )
    # The rest of a refresher can be left out, which removes its readings.
    refresher = models.ForeignKey(
        PracticeReading, null=True, on_delete=models.SET_NULL, related_name="threads"
    )
    # Stored, because the number on the reader's screen changes when an earlier case is excluded.
    name = models.CharField(max_length=60, blank=True)
    """The reading as its reader saw it when asking; "" for a general question."""
    started_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ThreadQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="thread_about_one_reading", condition=Q(reading=None) | Q(refresher=None)
            ),
            models.CheckConstraint(
                name="thread_about_reading_has_name",
                condition=Q(reading=None, refresher=None) | ~Q(name=""),
            ),
            models.CheckConstraint(
                name="thread_closed_by_someone",
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__gte=F("started_at"), closed_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["reading"], condition=Q(closed_at=None), name="one_open_thread_a_reading"
            ),
            models.UniqueConstraint(
                fields=["refresher"],
                condition=Q(closed_at=None),
                name="one_open_thread_a_refresher",
            ),
        ]
        triggers = [pgtrigger.Protect(name="threads_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.name or 'general question'} of {self.reader.label}"

    @property
    def is_closed(self) -> bool:
        """Whether nothing more can be written."""
        return self.closed_at is not None


class Message(models.Model):
    """A text by the reader of the thread or by a coordinator. It is never changed."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="messages")
    # From the browser: a repeated request stores nothing.
    message_id = models.UUIDField()
    text = models.CharField(max_length=MAX_TEXT_LENGTH)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["author", "message_id"], name="message_once"),
            models.CheckConstraint(name="message_has_text", condition=~Q(text="")),
        ]
        indexes = [models.Index(fields=["author", "written_at"], name="messages_of_author")]
        triggers = [
            pgtrigger.Protect(
                name="messages_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"Message {self.pk} by {self.author.label}"


class ReadMark(models.Model):
    """Up to which message a member has seen a thread."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="read_marks")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    last_message = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "member"], name="one_read_mark_a_member")
        ]

    def __str__(self) -> str:
        return f"{self.member.label} has seen {self.thread}"
