"""Which patient IDs are one patient, and which are nearly one."""

from __future__ import annotations

import pytest

from studies.audit.models import Event
from studies.cases.models import Case, Patient, Upload
from studies.cases.upload.ingest import ingest_file
from studies.protocol.models import Site
from studies.readers.models import User
from tests.cases.dicom.cleaning import clean
from tests.dicom_files import lateral_file
from tests.make import dicom_bytes


def keys(patient_id, issuer=None, key=b"k" * 32):
    issuer = {} if issuer is None else {"IssuerOfPatientID": issuer}
    data = lateral_file(SpecificCharacterSet="ISO_IR 192", PatientID=patient_id, **issuer)
    facts = clean(data, key=key).facts
    return facts.patient_key, facts.patient_near_key


@pytest.mark.parametrize("other", ["12 ", " 12", "12"])
def test_spaces_around_an_id_do_not_matter(other):
    assert keys("12") == keys(other)


def test_case_of_letters_does_not_matter():
    assert keys("mrn-12a") == keys("MRN-12A")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("0012",), ("12",)),
        (("MRN-0012",), ("MRN12",)),
        (("12.345",), ("12-345",)),
        (("12", "HOSPITAL A"), ("12", "HOSPITAL B")),
        (("12", "HOSPITAL A"), ("12",)),
        (("\uff11\uff12",), ("12",)),
    ],
)
def test_nearly_equal_ids_are_two_patients_and_near(one, other):
    (key, near), (other_key, other_near) = keys(*one), keys(*other)
    assert key != other_key
    assert near == other_near != ""


@pytest.mark.parametrize("other", ["120", "1200", "21", "1 2 3", "A12"])
def test_other_ids_are_not_near(other):
    assert keys("12")[1] != keys(other)[1]


def test_near_key_needs_an_id_and_the_studys_secret():
    assert keys("")[1] == keys("--")[1] == ""
    assert keys("12")[1] != keys("12", key=b"o" * 32)[1]


def ramp(start):
    return bytes(range(start, start + 128)) * 80


@pytest.fixture
def take_in(cast):
    def take(patient_id: str, start: int, **elements: str) -> Upload:
        data = dicom_bytes(PatientID=patient_id, PixelData=ramp(start), **elements)
        return ingest_file(
            study=cast.study, site=cast.site, data=data, name="a", uploader=cast.coordinator
        )

    return take


@pytest.mark.django_db
def test_coordinator_is_warned_with_case_labels_and_no_id(take_in, cast, client_of):
    first = take_in("0047110815", 1)
    second = take_in("47110815", 2)
    again = take_in("47110815", 3)
    assert first.reason_text == ""
    for upload, named in ((second, "C0001"), (again, "C0001")):
        assert upload.status == "accepted"
        assert upload.reason_code == "near_patient"
        assert named in upload.reason_text
        assert "47110815" not in upload.reason_text
    assert Patient.objects.count() == 2
    client = client_of(cast.coordinator)
    warning = client.get(f"/api/v1/cases/{first.case.pk}").json()["patient_warning"]
    assert "C0002, C0003" in warning
    assert "47110815" not in str(list(Event.objects.values()))


@pytest.mark.django_db
def test_held_case_keeps_its_reason_beside_the_warning(take_in):
    take_in("0012", 1)
    upload = take_in("12", 2, BurnedInAnnotation="YES")
    assert upload.reason_code == "burned_in_unknown"
    assert "a name is visible in the picture" in upload.reason_text
    assert "C0001" in upload.reason_text


@pytest.mark.django_db
def test_patient_of_an_earlier_version_becomes_comparable_with_the_next_file(take_in):
    take_in("0012", 1)
    Patient.objects.update(near_key="")
    assert take_in("12", 2).reason_text == ""
    assert "C0002" in take_in("0012", 3).reason_text


@pytest.mark.django_db
def test_same_id_in_another_study_is_not_near(take_in, cast):
    first = take_in("0012", 1).case
    Patient.objects.create(
        study=cast.outside_study, label="P0001", key="x", near_key=first.patient.near_key
    )
    assert not Case.objects.of_similar_patients(first.patient).exists()


@pytest.mark.django_db
def test_site_coordinator_is_warned_without_another_sites_label(cast, client_of):
    def take(number: int, patient_id: str, site: Site, uploader: User) -> Upload:
        data = dicom_bytes(PatientID=patient_id, PixelData=ramp(number))
        return ingest_file(study=cast.study, site=site, data=data, name="a", uploader=uploader)

    take(1, "0012", cast.other_site, cast.coordinator)
    upload = take(2, "12", cast.site, cast.site_coordinator)
    assert "that of a case at another site: only" in upload.reason_text
    assert "C0001" not in upload.reason_text
    case = f"/api/v1/cases/{upload.case.pk}"
    warning = client_of(cast.site_coordinator).get(case).json()["patient_warning"]
    assert "a case at another site" in warning and "C0001" not in warning
    take(3, "00012", cast.site, cast.site_coordinator)
    warning = client_of(cast.site_coordinator).get(case).json()["patient_warning"]
    assert "C0003 and a case at another site" in warning
    assert "C0001, C0003:" in client_of(cast.coordinator).get(case).json()["patient_warning"]
