"""A study in which a reader has read two cases and has the third one open."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from studies.correspondence.announcements import publish_announcement
from studies.correspondence.models import Announcement, Message
from studies.correspondence.subjects import find_own_subject
from studies.correspondence.threads import ask_question, write_message
from studies.readers.models import Membership
from studies.sessions.models import Reading
from tests.make import Cast, acknowledge_first_period


def ask(reader: Membership, text: str = "Is this an osteophyte?", about: Any = None) -> Message:
    """Ask about a reading, or in general."""
    subject = find_own_subject(user=reader.user, pk=about) if about else None
    return ask_question(reader=reader, subject=subject, message_id=uuid4(), text=text)


def answer(message: Message, author: Membership, text: str = "See the instructions.") -> Message:
    return write_message(thread=message.thread, author=author, message_id=uuid4(), text=text)


def announce(author: Membership, text: str = "Pause on Friday.", site: Any = None) -> Announcement:
    return publish_announcement(author=author, site=site, message_id=uuid4(), text=text)


def lock(study: Any) -> None:
    """Lock a study although readings are left."""
    type(study).objects.filter(pk=study.pk).update(state="locked", locked_at=timezone.now())


@pytest.fixture
def written(cast: Cast) -> SimpleNamespace:
    """The cast with memberships; the first reading of each reader is open."""
    cases = cast.assign_cases(3)
    acknowledge_first_period(cast.study)
    members = {member.user_id: member for member in cast.study.memberships.select_related("study")}
    readings = {}
    for reader in (cast.reader, cast.other_reader):
        first = Reading.objects.filter(reading_list__reader=reader).in_order().first()
        first.state, first.opened_at = "open", cast.study.opened_at
        first.save()
        readings[reader.pk] = first
    return SimpleNamespace(
        cast=cast,
        study=cast.study,
        cases=cases,
        slug=cast.study.slug,
        reader=cast.reader,
        other_reader=cast.other_reader,
        coordinator=members[cast.coordinator.pk],
        site_coordinator=members[cast.site_coordinator.pk],
        reading=readings[cast.reader.pk],
        other_reading=readings[cast.other_reader.pk],
    )
