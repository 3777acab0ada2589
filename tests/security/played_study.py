"""A study in progress with an example of everything that an address can be about."""

from __future__ import annotations

import shutil
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile

from studies.cases.models import Upload
from studies.correspondence.announcements import publish_announcement
from studies.correspondence.threads import ask_question
from studies.fine_tuning.models import FineTuningRun
from studies.practice.models import InstructionPicture, PracticeReading, PracticeRound
from studies.practice.practice_set import add_phantoms
from studies.practice.rounds.starting import start_round
from studies.readers.members import add_member
from studies.readers.models import Role
from studies.registry.installed import installed_model
from studies.sessions.models import Reading
from tests.make import Cast, make_user


@pytest.fixture(scope="module")
def played_once(kept_storage: Path) -> Cast:
    """Return an open study with assigned cases; Rita's current reading is in the guided arm."""
    cast = Cast()
    cast.adjudicator = make_user("adam")
    add_member(study=cast.study, user=cast.adjudicator, role=Role.ADJUDICATOR)
    cast.cases = cast.assign_cases()
    mine = Reading.objects.filter(reading_list__reader=cast.reader)
    if mine.in_order().first().arm != "guided":
        lists = cast.reader.reading_lists
        lists.filter(period=1).update(period=9)
        lists.filter(period=2).update(period=1)
        lists.filter(period=9).update(period=2)
    cast.reading = mine.in_order().first()
    cast.model = installed_model()
    cast.run = FineTuningRun.objects.create(
        name="run", by=cast.coordinator, start=cast.model, consent="approved"
    )
    cast.run.studies.add(cast.study)
    cast.upload = Upload.objects.create(
        study=cast.study, uploader=cast.coordinator, name="a.dcm", status="rejected"
    )
    add_phantoms(study=cast.study, by=cast.coordinator, number=2)
    cast.practice = start_round(reader=cast.reader, kind=PracticeRound.Kind.PRACTICE)
    submitted, cast.practice_reading = cast.practice.readings.order_by("position")
    cast.submitted_practice = submitted
    submitted.opened_at = submitted.submitted_at = cast.study.opened_at
    submitted.state = "submitted"
    submitted.save()
    cast.seen_refresher = _make_seen_refresher(cast)
    cast.picture = InstructionPicture(
        study=cast.study, width=1, height=1, confirmed_by=cast.coordinator
    )
    cast.picture.file.save("picture.png", ContentFile(b"not looked at"))
    cast.spare = make_user("spare")
    cast.invitation = cast.study.invitations.create(
        role="reader",
        site=cast.site,
        token_hash="x",
        created_by=cast.coordinator,
        expires_at=cast.study.opened_at,
    )
    make_correspondence(cast)
    return cast


def make_correspondence(cast: Cast) -> None:
    """Add a general question of Rita's and an announcement to all readers."""
    question = ask_question(reader=cast.reader, subject=None, message_id=uuid4(), text="When?")
    cast.thread = question.thread
    coordinator = cast.study.memberships.get(user=cast.coordinator)
    cast.announcement = publish_announcement(
        author=coordinator, site=None, message_id=uuid4(), text="The server restarts at noon."
    )


def _make_seen_refresher(cast: Cast) -> PracticeReading:
    """Return a submitted refresher reading whose feedback the reader may see."""
    type(cast.study).objects.filter(pk=cast.study.pk).update(refresher_feedback=True)
    now = cast.study.opened_at
    refresher = PracticeRound.objects.create(
        reader=cast.reader,
        kind="refresher",
        number=1,
        arm="guided",
        period=1,
        after_readings=50,
        finished_at=now + timedelta(hours=1),
        exact=1.0,
    )
    return PracticeReading.objects.create(
        round=refresher,
        practice_case=cast.study.practice_cases.first(),
        position=1,
        state="submitted",
        opened_at=now,
        submitted_at=now,
    )


@pytest.fixture
def played(db: None, played_once: Cast, kept_storage: Path, settings: Any) -> Cast:
    """A copy of that study whose rows and files a test may change."""
    shutil.copytree(kept_storage, settings.STORAGE, dirs_exist_ok=True)
    return deepcopy(played_once)
