"""A reader can save while an image is taken in or a correction is measured."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from inference.results import Landmarks, Vertebra
from studies.cases.landmarks import corrections
from studies.cases.landmarks.corrections import flip_side, move_corners
from studies.cases.models import Case, Image
from studies.cases.upload import ingest
from studies.cases.upload.ingest import ingest_file
from studies.errors import Conflict
from studies.protocol.models import Study
from tests.make import dicom_bytes, landmarks_at, make_case

MOVED = Landmarks.from_dict(landmarks_at()).moved(Vertebra.L1, "superior_anterior", (38.25, 22.0))


def locked_elsewhere(*rows: Any) -> list[str]:
    """Name the rows that another connection cannot lock at this moment."""
    waiting: list[str] = []

    def look() -> None:
        try:
            for row in rows:
                try:
                    with transaction.atomic():
                        type(row).objects.select_for_update(nowait=True).get(pk=row.pk)
                except DatabaseError:
                    waiting.append(str(row))
        finally:
            connection.close()

    thread = Thread(target=look)
    thread.start()
    thread.join(60)
    return waiting


def take_in(cast: Any) -> Any:
    return ingest_file(
        study=cast.study, site=cast.site, data=dicom_bytes(), name="a", uploader=cast.coordinator
    )


def stored(settings: Any) -> list[Path]:
    return [path for path in Path(settings.STORAGE).rglob("*") if path.is_file()]


@pytest.mark.django_db(transaction=True)
def test_study_is_not_locked_while_an_image_is_decoded_and_stored(cast, monkeypatch):
    seen: list[list[str]] = []
    store = ingest._store_image

    def packed(*args: Any) -> Image:
        seen.append(locked_elsewhere(cast.study))
        return store(*args)

    monkeypatch.setattr(ingest, "_store_image", packed)
    assert take_in(cast).case is not None
    assert seen == [[]]


@pytest.mark.django_db(transaction=True)
def test_neither_study_nor_case_is_locked_while_a_correction_is_measured(cast, monkeypatch):
    case = make_case(cast.study, cast.site)
    seen: list[list[str]] = []
    read = corrections.decode_stored_image

    def reading(image: Image) -> Any:
        seen.append(locked_elsewhere(cast.study, case))
        return read(image)

    monkeypatch.setattr(corrections, "decode_stored_image", reading)
    moved = move_corners(case=case, landmarks=MOVED, based_on=1, actor=cast.coordinator)
    assert moved.version == 2
    assert seen == [[]]


@pytest.mark.django_db
def test_correction_of_landmarks_that_changed_meanwhile_is_refused(cast, monkeypatch):
    case = make_case(cast.study, cast.site)
    read = corrections.decode_stored_image

    def meanwhile(image: Image) -> Any:
        monkeypatch.undo()
        flip_side(case=case, actor=cast.coordinator)
        return read(image)

    monkeypatch.setattr(corrections, "decode_stored_image", meanwhile)
    with pytest.raises(Conflict, match="saved version 2 in the meantime"):
        flip_side(case=case, actor=cast.coordinator)
    assert case.landmark_sets.count() == 2


@pytest.mark.django_db
def test_correction_of_a_case_that_was_excluded_meanwhile_is_refused(cast, monkeypatch):
    case = make_case(cast.study, cast.site)
    read = corrections.decode_stored_image

    def meanwhile(image: Image) -> Any:
        Case.objects.filter(pk=case.pk).update(state="excluded", reason_text="wrong patient")
        return read(image)

    monkeypatch.setattr(corrections, "decode_stored_image", meanwhile)
    with pytest.raises(Conflict, match="was changed in the meantime"):
        move_corners(case=case, landmarks=MOVED, based_on=1, actor=cast.coordinator)
    assert case.landmark_sets.count() == 1


@pytest.mark.django_db
def test_image_that_another_upload_added_meanwhile_leaves_no_file(cast, settings, monkeypatch):
    store = ingest._store_image
    twins = []

    def meanwhile(*args: Any) -> Image:
        monkeypatch.undo()
        twins.append(take_in(cast))
        return store(*args)

    monkeypatch.setattr(ingest, "_store_image", meanwhile)
    upload = take_in(cast)
    assert (upload.status, upload.case) == ("duplicate", twins[0].case)
    assert len(stored(settings)) == 3
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_study_that_was_locked_meanwhile_takes_no_image_and_keeps_no_file(
    cast, settings, monkeypatch
):
    store = ingest._store_image

    def meanwhile(*args: Any) -> Image:
        Study.objects.filter(pk=cast.study.pk).update(state="locked", locked_at="2026-11-29T00:00Z")
        return store(*args)

    monkeypatch.setattr(ingest, "_store_image", meanwhile)
    with pytest.raises(Conflict):
        take_in(cast)
    assert not stored(settings)
    assert not Case.objects.exists()
