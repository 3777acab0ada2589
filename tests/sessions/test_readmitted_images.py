"""An excluded image that is uploaded again keeps the washout of the readers who have seen it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from studies.cases.models import Case
from studies.cases.review import exclude_case
from studies.cases.upload.ingest import ingest_file
from studies.sessions import queue
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.make import Cast, acknowledge_first_period, dicom_bytes, give_landmarks
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


def upload_and_assign(cast: Cast) -> Case:
    upload = ingest_file(
        study=cast.study,
        site=cast.site,
        data=dicom_bytes(),
        name="scan.dcm",
        uploader=cast.coordinator,
    )
    case = upload.case
    give_landmarks(case)
    Case.objects.filter(pk=case.pk).update(state="ready")
    assign_cases(study=cast.study, by=cast.coordinator)
    return case


@pytest.fixture
def room(cast, client_of):
    upload_and_assign(cast)
    cast.study = open_study(study=cast.study, by=cast.coordinator)
    acknowledge_first_period(cast.study)
    return Room(client_of(cast.reader.user), cast.study.slug)


@pytest.mark.parametrize("submitted", [True, False])
def test_reader_who_saw_an_excluded_image_waits_before_it_is_shown_as_a_new_case(
    cast, room, submitted, monkeypatch
):
    seen = Reading.objects.get(pk=room.read() if submitted else room.open())
    exclude_case(case=seen.case, actor=cast.coordinator, reason="header to be corrected")
    readmitted = upload_and_assign(cast)
    assert readmitted.pk != seen.case_id
    status: dict[str, Any] = room.status()
    assert (status["current"], status["next"]) == (None, None)
    assert status["waiting"]["code"] == "washout"
    over = (seen.submitted_at or seen.opened_at) + timedelta(days=28, seconds=1)
    monkeypatch.setattr(queue, "timezone", SimpleNamespace(now=lambda: over))
    current = Reading.objects.get(pk=room.status()["current"]["id"])
    assert current.case_id == readmitted.pk


def test_reader_who_has_not_seen_the_excluded_image_reads_the_new_case_at_once(cast, room):
    reading = Reading.objects.filter(reading_list__reader=cast.reader).first()
    exclude_case(case=reading.case, actor=cast.coordinator, reason="header to be corrected")
    readmitted = upload_and_assign(cast)
    assert Reading.objects.get(pk=room.status()["current"]["id"]).case_id == readmitted.pk
