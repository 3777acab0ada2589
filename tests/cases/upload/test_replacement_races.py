"""Replacements that fail, or meet another change of the same case."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from studies.audit.models import Event
from studies.cases.landmarks.analysis import begin_analysis, store_analysis
from studies.cases.models import Case, FormerImage, Image, Upload
from studies.cases.review import exclude_case
from studies.cases.upload import ingest
from studies.cases.upload.ingest import ingest_file
from studies.jobs.claims import ClaimLost
from studies.sessions.study_lifecycle import assign_cases
from tests.cases.upload.replaced import CORRECTED, FIRST, only_case, stored
from tests.make import dicom_bytes, give_landmarks

pytestmark = pytest.mark.django_db


def test_analysis_of_the_former_version_is_dropped(send):
    send(FIRST)
    claimed = begin_analysis(case_id=only_case().pk)
    assert claimed is not None
    send(CORRECTED)
    with pytest.raises(ClaimLost):
        store_analysis(case=claimed, analysis=_NoAnalysis())
    assert only_case().state == "received"


class _NoAnalysis:
    """Never looked at: the claim is checked first."""


def test_replacement_that_fails_leaves_the_version_before(send, cast, settings, monkeypatch):
    send(FIRST)
    before = stored(settings)
    monkeypatch.setattr(ingest, "_warn_of_similar_patients", _fail)
    with pytest.raises(RuntimeError):
        ingest_file(
            study=cast.study, site=cast.site, data=CORRECTED, name="a", uploader=cast.coordinator
        )
    assert stored(settings) == before
    assert only_case().image.version == 1
    assert not FormerImage.objects.exists() and not Event.objects.filter(action="case.replaced")


def _fail(*_: Any) -> None:
    raise RuntimeError


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", [CORRECTED, dicom_bytes(PixelSpacing="1.5\\1.5")])
def test_two_corrections_at_once_are_two_versions_or_one(cast, settings, second):
    take = {
        "study": cast.study,
        "site": cast.site,
        "name": "a",
        "uploader": cast.coordinator,
    }
    ingest_file(data=FIRST, **take)
    together, statuses = Barrier(2), []

    def upload(data: bytes) -> None:
        try:
            together.wait(60)
            statuses.append(ingest_file(data=data, **take).status)
        finally:
            connection.close()

    threads = [Thread(target=upload, args=(data,)) for data in (CORRECTED, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    same = second is CORRECTED
    assert sorted(statuses) == (["duplicate", "replaced"] if same else ["replaced", "replaced"])
    versions = 2 if same else 3
    assert only_case().image.version == versions
    assert FormerImage.objects.count() == versions - 1
    assert len(stored(settings)) == 3 * versions
    named = {
        name for row in [only_case().image, *FormerImage.objects.all()] for name in _names(row)
    }
    assert named == {str(path.relative_to(settings.STORAGE)) for path in stored(settings)}
    assert Upload.objects.count() == 3


def _names(row: Any) -> list[str]:
    return [row.dicom.name, row.pixels.name, row.thumbnail.name]


def test_case_that_is_excluded_while_its_new_version_is_stored_gets_a_new_case(
    cast, monkeypatch, settings
):
    take = {"study": cast.study, "site": cast.site, "name": "a", "uploader": cast.coordinator}
    ingest_file(data=FIRST, **take)
    store_image = ingest._store_image

    def exclude_meanwhile(*arguments: Any) -> Image:
        exclude_case(case=only_case(), actor=cast.coordinator, reason="wrong spacing")
        return store_image(*arguments)

    monkeypatch.setattr(ingest, "_store_image", exclude_meanwhile)
    upload = ingest_file(data=CORRECTED, **take)
    assert upload.status == "accepted"
    assert upload.case.label == "C0002"
    assert Image.objects.get(case__label="C0001").version == 1
    assert len(stored(settings)) == 6


def test_case_that_is_assigned_while_its_new_version_is_stored_keeps_its_image(
    cast, monkeypatch, settings
):
    take = {"study": cast.study, "site": cast.site, "name": "a", "uploader": cast.coordinator}
    ingest_file(data=FIRST, **take)
    give_landmarks(only_case())
    Case.objects.update(state="ready")
    store_image = ingest._store_image

    def assign_meanwhile(*arguments: Any) -> Image:
        assign_cases(study=cast.study, by=cast.coordinator)
        return store_image(*arguments)

    monkeypatch.setattr(ingest, "_store_image", assign_meanwhile)
    assert ingest_file(data=CORRECTED, **take).reason_code == "assigned"
    assert only_case().image.version == 1
    assert len(stored(settings)) == 3
