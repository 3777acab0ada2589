"""The same pixels with a different header: a new version, a new case, or a rejection."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from studies.audit.models import Event
from studies.cases.dicom import header
from studies.cases.models import Case, FormerImage, Image, LandmarkSet
from studies.celery import app
from studies.sessions.study_lifecycle import assign_cases
from studies.storage.files import read_stored
from tests.cases.upload.replaced import CORRECTED, FIRST, only_case, stored
from tests.make import CHECKSUM, dicom_bytes, give_landmarks

pytestmark = pytest.mark.django_db


def test_corrected_header_becomes_the_next_version_of_the_case(send, cast, client_of):
    first = send(FIRST)
    again = send(CORRECTED)
    assert again["status"] == "replaced"
    assert again["reason"]["text"] == (
        "Replaced version 1 of case C0001: pixel spacing 2.5 → 2 mm."
    )
    assert again["case"]["id"] == first["case"]["id"]
    assert again["case"]["label"] == "C0001"
    detail = client_of(cast.coordinator).get(f"/api/v1/cases/{first['case']['id']}").json()
    assert detail["image"]["spacing_mm"] == [2.0, 2.0]
    assert detail["image_version"] == 2
    (former,) = detail["former_images"]
    assert (former["version"], former["changes"]) == (1, "pixel spacing 2.5 → 2 mm")


def test_former_version_stays_stored_and_is_described_in_the_audit_trail(send, settings):
    send(FIRST)
    before = read_stored(only_case().image.dicom)
    send(CORRECTED)
    former = FormerImage.objects.get()
    checksum = hashlib.sha256(before).hexdigest()
    assert read_stored(former.dicom) == before
    assert former.checksum == checksum
    assert read_stored(only_case().image.dicom) != before
    assert len(stored(settings)) == 6
    event = Event.objects.get(action="case.replaced")
    assert event.subject == "C0001"
    assert event.data["former"]["checksum"] == checksum
    assert event.data["former"]["header"]["PixelSpacing"] == "2.5\\2.5"
    assert event.data["changed"] == ["PixelSpacing"]
    assert event.data["checksum"] == only_case().image.checksum
    assert "MRN-4711" not in json.dumps(event.data) and "Doe" not in json.dumps(event.data)


def test_web_process_parses_neither_an_upload_nor_a_stored_file(send, monkeypatch):
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a DICOM file was parsed outside the sandbox")

    monkeypatch.setattr(header, "dcmread", refuse)
    send(FIRST)
    assert only_case().image.header["PixelSpacing"] == "2.5\\2.5"
    # As of a version that did not record them.
    Image.objects.update(header={}, checksum="")
    assert send(FIRST)["status"] == "duplicate"
    image = only_case().image
    assert image.header["PixelSpacing"] == "2.5\\2.5"
    assert image.checksum == hashlib.sha256(read_stored(image.dicom)).hexdigest()


def test_upload_is_refused_while_the_stored_file_of_the_same_image_is_damaged(
    send, cast, client_of, settings
):
    send(FIRST)
    Image.objects.update(header={}, checksum="")
    (path,) = (path for path in stored(settings) if path.suffix == ".dcm")
    path.write_bytes(b"not DICOM")
    answer = client_of(cast.coordinator).post(
        f"/api/v1/studies/{cast.study.slug}/uploads",
        {"file": SimpleUploadedFile("x", FIRST), "name": "x", "site": "A"},
        format="multipart",
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "stored_file_damaged")


def test_new_version_is_analysed_and_the_landmarks_stay_in_the_history(
    send, cast, client_of, monkeypatch
):
    queued: list[Any] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **how: queued.append(args))
    first = send(FIRST)
    give_landmarks(only_case())
    Case.objects.update(state="ready")
    again = send(CORRECTED)
    assert queued == [[first["case"]["id"]]] * 2
    assert again["case"]["state"] == "received"
    case = only_case()
    assert case.landmark_set is None and case.anterior == ""
    detail = client_of(cast.coordinator).get(f"/api/v1/cases/{case.pk}").json()
    assert [version["version"] for version in detail["history"]] == [1]


def test_coordinator_is_told_that_corrected_corners_stay_in_the_history(send):
    send(FIRST)
    case = only_case()
    model = give_landmarks(case)
    values = {
        name: getattr(model, name)
        for name in ("anterior", "landmarks", "guides", "crop", "morphometry", "model_name")
    }
    case.landmark_set = LandmarkSet.objects.create(
        case=case, version=2, source="moved", parent=model, model_checksum=CHECKSUM, **values
    )
    case.state = "ready"
    case.save()
    assert "corrected corners remain in the case's history" in send(CORRECTED)["reason"]["text"]


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"PatientID": "MRN-4712"}, "patient P0001 → P0002"),
        ({"PatientSex": "F"}, "sex none → F"),
        ({"ImageLaterality": "L"}, "image laterality none → L"),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "polarity MONOCHROME2 → MONOCHROME1"),
        ({"WindowCenter": 100, "WindowWidth": 80}, "window width none → 80"),
        ({"PixelSpacing": "2.5\\2.0"}, "pixel spacing 2.5 → 2.5 × 2 mm"),
        ({"ViewPosition": "RL"}, "view position LL → RL"),
        ({"Manufacturer": "Hologic"}, "manufacturer none → Hologic"),
    ],
)
def test_changed_attribute_is_named(send, elements, words):
    send(FIRST)
    again = send(dicom_bytes(**elements))
    assert again["status"] == "replaced"
    assert words in again["reason"]["text"]
    assert "4711" not in again["reason"]["text"]


def test_corrected_date_is_named_and_kept_shifted(send, cast):
    send(dicom_bytes(AcquisitionDate="20200301"))
    again = send(dicom_bytes(AcquisitionDate="20200401"))
    assert "shifted acquisition date" in again["reason"]["text"]
    assert "2020-04-01" not in again["reason"]["text"]
    shift = cast.study.date_shift_days
    assert (date(2020, 4, 1) - only_case().acquired_shifted).days == shift


def test_corrected_patient_moves_the_case_to_that_patient(send):
    send(FIRST)
    send(dicom_bytes(PatientID="MRN-4712"))
    assert only_case().patient.label == "P0002"


@pytest.mark.parametrize(
    "elements",
    [
        {"SOPInstanceUID": "1.2.3", "SeriesNumber": 4},
        {"ContentDate": "20210101", "DateOfSecondaryCapture": "20210102"},
        {"InstitutionName": "Elsewhere", "OperatorsName": "Roe^Ann"},
    ],
)
def test_another_export_of_the_same_header_is_a_duplicate(send, elements):
    send(FIRST)
    again = send(dicom_bytes(**elements))
    assert again["status"] == "duplicate"
    assert again["reason"]["text"] == "This image is already in the study as case C0001."
    assert not FormerImage.objects.exists()


def test_sending_both_versions_again_changes_nothing(send, settings):
    send(FIRST)
    send(CORRECTED)
    results = [send(data) for data in (FIRST, CORRECTED, FIRST)]
    assert [result["status"] for result in results] == ["duplicate"] * 3
    assert "former version of case C0001" in results[0]["reason"]["text"]
    assert only_case().image.version == 2
    assert Event.objects.filter(action="case.replaced").count() == 1
    assert len(stored(settings)) == 6


def test_third_version_follows_the_second(send):
    send(FIRST)
    send(CORRECTED)
    third = send(dicom_bytes(PixelSpacing="1.5\\1.5"))
    assert third["reason"]["text"].startswith("Replaced version 2 of case C0001: pixel spacing 2 →")
    assert list(FormerImage.objects.values_list("version", flat=True)) == [1, 2]


def test_image_of_an_earlier_release_is_compared_by_its_stored_file(send):
    send(FIRST)
    Image.objects.update(header={}, checksum="")
    assert send(FIRST)["status"] == "duplicate"
    Image.objects.update(header={}, checksum="")
    assert send(CORRECTED)["status"] == "replaced"
    assert len(FormerImage.objects.get().checksum) == 64


def test_case_that_is_assigned_is_not_replaced(send, cast, settings):
    send(FIRST)
    give_landmarks(only_case())
    Case.objects.update(state="ready")
    assign_cases(study=cast.study, by=cast.coordinator)
    again = send(CORRECTED)
    assert again["status"] == "rejected"
    assert again["reason"]["code"] == "assigned"
    assert "assigned to readers, so it was not replaced" in again["reason"]["text"]
    assert "exclude the case with a reason and upload the file again" in again["reason"]["text"]
    assert again["case"]["label"] == "C0001"
    assert only_case().image.version == 1
    assert len(stored(settings)) == 3


def test_excluded_image_is_added_again_as_a_new_case(send, act):
    first = send(FIRST)
    act(first["case"], "exclude", reason="wrong spacing")
    again = send(CORRECTED)
    assert again["status"] == "accepted"
    assert again["reason"]["text"] == (
        "The same image was excluded as case C0001. It was added as a new case."
    )
    assert again["case"]["label"] == "C0002"
    assert again["case"]["patient"] == first["case"]["patient"]
    excluded = Case.objects.get(label="C0001")
    assert (excluded.state, excluded.image.version) == ("excluded", 1)
    assert Event.objects.get(action="case.readmitted").data["excluded"] == "C0001"
    assert send(CORRECTED)["status"] == "duplicate"
    act(again["case"], "exclude", reason="wrong again")
    assert send(FIRST)["case"]["label"] == "C0003"


def test_assigned_case_can_be_excluded_and_its_image_added_again(send, cast, act):
    first = send(FIRST)
    give_landmarks(only_case())
    Case.objects.update(state="ready")
    assign_cases(study=cast.study, by=cast.coordinator)
    act(first["case"], "exclude", reason="wrong spacing")
    assert send(CORRECTED)["case"]["label"] == "C0002"


def test_rejected_image_takes_its_former_versions_along(send, act, settings):
    send(dicom_bytes(BurnedInAnnotation="YES"))
    again = send(dicom_bytes(BurnedInAnnotation="YES", PixelSpacing="2.0\\2.0"))
    assert again["status"] == "pending_review"
    act(again["case"], "reject", reason="shows a name")
    assert not stored(settings)
    assert not FormerImage.objects.exists()


def test_case_that_was_replaced_is_counted_once_among_the_analyses(send, cast, client_of):
    send(FIRST)
    send(CORRECTED)
    send(CORRECTED)
    answer = client_of(cast.coordinator).get(f"/api/v1/studies/{cast.study.slug}/uploads").json()
    counts = answer["counts"]
    assert (counts["accepted"], counts["replaced"], counts["duplicate"]) == (1, 1, 1)
    assert counts["to_analyse"] == counts["analysing"] == 1
