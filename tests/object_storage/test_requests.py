"""Images and reports in a bucket, as people reach them; the server stops and starts again."""

from __future__ import annotations

import gzip
import hashlib
import urllib.error
import urllib.request
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from studies.cases import tasks
from studies.cases.models import Case, Image, Upload
from studies.errors import STORAGE_UNAVAILABLE
from studies.reports.models import ReportRun
from studies.reports.tasks import make_report_task
from studies.sessions.models import Reading
from studies.storage import object_storage
from studies.storage.files import StorageUnavailable
from tests.cases.test_tasks import analysis
from tests.make import HEIGHT, WIDTH, dicom_bytes
from tests.object_storage.server import BUCKET
from tests.reports.submitted_study import lock, submit_everything

pytestmark = pytest.mark.django_db


def send(client: Client, cast: Any, data: bytes | None = None) -> Any:
    return client.post(
        f"/api/v1/studies/{cast.study.slug}/uploads",
        {"file": SimpleUploadedFile("x", data or dicom_bytes()), "site": "A"},
        format="multipart",
    )


def assert_away(answer: Any) -> None:
    assert answer.status_code == 503
    assert answer.json()["error"] == {"code": "storage_away", "message": STORAGE_UNAVAILABLE}


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_uploaded_image_is_analysed_and_shown_from_the_bucket(
    bucket, cast, sign_in, monkeypatch, client_of
):
    client = sign_in(cast.coordinator)
    (upload,) = send(client, cast).json()["results"]
    case = Case.objects.get(pk=upload["case"]["id"])
    folder = f"{cast.study.pk}/{case.pk}"
    names = ("image.dcm", "pixels.gz", "thumbnail.png")
    assert bucket.stored_keys() == {f"{folder}/{name}" for name in names}
    pixels = client.get(f"/api/v1/cases/{case.pk}/pixels")
    assert len(gzip.decompress(pixels.content)) == WIDTH * HEIGHT
    assert client.get(f"/api/v1/cases/{case.pk}/thumbnail").content.startswith(b"\x89PNG")
    seen = []
    monkeypatch.setattr(tasks.PREDICTORS, "get", lambda model: None)
    monkeypatch.setattr(tasks, "analyze", lambda image, _: seen.append(image) or analysis())
    tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert (case.state, seen[0].pixels.shape) == ("ready", (HEIGHT, WIDTH))
    for person in (cast.outsider, cast.reader.user, cast.statistician):
        assert sign_in(person).get(f"/api/v1/cases/{case.pk}/pixels").status_code == 404


def test_reader_gets_pixels_only_of_the_reading_that_is_next(bucket, cast, sign_in):
    cast.assign_cases(2)
    reading = Reading.objects.filter(reading_list__reader=cast.reader).in_order().first()
    address = f"/api/v1/readings/{reading.pk}/pixels"
    answer = sign_in(cast.reader.user).get(address)
    assert len(gzip.decompress(answer.content)) == WIDTH * HEIGHT
    for person in (cast.other_reader.user, cast.coordinator, cast.outsider):
        assert sign_in(person).get(address).status_code == 404


def test_object_cannot_be_fetched_from_the_bucket_without_a_key(bucket, cast, sign_in):
    send(sign_in(cast.coordinator), cast)
    keys = bucket.stored_keys()
    assert len(keys) == 3
    for key in keys:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://{bucket.address}/{BUCKET}/{key}", timeout=10)
        assert refused.value.code == 403


def test_report_is_kept_in_the_bucket_and_downloaded_through_verteread(bucket, cast, sign_in):
    run = make_report(cast)
    assert {run.document.name, run.page.name} <= bucket.stored_keys()
    arguments = [cast.study.slug, run.pk]
    client = sign_in(cast.coordinator)
    document = content_of(client.get(reverse("report-file", args=arguments)))
    assert hashlib.sha256(document).hexdigest() == run.document_hash
    assert b"<html" in content_of(client.get(reverse("report-page", args=arguments)))
    assert sign_in(cast.outsider).get(reverse("report-file", args=arguments)).status_code == 404
    bucket.client().delete_object(Bucket=BUCKET, Key=run.document.name)
    answer = client.get(reverse("report-file", args=arguments))
    assert answer.status_code == 503
    assert STORAGE_UNAVAILABLE in answer.content.decode()


def make_report(cast: Any) -> ReportRun:
    cast.assign_cases(6)
    submit_everything(cast)
    lock(cast)
    run = ReportRun.objects.create(
        study=cast.study, by=cast.coordinator, snapshot_at=cast.study.locked_at
    )
    make_report_task(str(run.pk))
    run.refresh_from_db()
    assert run.state == "done"
    return run


def test_landmarks_are_exported_with_the_images_of_the_bucket(stopped, cast, tmp_path):
    cast.assign_cases(1)
    export = ("export_landmarks", "--study", cast.study.slug)
    call_command(*export, "--out", str(tmp_path / "export"))
    (image,) = (tmp_path / "export/images").iterdir()
    assert image.read_bytes() == dicom_bytes()
    stopped.stop_gateway()
    with pytest.raises(CommandError, match="storage cannot be reached"):
        call_command(*export, "--out", str(tmp_path / "again"))


def test_stopped_server_is_a_sentence_and_the_same_requests_work_later(stopped, cast, sign_in):
    client = sign_in(cast.coordinator)
    (upload,) = send(client, cast, dicom_bytes(BurnedInAnnotation="YES")).json()["results"]
    case = f"/api/v1/cases/{upload['case']['id']}"
    other = dicom_bytes(PixelData=bytes(WIDTH * HEIGHT))
    before = stopped.stored_keys()
    stopped.stop_gateway()
    assert_away(client.get(f"{case}/pixels"))
    assert_away(client.get(f"{case}/thumbnail"))
    assert_away(client.post(f"{case}/reject", {"reason": "shows a name"}))
    assert_away(send(client, cast, other))
    assert Case.objects.get().state == Case.State.PENDING_REVIEW
    assert (Image.objects.count(), Upload.objects.count()) == (1, 1)
    health = client.get("/readyz")
    assert health.json()["storage"] == "failing: StorageUnavailable"
    assert (health.status_code, health.json()["status"]) == (503, "failing")
    stopped.start_gateway()
    assert stopped.stored_keys() == before
    assert client.get("/readyz").json()["storage"] == "ok"
    assert client.get(f"{case}/pixels").status_code == 200
    assert client.post(f"{case}/reject", {"reason": "shows a name"}).status_code == 200
    assert not stopped.stored_keys()
    assert send(client, cast, other).status_code == 201
    assert len(stopped.stored_keys()) == 3


def test_upload_that_fails_half_way_leaves_no_object(bucket, cast, sign_in, monkeypatch):
    saved = object_storage.ObjectStorage._save

    def fail_at_the_last(storage: Any, name: str, content: Any) -> str:
        if name.endswith(".png"):
            raise StorageUnavailable("away")
        return saved(storage, name, content)

    monkeypatch.setattr(object_storage.ObjectStorage, "_save", fail_at_the_last)
    assert_away(send(sign_in(cast.coordinator), cast))
    assert not Case.objects.exists()
    assert not bucket.stored_keys()
