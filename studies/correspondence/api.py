"""REST endpoints of the reading room: questions about a reading, and announcements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from studies.correspondence.announcements import acknowledge_announcement
from studies.correspondence.inbox import get_inbox
from studies.correspondence.models import MAX_TEXT_LENGTH, Announcement, Thread
from studies.correspondence.representations import (
    InboxJSON,
    ReadingMessagesJSON,
    inbox_json,
    message_json,
)
from studies.correspondence.subjects import Subject, find_own_subject
from studies.correspondence.threads import ask_question, mark_read
from studies.errors import ErrorJSON, NotFound
from studies.readers.access import active_memberships, get_membership
from studies.readers.models import Membership, Role
from studies.readers.requests import UserAPIRequest, user_api_view

MAX_SHOWN = 10
"""Messages that the reading room shows; the page of the thread has all of them."""


class QuestionInput(serializers.Serializer[Any]):
    """A question about a reading."""

    message_id = serializers.UUIDField(
        help_text="A request with the id of a stored message stores nothing."
    )
    text = serializers.CharField(max_length=MAX_TEXT_LENGTH)


QUESTION = QuestionInput()


@extend_schema(methods=["GET"], responses={200: ReadingMessagesJSON})
@extend_schema(
    methods=["POST"], request=QuestionInput, responses={200: ReadingMessagesJSON, 429: ErrorJSON}
)
@user_api_view("GET", "POST")
def reading_messages(request: UserAPIRequest, pk: UUID) -> Response:
    """Return the messages about a reading, or ask a question about it."""
    subject = find_own_subject(user=request.user, pk=pk)
    if request.method == "POST":
        values = dict(QUESTION.run_validation(request.data))
        ask_question(reader=subject.reader, subject=subject, **values)
    return Response(_messages_json(subject))


@extend_schema(responses={200: InboxJSON})
@user_api_view("GET")
def study_messages(request: UserAPIRequest, slug: str) -> Response:
    """Return how many threads are unread, and the announcements to acknowledge."""
    return Response(inbox_json(get_inbox(get_membership(request.user, slug, Role.READER))))


@extend_schema(request=None, responses={204: None})
@user_api_view("POST")
def acknowledge(request: UserAPIRequest, pk: UUID) -> Response:
    """Record that the reader has read an announcement."""
    reader = _reader_of_announcement(request, pk)
    acknowledge_announcement(pk=pk, reader=reader)
    return Response(status=status.HTTP_204_NO_CONTENT)


def _reader_of_announcement(request: UserAPIRequest, pk: UUID) -> Membership:
    announcement = Announcement.objects.filter(pk=pk).first()
    readers = active_memberships(request.user, Role.READER)
    reader = readers.filter(study=announcement.study_id).first() if announcement else None
    if reader is None:
        raise NotFound
    return reader


def _messages_json(subject: Subject) -> ReadingMessagesJSON:
    """Return the latest thread about a reading, which counts as read from now on."""
    reader = subject.reader
    threads = Thread.objects.seen_by(reader).filter(
        reading=subject.reading, refresher=subject.refresher
    )
    thread = threads.order_by("-started_at").first()
    answer: ReadingMessagesJSON = {
        "name": subject.name,
        "messages": [],
        "earlier": 0,
        "closed": False,
        "max_length": MAX_TEXT_LENGTH,
    }
    if thread is None:
        return answer
    messages = thread.messages.select_related("author__user")
    latest = list(messages.order_by("-pk")[:MAX_SHOWN])[::-1]
    mark_read(thread=thread, member=reader, last_message=latest[-1].pk)
    answer["messages"] = [message_json(message, reader) for message in latest]
    answer["earlier"] = thread.messages.count() - len(latest)
    answer["closed"] = thread.is_closed
    return answer
