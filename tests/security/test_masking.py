"""What answers must not reveal: the model's output, a case, another site's cases, a score."""

from __future__ import annotations

import pytest

from studies.sessions.models import Reading
from tests.security.played_study import played, played_once  # noqa: F401

pytestmark = pytest.mark.django_db


def test_unguided_arm_reaches_nothing_of_the_models_output(played, client_of):  # noqa: F811
    client = client_of(played.other_reader.user)
    mine = Reading.objects.filter(reading_list__reader=played.other_reader).in_order()
    reading = mine.first()
    assert reading.arm == "unguided"
    assert client.get(f"/api/v1/readings/{reading.pk}/guides").status_code == 404
    shown = str(client.get(f"/api/v1/readings/{reading.pk}").json())
    room = str(client.get(f"/api/v1/studies/{played.study.slug}/reading").json())
    for secret in ("test-model", "T12", "landmark", "crop", "uncertain", "lordosis"):
        assert secret not in shown + room


def test_reader_learns_neither_case_nor_site_nor_patient_nor_scanner(played, client_of):  # noqa: F811
    client = client_of(played.reader.user)
    case = played.reading.case
    shown = str(client.get(f"/api/v1/readings/{played.reading.pk}").json())
    for secret in (str(case.pk), case.label, case.patient.label, case.scanner, "Hospital"):
        assert secret not in shown


def test_coordinator_of_one_site_sees_no_case_of_another(played, client_of):  # noqa: F811
    client = client_of(played.site_coordinator)
    url = f"/api/v1/studies/{played.study.slug}/cases"
    assert len(client.get(url).json()["results"]) == 3
    case = played.cases[0]
    case.site = played.other_site
    case.save()
    assert len(client.get(url).json()["results"]) == 2
    assert client.get(f"/api/v1/cases/{case.pk}").status_code == 404


def test_reader_who_was_taken_out_reaches_nothing(played, client_of):  # noqa: F811
    played.reader.active = False
    played.reader.save()
    client = client_of(played.reader.user)
    assert client.get(f"/api/v1/readings/{played.reading.pk}").status_code == 404
    assert client.get(f"/api/v1/studies/{played.study.slug}/reading").status_code == 404


def test_no_answer_to_a_coordinator_before_the_lock_holds_a_score(played, client_of):  # noqa: F811
    reader = client_of(played.reader.user)
    reader.post(f"/api/v1/readings/{played.reading.pk}/open")
    sent = {"change_id": "6f1a8a3e-3c09-4f58-8c2e-0d5c8f6f9b11", "version": 0, "score": 3}
    reader.put(f"/api/v1/readings/{played.reading.pk}/cells/L1_anterior", sent)
    client = client_of(played.coordinator)
    slug = played.study.slug
    for url in (
        f"/api/v1/studies/{slug}/overview",
        f"/api/v1/studies/{slug}/cases",
        f"/api/v1/cases/{played.reading.case_id}",
    ):
        assert "score" not in str(client.get(url).json())
