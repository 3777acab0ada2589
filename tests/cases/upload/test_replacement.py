"""The same pixels with another header: a new version, a new case, or a refusal."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from studies.audit.models import Event
from studies.cases.landmarks.sets import begin_analysis, store_analysis
from studies.cases.models import Case, FormerImage, Image, LandmarkSet, Upload
from studies.cases.review import exclude_case
from studies.cases.upload import ingest
from studies.cases.upload.ingest import ingest_file
from studies.cases.upload.replacement import DUPLICATE_TEXT
from studies.celery import app
from studies.jobs.claims import ClaimLost
from studies.sessions.study_lifecycle import assign_cases
from studies.storage.files import read_stored
from tests.make import dicom_bytes, give_landmarks

pytestmark = pytest.mark.django_db
FIRST = dicom_bytes()
CORRECTED = dicom_bytes(PixelSpacing="2.0\\2.0")


@pytest.fixture
def send(cast, client_of):
    def post(data: bytes, *, by: Any = None, site: str = "A", name: str = "scan.dcm") -> Any:
        answer = client_of(by or cast.coordinator).post(
            f"/api/v1/studies/{cast.study.slug}/uploads",
            {"file": SimpleUploadedFile("x", data), "name": name, "site": site},
            format="multipart",
        )
        assert answer.status_code == 201, answer.content
        (result,) = answer.json()["results"]
        return result

    return post


@pytest.fixture
def act(cast, client_of):
    def post(case: dict[str, Any], action: str, **body: Any) -> Any:
        answer = client_of(cast.coordinator).post(
            f"/api/v1/cases/{case['id']}/{action}", body, format="json"
        )
        assert answer.status_code == 200, answer.content
        return answer.json()

    return post


def only_case() -> Case:
    return Case.objects.select_related("image", "patient").get()


def stored(settings: Any) -> list[Path]:
    return [path for path in Path(settings.STORAGE).rglob("*") if path.is_file()]


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
        case=case, version=2, source="moved", parent=model, model_checksum="c" * 64, **values
    )
    case.state = "ready"
    case.save()
    assert "corrected corners stay in the case's history" in send(CORRECTED)["reason"]["text"]


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


class TestPendingReview:
    def test_pending_case_stays_pending_and_the_change_is_named(self, send):
        send(dicom_bytes(BurnedInAnnotation="YES"))
        again = send(dicom_bytes(BurnedInAnnotation="YES", PixelSpacing="2.0\\2.0"))
        assert again["status"] == again["case"]["state"] == "pending_review"
        assert again["reason"]["text"].startswith("Replaced version 1 of case C0001: pixel")

    def test_header_that_rules_a_name_out_ends_the_review(self, send):
        send(dicom_bytes(BurnedInAnnotation="YES"))
        again = send(FIRST)
        assert (again["status"], again["case"]["state"]) == ("replaced", "received")
        assert again["case"]["reason"] is None

    def test_header_that_names_burned_in_text_begins_one(self, send):
        send(FIRST)
        assert send(dicom_bytes(BurnedInAnnotation="YES"))["case"]["state"] == "pending_review"

    def test_release_of_the_same_pixels_stays_valid(self, send, act):
        act(send(dicom_bytes(BurnedInAnnotation="YES"))["case"], "release")
        again = send(dicom_bytes(BurnedInAnnotation="YES", PixelSpacing="2.0\\2.0"))
        assert (again["status"], again["case"]["state"]) == ("replaced", "received")
        assert only_case().released

    @pytest.mark.parametrize(
        "elements", [{"WindowCenter": 100, "WindowWidth": 80}, {"BurnedInAnnotation": None}]
    )
    def test_image_that_looks_different_is_reviewed_again(self, send, act, elements):
        act(send(dicom_bytes(BurnedInAnnotation="YES"))["case"], "release")
        again = send(dicom_bytes(**{"BurnedInAnnotation": "YES", **elements}))
        assert again["case"]["state"] == "pending_review"
        assert not only_case().released

    def test_release_that_was_undone_stays_undone(self, send, act):
        first = send(dicom_bytes(BurnedInAnnotation="YES"))
        act(first["case"], "release")
        act(first["case"], "undo-release")
        again = send(FIRST)
        assert again["case"]["state"] == "pending_review"
        assert only_case().reason_code == "release_undone"


class TestOtherSite:
    @pytest.mark.parametrize("data", [FIRST, CORRECTED])
    def test_site_coordinator_learns_nothing_of_another_sites_case(
        self, send, cast, client_of, data
    ):
        first = send(FIRST, site="B")
        again = send(data, by=cast.site_coordinator)
        assert again["status"] == "duplicate"
        assert again["case"] is None
        assert again["reason"]["text"] == DUPLICATE_TEXT
        listed = client_of(cast.site_coordinator).get(f"/api/v1/studies/{cast.study.slug}/uploads")
        for secret in ("C0001", "P0001", first["case"]["id"], "Hospital B", "spacing"):
            assert secret not in listed.content.decode()
        assert only_case().image.version == 1

    def test_coordinator_of_the_study_is_told_to_choose_that_site(self, send):
        send(FIRST, site="B")
        again = send(CORRECTED, site="A")
        assert again["status"] == "duplicate"
        assert "as case C0001 of Hospital B" in again["reason"]["text"]
        assert send(CORRECTED, site="B")["status"] == "replaced"

    def test_image_that_another_site_excluded_is_added_without_its_label(self, send, act, cast):
        act(send(FIRST, site="B")["case"], "exclude", reason="sent by mistake")
        again = send(FIRST, by=cast.site_coordinator)
        assert again["status"] == "accepted"
        assert again["case"]["label"] == "C0002"
        assert "C0001" not in again["reason"]["text"]

    def test_site_coordinator_replaces_a_case_of_that_site(self, send, cast):
        send(FIRST)
        again = send(CORRECTED, by=cast.site_coordinator)
        assert again["status"] == "replaced"
        assert "C0001" in again["reason"]["text"]

    def test_uploader_who_changed_to_another_site_no_longer_sees_the_label(
        self, send, cast, client_of
    ):
        send(FIRST)
        send(CORRECTED, by=cast.site_coordinator)
        cast.site_coordinator.memberships.update(site=cast.other_site)
        client = client_of(cast.site_coordinator)
        body = client.get(f"/api/v1/studies/{cast.study.slug}/uploads").content.decode()
        assert "replaced" in body and "C0001" not in body and "P0001" not in body


@pytest.mark.parametrize("person", ["reader", "statistician", "outsider"])
def test_only_coordinators_replace_an_image(send, cast, client_of, person):
    send(FIRST)
    user = getattr(cast, person)
    answer = client_of(getattr(user, "user", user)).post(
        f"/api/v1/studies/{cast.study.slug}/uploads",
        {"file": SimpleUploadedFile("x", CORRECTED), "name": "x", "site": "A"},
        format="multipart",
    )
    assert answer.status_code == 404
    assert only_case().image.version == 1


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


def test_case_that_was_replaced_is_counted_once_among_the_analyses(send, cast, client_of):
    send(FIRST)
    send(CORRECTED)
    send(CORRECTED)
    answer = client_of(cast.coordinator).get(f"/api/v1/studies/{cast.study.slug}/uploads").json()
    counts = answer["counts"]
    assert (counts["accepted"], counts["replaced"], counts["duplicate"]) == (1, 1, 1)
    assert counts["to_analyse"] == counts["analysing"] == 1
