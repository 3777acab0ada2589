"""The linkage list: encrypted, off by default, and seen by coordinators alone."""

from __future__ import annotations

import csv
import io
import logging

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from studies import environment
from studies.audit.models import Event
from studies.cases.linkage.entries import delete_linkage, keep_linkage
from studies.cases.models import Case, LinkageEntry, Upload
from studies.cases.review import reject_case
from studies.cases.upload.ingest import ingest_file
from studies.errors import Conflict
from studies.sessions.study_lifecycle import lock_study
from tests.make import Cast, dicom_bytes, make_case

pytestmark = pytest.mark.django_db
# 80 x 128 pixels, as in `dicom_bytes`.
OTHER_PIXELS = bytes(range(128)) * 80
SECRETS = ("HOSPITAL-77812", "ACC-5519", "smith_john_spine.dcm")


@pytest.fixture
def key(settings) -> str:
    settings.LINKAGE_KEYS = [Fernet.generate_key().decode()]
    return settings.LINKAGE_KEYS[0]


@pytest.fixture
def linked(cast: Cast, key) -> Cast:
    cast.study = keep_linkage(study=cast.study, by=cast.coordinator)
    return cast


def add(cast: Cast, site=None, *, patient=SECRETS[0], name=SECRETS[2], **elements) -> Upload:
    data = dicom_bytes(PatientID=patient, AccessionNumber=SECRETS[1], **elements)
    site = site or cast.site
    return ingest_file(study=cast.study, site=site, data=data, name=name, uploader=cast.coordinator)


def csv_rows(client, cast: Cast) -> list[dict[str, str]]:
    answer = client.get(f"/studies/{cast.study.slug}/linkage.csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_identifiers_of_an_upload_can_be_connected_with_its_case(linked, client):
    case = add(linked).case
    client.force_login(linked.coordinator)
    (row,) = csv_rows(client, linked)
    assert row == {
        "case": case.label,
        "case_site": "A",
        "patient_id": SECRETS[0],
        "accession_number": SECRETS[1],
        "file_name": SECRETS[2],
    }
    text = client.get(f"/studies/{linked.study.slug}/linkage/list").content.decode()
    assert all(secret in text for secret in SECRETS)


def test_study_without_the_option_keeps_nothing(cast, key):
    assert add(cast).case is not None
    assert not LinkageEntry.objects.exists()


def test_identifiers_are_encrypted_in_the_database_and_nowhere_else(linked, caplog):
    caplog.set_level(logging.DEBUG)
    upload = add(linked)
    # The list of uploads has the name of the file until it is dismissed, as before.
    upload.delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows = str(cursor.fetchall())
            for secret in SECRETS:
                assert secret not in rows, table
                assert secret.encode().hex() not in rows, table
    assert not any(secret in caplog.text for secret in SECRETS)


def test_coordinator_of_one_site_sees_only_the_site_s_entries(linked, client):
    at_site = add(linked).case
    add(linked, linked.other_site, patient="OTHER-1", PixelData=OTHER_PIXELS)
    client.force_login(linked.site_coordinator)
    assert [row["case"] for row in csv_rows(client, linked)] == [at_site.label]
    text = client.get(f"/studies/{linked.study.slug}/linkage/list").content.decode()
    assert "OTHER-1" not in text
    page = client.get(f"/studies/{linked.study.slug}/linkage").content.decode()
    assert "1 entry of your site" in page
    client.force_login(linked.coordinator)
    assert len(csv_rows(client, linked)) == 2


@pytest.mark.parametrize("role", ["reader", "statistician", "admin", "outsider"])
def test_no_one_else_reaches_the_list(role, linked, client, admin_user):
    add(linked)
    people = {"reader": linked.reader.user, "admin": admin_user}
    client.force_login(people.get(role) or getattr(linked, role))
    for page in ("linkage", "linkage/list", "linkage.csv"):
        assert client.get(f"/studies/{linked.study.slug}/{page}").status_code == 404


def test_each_access_is_in_the_audit_trail_with_person_and_number(linked, client):
    add(linked)
    client.force_login(linked.coordinator)
    client.get(f"/studies/{linked.study.slug}/linkage/list")
    csv_rows(client, linked)
    events = Event.objects.filter(action__startswith="linkage.").order_by("pk")
    assert [(event.action, event.actor, event.data) for event in events] == [
        ("linkage.switched_on", linked.coordinator, {}),
        ("linkage.viewed", linked.coordinator, {"entries": 1}),
        ("linkage.downloaded", linked.coordinator, {"entries": 1}),
    ]


def test_list_cannot_be_switched_on_without_a_key_or_after_the_first_upload(cast, settings, client):
    settings.LINKAGE_KEYS = []
    with pytest.raises(Conflict, match="VERTEREAD_LINKAGE_KEY"):
        keep_linkage(study=cast.study, by=cast.coordinator)
    settings.LINKAGE_KEYS = [Fernet.generate_key().decode()]
    make_case(cast.study, cast.site)
    with pytest.raises(Conflict, match="before the first upload"):
        keep_linkage(study=cast.study, by=cast.coordinator)
    client.force_login(cast.site_coordinator)
    assert client.post(f"/studies/{cast.study.slug}/linkage/keep").status_code == 403


def test_upload_without_the_key_stores_neither_case_nor_identifiers(linked, settings):
    settings.LINKAGE_KEYS = []
    with pytest.raises(Conflict, match="VERTEREAD_LINKAGE_KEY"):
        add(linked)
    assert not Case.objects.filter(study=linked.study).exists()


def test_entry_of_a_rejected_case_is_deleted(linked):
    case = add(linked).case
    reject_case(case=case, actor=linked.coordinator, reason="shows a name")
    assert not LinkageEntry.objects.exists()


def test_replaced_image_has_the_identifiers_of_its_present_file(linked, client):
    case = add(linked).case
    again = add(linked, patient="HOSPITAL-99", name="again.dcm")
    assert (again.status, again.case) == (Upload.Status.REPLACED, case)
    client.force_login(linked.coordinator)
    (row,) = csv_rows(client, linked)
    assert (row["patient_id"], row["file_name"]) == ("HOSPITAL-99", "again.dcm")


def test_deleting_the_list_leaves_the_cases(linked, client):
    add(linked)
    assert delete_linkage(study=linked.study, by=linked.coordinator) == 1
    linked.study.refresh_from_db()
    assert not linked.study.linkage
    assert Case.objects.filter(study=linked.study).count() == 1
    assert not LinkageEntry.objects.exists()


def test_list_stays_available_after_the_lock(linked, client):
    linked.assign_cases()
    lock_study(study=linked.study, by=linked.coordinator)
    client.force_login(linked.coordinator)
    assert client.get(f"/studies/{linked.study.slug}/linkage/list").status_code == 200


def test_csv_is_safe_in_spreadsheets(linked, client):
    add(linked, patient="=1+1", name="@evil.dcm")
    client.force_login(linked.coordinator)
    (row,) = csv_rows(client, linked)
    assert (row["patient_id"], row["file_name"]) == ("'=1+1", "'@evil.dcm")


def test_new_key_takes_over_from_an_old_one(linked, key, settings, client):
    add(linked)
    new = Fernet.generate_key().decode()
    settings.LINKAGE_KEYS = [new, key]
    call_command("rotate_linkage_keys")
    settings.LINKAGE_KEYS = [new]
    client.force_login(linked.coordinator)
    assert csv_rows(client, linked)[0]["patient_id"] == SECRETS[0]
    settings.LINKAGE_KEYS = [key]
    text = client.get(f"/studies/{linked.study.slug}/linkage/list").content.decode()
    assert "cannot be decrypted" in text
    with pytest.raises(CommandError, match="could not be decrypted"):
        call_command("rotate_linkage_keys")


def test_entry_that_was_moved_to_another_case_is_not_shown(linked, client):
    case, other = add(linked).case, add(linked, PixelData=OTHER_PIXELS).case
    LinkageEntry.objects.filter(case=other).delete()
    LinkageEntry.objects.filter(case=case).update(case=other)
    client.force_login(linked.coordinator)
    (row,) = csv_rows(client, linked)
    assert (row["case"], row["patient_id"]) == (other.label, "")


def test_list_is_paged_with_a_constant_number_of_queries(
    linked, client, django_assert_num_queries, django_assert_max_num_queries
):
    token = Fernet(Fernet.generate_key()).encrypt(b"{}")
    client.force_login(linked.coordinator)
    url = f"/studies/{linked.study.slug}/linkage/list"
    LinkageEntry.objects.create(case=make_case(linked.study, linked.site), identifiers=token)
    with django_assert_max_num_queries(10) as few:
        client.get(url)
    for _ in range(5):
        LinkageEntry.objects.create(case=make_case(linked.study, linked.site), identifiers=token)
    with django_assert_num_queries(len(few)):
        client.get(url)


@pytest.mark.parametrize("value", ["short", "é" * 44, "A" * 40, f"{'A' * 43}=,bad"])
def test_key_that_cannot_be_used_stops_the_start_without_showing_it(value, monkeypatch):
    monkeypatch.setenv("VERTEREAD_LINKAGE_KEY", value)
    with pytest.raises(ImproperlyConfigured) as error:
        environment.encryption_keys("VERTEREAD_LINKAGE_KEY")
    assert "openssl rand" in str(error.value)
    assert value not in str(error.value)


def test_keys_are_separated_by_commas(monkeypatch):
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    monkeypatch.setenv("VERTEREAD_LINKAGE_KEY", ", ".join(keys))
    assert environment.encryption_keys("VERTEREAD_LINKAGE_KEY") == keys
