"""Files that were made to do harm, and what is left of any file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from studies.audit.models import Event
from studies.cases.models import Upload
from studies.cases.upload import request_body, upload_handler
from studies.cases.upload.uploaded_files import ingest_upload
from studies.sessions.study_lifecycle import lock_study
from tests.make import dicom_bytes

pytestmark = pytest.mark.django_db


def sent(client: Any, cast: Any, data: bytes, *, site: str = "A") -> Any:
    form = {"file": SimpleUploadedFile("x", data), "name": "x", "site": site}
    return client.post(f"/api/v1/studies/{cast.study.slug}/uploads", form, format="multipart")


def test_no_browser_keeps_a_held_image(cast, client_of):
    client = client_of(cast.coordinator)
    (upload,) = sent(client, cast, dicom_bytes(BurnedInAnnotation="YES")).json()["results"]
    for part in ("pixels", "thumbnail"):
        answer = client.get(f"/api/v1/cases/{upload['case']['id']}/{part}")
        assert "no-store" in answer["Cache-Control"]


def test_file_where_none_belongs_is_never_written(cast, client, monkeypatch):
    monkeypatch.setattr(
        upload_handler.tempfile, "TemporaryFile", lambda **_: pytest.fail("written")
    )
    form = {"login": "x", "password": "y", "file": SimpleUploadedFile("x", b"1" * 100)}
    assert client.post("/accounts/login/", form).status_code == 400
    url = f"/api/v1/studies/{cast.study.slug}/uploads"
    assert client.post(url, {"file": SimpleUploadedFile("x", b"1")}).status_code == 401


def test_file_in_flight_has_no_name_on_disk(cast, client_of, settings, monkeypatch):
    seen = []
    complete = upload_handler.UnnamedTemporaryFileHandler.file_complete

    def look(handler: Any, size: int) -> Any:
        seen.extend(settings.SPOOL.iterdir())
        seen.append(size)
        return complete(handler, size)

    monkeypatch.setattr(upload_handler.UnnamedTemporaryFileHandler, "file_complete", look)
    data = dicom_bytes()
    assert sent(client_of(cast.coordinator), cast, data).status_code == 201
    assert seen == [len(data)]


def test_upload_beyond_the_limit_is_not_spooled(cast, client_of, settings):
    settings.MAX_UPLOAD_BYTES = 10
    answer = sent(client_of(cast.coordinator), cast, bytes(request_body.FORM_BYTES + 20))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


def test_large_file_that_is_no_zip_is_never_read_whole(cast, client_of, monkeypatch):
    monkeypatch.setattr("studies.cases.upload.uploaded_files.MAX_MEMBER_BYTES", 100)
    (upload,) = sent(client_of(cast.coordinator), cast, dicom_bytes()).json()["results"]
    assert upload["reason"]["code"] == "too_large"


def test_twin_at_another_site_is_not_shown_to_a_sites_coordinator(cast, client_of):
    sent(client_of(cast.coordinator), cast, dicom_bytes(), site="B")
    answer = sent(client_of(cast.site_coordinator), cast, dicom_bytes())
    (upload,) = answer.json()["results"]
    assert (upload["status"], upload["case"]) == ("duplicate", None)
    assert "Hospital B" not in answer.content.decode()


@pytest.mark.parametrize("odd", ["\u202egnp.exe", "a\nb", "\x1b[2J", "a\u2028b"])
def test_name_of_a_file_turns_no_line_around(odd, cast, client_of):
    form = {"file": SimpleUploadedFile("x", b"junk"), "name": odd, "site": "A"}
    url = f"/api/v1/studies/{cast.study.slug}/uploads"
    answer = client_of(cast.coordinator).post(url, form, format="multipart")
    assert answer.json()["results"][0]["name"].isprintable()


def test_name_on_disk_that_is_no_text_is_taken_in(cast):
    name = b"M\xfcller.dcm".decode("utf-8", "surrogateescape")
    uploads = ingest_upload(
        study=cast.study,
        site=cast.site,
        file=BytesIO(b"junk"),
        size=4,
        name=name,
        uploader=cast.coordinator,
    )
    assert [upload.name for upload in uploads] == ["M\ufffdller.dcm"]


def test_flat_pixels_make_no_endless_thumbnail(cast, client_of):
    client = client_of(cast.coordinator)
    (upload,) = sent(client, cast, dicom_bytes(PixelSpacing="0.01\\10")).json()["results"]
    picture = client.get(upload["case"]["thumbnail"]).content
    width = int.from_bytes(picture[16:20], "big")
    assert width <= 1440


def test_names_of_files_are_forgotten_with_the_lock(cast):
    cast.assign_cases()
    Upload.objects.create(
        study=cast.study, uploader=cast.coordinator, name="Doe.dcm", status="rejected"
    )
    lock_study(study=cast.study, by=cast.coordinator)
    assert not Upload.objects.exists()


def test_names_of_files_reach_neither_log_nor_audit_trail(cast, client_of, caplog):
    client = client_of(cast.coordinator)
    for data in (dicom_bytes(), b"junk", BytesIO(b"PK\x03\x04junk").getvalue()):
        form = {"file": SimpleUploadedFile("Doe", data), "name": "Doe^Jane", "site": "A"}
        client.post(f"/api/v1/studies/{cast.study.slug}/uploads", form, format="multipart")
    assert Upload.objects.count() == 3
    assert "Doe" not in caplog.text + str(list(Event.objects.values()))
