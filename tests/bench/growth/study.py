"""Studies of any size, written straight into the database of a version; runs in its checkout."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from studies.analytics.scale import CELLS
from studies.cases.models import Case, Image, LandmarkSet, Patient, Upload
from studies.protocol.models import Study
from studies.sessions.models import Reading, ReadingList
from tests.make import Cast, landmarks_at, make_reader

BATCH = 1000
ENDS = ("posterior", "anterior", "end")
READERS = 40
SLUG = "guides-trial"


def fill(cases: int, readers: int = READERS) -> None:
    """Create a study with readers and analysed cases of 512 x 1,024 pixels, one upload each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast = Cast()
    for number in range(readers - 2):
        make_reader(cast.study, cast.site, f"reader{number}")
    fill_study(cast, cases)


def assign(address: str) -> None:
    """Assign every case and open the study."""
    client = signed_in("clara")
    for path in (address, f"/api/v1/studies/{SLUG}/open"):
        response = client.post(path)
        assert response.status_code < 300, response.content[:300]
    update_statistics()


def submit() -> None:
    """Mark each reader's readings of period 1 as submitted."""
    now = timezone.now()
    first = Reading.objects.filter(reading_list__period=1)
    first.update(state="submitted", opened_at=now, submitted_at=now)
    update_statistics()


def score_and_lock() -> None:
    """Score every cell of every reading, one in four a grade higher, and lock the study."""
    now = timezone.now()
    Reading.objects.update(state="submitted", opened_at=now, submitted_at=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reading_sessions_score "
            "(reading_id, cell, score, validity, reason, version) "
            "SELECT reading.id, cell, LEAST(3, ABS(HASHTEXT(case_id::text || cell)) %% 4 "
            "  + (ABS(HASHTEXT(reading.id::text || cell)) %% 4 = 0)::int), 0, '', 1 "
            "FROM reading_sessions_reading AS reading CROSS JOIN UNNEST(%s::text[]) AS cell",
            [list(CELLS)],
        )
    response = signed_in("clara").post(f"/api/v1/studies/{SLUG}/lock")
    assert response.status_code < 300, response.content[:300]
    update_statistics()


def open_one_each() -> None:
    """Open the first reading of each reader."""
    first = [
        one.readings.order_by("position")[0].pk for one in ReadingList.objects.filter(period=1)
    ]
    now = timezone.now()
    Reading.objects.filter(pk__in=first).update(state="open", opened_at=now, timed_to=now)
    update_statistics()


def sign_in_readers(count: int) -> list[dict[str, str]]:
    """Return a session, and the address of the open reading, for each of ``count`` readers."""
    readings = Reading.objects.filter(state="open").select_related("reading_list__reader__user")
    return [
        {
            "session": session_of(reading.reading_list.reader.user.username),
            "cells": f"/api/v1/readings/{reading.pk}/cells/",
        }
        for reading in readings[:count]
    ]


def session_of(username: str) -> str:
    return signed_in(username).cookies["sessionid"].value


def signed_in(username: str) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(get_user_model().objects.get(username=username))
    return client


def fill_study(cast: Cast, cases: int) -> None:
    """Add ready cases with images and one upload each by the coordinator."""
    study, numbers = Study.objects.get(pk=cast.study.pk), range(1, cases + 1)
    sites = [cast.site, cast.other_site]
    patients = Patient.objects.bulk_create(
        [Patient(study=study, label=f"P{n:04d}", key=f"key {n}") for n in numbers], BATCH
    )
    rows = [
        Case(
            study=study,
            patient=patient,
            site=sites[n % 2],
            label=f"C{n:04d}",
            burned_in="NO",
            scanner="GE Lunar iDXA",
            anterior="right",
        )
        for n, patient in zip(numbers, patients, strict=True)
    ]
    Case.objects.bulk_create(rows, BATCH)
    Image.objects.bulk_create([_image(case, n) for n, case in enumerate(rows)], BATCH)
    sets = LandmarkSet.objects.bulk_create([_landmarks(case) for case in rows], BATCH)
    for case, landmark_set in zip(rows, sets, strict=True):
        case.landmark_set, case.state = landmark_set, Case.State.READY
    Case.objects.bulk_update(rows, ["landmark_set", "state"], BATCH)
    Upload.objects.bulk_create(
        [
            Upload(
                study=study,
                uploader=cast.coordinator,
                name=f"scans/patient-{case.label}/lateral.dcm",
                status=Upload.Status.ACCEPTED,
                case=case,
            )
            for case in rows
        ],
        BATCH,
    )
    update_statistics()


def update_statistics() -> None:
    """Do what the database's autovacuum would have done by now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _image(case: Case, number: int) -> Image:
    folder = f"{case.study_id}/{case.pk}"
    return Image(
        case=case,
        study=case.study,
        dicom=f"{folder}/image.dcm",
        pixels=f"{folder}/pixels.gz",
        thumbnail=f"{folder}/thumbnail.png",
        width=512,
        height=1024,
        bits=16,
        windows=[{"name": "bone", "center": 2048, "width": 4096}] * 3,
        invert=False,
        spacing_mm=[0.6, 0.6],
        spacing_source="PixelSpacing",
        pixel_hash=f"{number:064d}",
        deidentification={"kept": {f"element {n}": "value" for n in range(40)}},
    )


def _landmarks(case: Case) -> LandmarkSet:
    points: list[Any] = [[100.123456 + n, 200.654321 + n] for n in range(12)]
    levels = ["T12", "L1", "L2", "L3", "L4", "L5"]
    return LandmarkSet(
        case=case,
        version=1,
        source=LandmarkSet.Source.MODEL,
        model_name="VerteNet",
        model_checksum="c" * 64,
        anterior="right",
        landmarks=landmarks_at(),
        guides=[
            {"name": f"guide {n}", "kind": "guide", **dict.fromkeys(ENDS, points[n % 12])}
            for n in range(13)
        ],
        crop={
            "method": "vertenet",
            "verdict": "borderline" if int(case.label[1:]) % 10 == 0 else "ok",
            "levels": {level: {"margin_mm": 12.3456, "points": points} for level in levels},
            "evidence": {},
        },
        morphometry={level: {"heights_mm": [20.1, 21.2, 22.3]} for level in levels},
    )
