"""What becomes of the files that a coordinator sends."""

from __future__ import annotations

import errno
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError

from studies.audit.models import Event
from studies.cases.models import Case, Image, Patient, Upload
from studies.celery import app
from studies.errors import STORAGE_FULL, STORAGE_UNAVAILABLE
from studies.storage.files import StorageUnavailable, storage_errors
from studies.storage.folder import FolderStorage
from tests.make import HEIGHT, WIDTH, dicom_bytes

pytestmark = pytest.mark.django_db
NAME = "Doe^Jane 1950-02-03 ?<b>.dcm"


@pytest.fixture
def send(cast, client_of):
    client = client_of(cast.coordinator)

    def send_file(data: bytes, *, name: str = NAME, site: str = "A") -> Any:
        return client.post(
            f"/api/v1/studies/{cast.study.slug}/uploads",
            {"file": SimpleUploadedFile("x", data), "name": name, "site": site},
            format="multipart",
        )

    def post(data: bytes, **fields: str) -> list[dict[str, Any]]:
        answer = send_file(data, **fields)
        assert answer.status_code == 201, answer.content
        return answer.json()["results"]

    post.client, post.post = client, send_file
    return post


def zipped(**members: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def stored_files(settings: Any) -> list[Path]:
    return [path for path in Path(settings.STORAGE).rglob("*") if path.is_file()]


def test_clean_image_becomes_a_case_that_waits_for_its_analysis(send):
    (upload,) = send(dicom_bytes())
    assert upload["status"] == "accepted"
    assert upload["case"]["state"] == "received"
    assert upload["case"]["label"] == "C0001"
    assert upload["name"] == NAME


def test_number_of_queries_of_a_new_file_is_bounded(send):
    """They take most of the processor time of the web process."""
    send(dicom_bytes(PatientID="A1"))
    other = dicom_bytes(PatientID="B2", PixelData=bytes(range(256)) * (HEIGHT * WIDTH // 256))
    with CaptureQueriesContext(connection) as captured:
        send(other)
    statements = [query["sql"].split()[0] for query in captured.captured_queries]
    assert Case.objects.count() == 2
    assert statements.count("SELECT") <= 12
    assert statements.count("INSERT") == 5


def test_image_that_may_show_a_name_is_held(send):
    (upload,) = send(dicom_bytes(BurnedInAnnotation="YES"))
    assert upload["status"] == upload["case"]["state"] == "pending_review"
    assert "release" in upload["case"]["actions"]


def test_released_image_waits_for_its_analysis(send):
    (upload,) = send(dicom_bytes(BurnedInAnnotation="YES"))
    answer = send.client.post(f"/api/v1/cases/{upload['case']['id']}/release").json()
    assert answer["state"] == "received"
    assert answer["reason"] is None


def test_same_image_twice_is_one_case(send):
    send(dicom_bytes())
    (again,) = send(dicom_bytes(SeriesNumber="7", ContentDate="20201010"))
    assert again["status"] == "duplicate"
    assert again["reason"]["text"] == "This image is already in the study as case C0001."
    assert Case.objects.count() == 1


@pytest.mark.parametrize("older", [False, True])
def test_duplicate_of_another_sites_case_does_not_name_it(send, cast, client_of, older):
    (first,) = send(dicom_bytes(), site="B")
    client = client_of(cast.site_coordinator)
    uploads = f"/api/v1/studies/{cast.study.slug}/uploads"
    sent = {"file": SimpleUploadedFile("x", dicom_bytes()), "name": "x.dcm", "site": "A"}
    answer = client.post(uploads, sent, format="multipart")
    if older:  # rows of earlier versions hold the label
        Upload.objects.filter(status="duplicate").update(reason_text="It is here as C0001.")
    listed = client.get(uploads)
    for body in (listed,) if older else (answer, listed):
        (again,) = body.json()["results"]
        assert again["status"] == "duplicate"
        assert again["case"] is None
        assert again["reason"]["text"].startswith("This image is already in the study.")
        for secret in ("C0001", "P0001", first["case"]["id"], "Hospital B"):
            assert secret not in body.content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"not an image at all", "DICOM"),
        (dicom_bytes()[:3000], "incomplete"),
        (dicom_bytes(BodyPartExamined="HIP", ViewPosition="AP"), "lateral"),
    ],
)
def test_unusable_file_leaves_its_reason_and_nothing_else(send, settings, data, words):
    (upload,) = send(data)
    assert upload["status"] == "rejected"
    assert words in upload["reason"]["text"] + upload["reason"]["detail"], upload["reason"]
    assert upload["case"] is None
    assert not stored_files(settings)
    assert not Case.objects.exists() and not Patient.objects.exists()


def test_rest_of_a_zip_goes_on_after_a_bad_member(send):
    results = send(zipped(a=b"nonsense", deep__b=dicom_bytes()), name="all.zip")
    assert [(r["name"], r["status"]) for r in results] == [
        ("all.zip/a", "rejected"),
        ("all.zip/deep/b", "accepted"),
    ]


def test_path_that_climbs_out_of_a_zip_is_refused_alone(send, settings):
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../evil.dcm", dicom_bytes(PatientID="x"))
        archive.writestr("good.dcm", dicom_bytes())
    results = send(out.getvalue())
    assert sorted(r["status"] for r in results) == ["accepted", "rejected"]
    assert all(Path(settings.STORAGE) in path.parents for path in stored_files(settings))


def test_nothing_identifying_is_stored_or_audited(send, settings):
    send(dicom_bytes(PatientBirthDate="19500203", InstitutionName="St. Secret"))
    for path in stored_files(settings):
        content = path.read_bytes()
        for secret in (b"Doe", b"MRN-4711", b"19500203", b"Secret"):
            assert secret not in content
    events = str(list(Event.objects.values_list("action", "subject", "data")))
    assert "Doe" not in events and NAME not in events


def test_spool_is_empty_after_an_upload(send, settings):
    send(dicom_bytes())
    send(b"nonsense")
    assert not list(Path(settings.SPOOL).iterdir())


def test_stored_files_belong_to_the_server_alone(send, settings):
    send(dicom_bytes())
    assert {path.stat().st_mode & 0o777 for path in stored_files(settings)} == {0o600}


def test_dismissed_upload_takes_its_name_along(send):
    (upload,) = send(b"nonsense")
    assert send.client.post(f"/api/v1/uploads/{upload['id']}/dismiss").status_code == 204
    assert not Upload.objects.exists()


def test_cases_are_listed_by_their_labels(send, cast):
    for number in range(5):
        send(dicom_bytes(PixelData=bytes([number]) * 128 * 80))
    listed = send.client.get(f"/api/v1/studies/{cast.study.slug}/cases").json()["results"]
    assert [case["label"] for case in listed] == [f"C{number:04d}" for number in range(1, 6)]


def test_images_of_one_patient_share_a_pseudonym(send):
    first = send(dicom_bytes())[0]["case"]["patient"]
    other_image = bytes(reversed(range(256))) * 40
    second = send(dicom_bytes(PixelData=other_image))[0]["case"]["patient"]
    assert first == second == "P0001"


def test_site_that_is_not_the_coordinators_is_refused(cast, client_of):
    answer = client_of(cast.site_coordinator).post(
        f"/api/v1/studies/{cast.study.slug}/uploads",
        {"file": SimpleUploadedFile("x", dicom_bytes()), "site": "B"},
        format="multipart",
    )
    assert answer.status_code == 400
    assert not Case.objects.exists()


def test_refused_case_leaves_only_its_reason(send, settings):
    (upload,) = send(dicom_bytes(BurnedInAnnotation="YES"))
    pk = upload["case"]["id"]
    answer = send.client.post(f"/api/v1/cases/{pk}/reject", {"reason": "shows a name"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["reason"]["text"] == "shows a name"
    assert not Image.objects.exists()
    assert send.client.get(f"/api/v1/cases/{pk}/pixels").status_code == 404


def test_accepted_image_is_queued_by_the_name_of_the_task(send, monkeypatch):
    queued = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **how: queued.append((name, args)))
    (upload,) = send(dicom_bytes())
    assert queued == [("locate_landmarks", [upload["case"]["id"]])]


def test_broker_that_is_away_loses_no_case(send, monkeypatch):
    monkeypatch.setattr(app, "send_task", Mock(side_effect=OperationalError("away")))
    (upload,) = send(dicom_bytes())
    assert upload["case"]["state"] == "received"


class FullStorage(FolderStorage):
    """Has no room for the thumbnail, the last of an image's three files."""

    def _save(self, name: str, content: Any) -> str:
        with storage_errors(name):
            if name.endswith(".png"):
                raise OSError(errno.ENOSPC, "no space")
        return super()._save(name, content)


def test_storage_without_room_leaves_neither_a_case_nor_a_file(send, settings):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": f"{__name__}.{FullStorage.__name__}"}
    }
    answer = send.post(dicom_bytes())
    assert answer.status_code == 507
    assert answer.json()["error"] == {"code": "storage_full", "message": STORAGE_FULL}
    assert not Case.objects.exists() and not Upload.objects.exists()
    assert not stored_files(settings)


@pytest.mark.parametrize("part", ["pixels", "thumbnail"])
def test_file_that_is_gone_is_a_sentence_and_not_an_error_page(send, settings, part):
    (upload,) = send(dicom_bytes())
    for path in stored_files(settings):
        path.unlink()
    answer = send.client.get(f"/api/v1/cases/{upload['case']['id']}/{part}")
    assert answer.status_code == 503
    assert answer.json()["error"]["message"] == STORAGE_UNAVAILABLE


def test_case_is_not_refused_while_its_files_cannot_be_deleted(send, settings, monkeypatch):
    (upload,) = send(dicom_bytes(BurnedInAnnotation="YES"))
    reject = f"/api/v1/cases/{upload['case']['id']}/reject"
    with monkeypatch.context() as patched:
        patched.setattr(FolderStorage, "delete", Mock(side_effect=StorageUnavailable("away")))
        assert send.client.post(reject, {"reason": "shows a name"}).status_code == 503
    assert Case.objects.get().state == Case.State.PENDING_REVIEW
    assert len(stored_files(settings)) == 3
    assert send.client.post(reject, {"reason": "shows a name"}).status_code == 200
    assert not stored_files(settings)


def test_operating_systems_files_are_passed_over_and_counted(send):
    debris = {"__MACOSX__._a.dcm": b"1", "x__._a.dcm": b"1", "x__.DS_Store": b"1"}
    results = send(zipped(**{"x__a.dcm": dicom_bytes()}, **debris), name="mac.zip")
    assert [(r["name"], r["status"]) for r in results] == [("mac.zip/x/a.dcm", "accepted")]
    assert send(b"1", name="scans/._a.dcm") == []
    assert send(b"\0\x05\x16\x07", name="scans/a.dcm") == []
    counted = Event.objects.filter(action="files.passed_over").values_list("data__count", flat=True)
    assert sorted(counted) == [1, 1, 3]
