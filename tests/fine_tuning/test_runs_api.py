"""Fine-tuning runs through API and pages: who starts, lists, cancels and resumes them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.fine_tuning.api import runs as runs_api
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.queueing import FINE_TUNE
from studies.registry.installed import installed_model
from tests.fine_tuning.corrected_cases import make_corrected_cases
from tests.fine_tuning.requests import ask
from tests.make import make_user

pytestmark = pytest.mark.django_db


def test_api_starts_lists_cancels_and_resumes(cast, client_of, queued):
    make_corrected_cases(cast.study, cast.site, 4)
    client, base = client_of(cast.coordinator), f"/api/v1/studies/{cast.study.slug}/fine-tunings"
    body = {"name": "a", "start": str(installed_model().pk), "consent": "Approval 12/2026"}
    answer = client.post(f"{base}/start", body)
    assert answer.status_code == 201, answer.content
    run = answer.json()
    assert (run["state"], run["cases"], run["studies"]) == ("queued", 4, [cast.study.slug])
    assert queued == [(FINE_TUNE, run["id"])]
    listed = client.get(base).json()
    assert [row["id"] for row in listed["results"]] == [run["id"]]
    cancelled = client.post(f"/api/v1/fine-tunings/{run['id']}/cancel").json()
    resumed = client.post(f"/api/v1/fine-tunings/{run['id']}/resume").json()
    assert (cancelled["state"], resumed["state"]) == ("cancelled", "queued")
    assert len(queued) == 2


def test_other_roles_neither_see_nor_change_a_run(cast, run, client_of, queued):
    admin = make_user("ada", is_staff=True, is_superuser=True)
    people = {
        cast.site_coordinator: (403, 404),
        cast.statistician: (404, 404),
        cast.reader.user: (404, 404),
        cast.outsider: (404, 404),
        admin: (404, 404),
    }
    body = {"name": "a", "start": str(run.start_id), "consent": "yes"}
    for person, (of_study, of_run) in people.items():
        client = client_of(person)
        base = f"/api/v1/studies/{cast.study.slug}/fine-tunings"
        assert client.get(base).status_code == of_study, person
        assert client.post(f"{base}/start", body).status_code == of_study, person
        for action in ("cancel", "resume"):
            assert client.post(f"/api/v1/fine-tunings/{run.pk}/{action}").status_code == of_run
        assert client.get(f"/api/v1/fine-tunings/{run.pk}/cases").status_code == of_run
    run.refresh_from_db()
    assert run.state == "queued" and not queued


def test_cases_of_a_study_that_the_person_does_not_coordinate_are_not_used(cast, client_of):
    body = {
        "name": "a",
        "start": str(installed_model().pk),
        "consent": "yes",
        "more_studies": [cast.outside_study.slug],
    }
    base = f"/api/v1/studies/{cast.study.slug}/fine-tunings"
    answer = client_of(cast.coordinator).post(f"{base}/start", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unknown_study"


def test_page_starts_a_run_and_shows_it(cast, client_of, queued):
    make_corrected_cases(cast.study, cast.site, 5)
    client, address = client_of(cast.coordinator), f"/studies/{cast.study.slug}/models/fine-tuning"
    assert "5 corrected cases from 5 patients" in client.get(address).content.decode()
    form = {"name": "a", "start": str(installed_model().pk), "consent": "Approval 12/2026"}
    unconfirmed = client.post(address, form, format="multipart")
    assert unconfirmed.status_code == 200 and not FineTuningRun.objects.exists()
    page = client.post(address, {**form, "confirmed": "on"}, format="multipart", follow=True)
    assert "waiting for a worker" in page.content.decode()
    run = FineTuningRun.objects.get()
    assert queued == [(FINE_TUNE, str(run.pk))]
    cancelled = client.post(f"{address}/{run.pk}/cancel", follow=True).content.decode()
    assert "You can resume it" in cancelled and "Resume run" in cancelled
    FineTuningRun.objects.filter(pk=run.pk).update(
        step=20,
        steps=40,
        log=[
            {"step": 10, "loss": 2.0, "validation_px": None},
            {"step": 20, "loss": 1.0, "validation_px": 3.5},
        ],
    )
    shown = client.get(f"{address}/{run.pk}").content.decode()
    assert "Validation error (px, 512 × 1024 frame): 3.5" in shown and "<polyline" in shown


def test_list_takes_as_many_queries_for_many_runs_as_for_one(cast, run, client_of):
    client = client_of(cast.coordinator)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/api/v1/studies/{cast.study.slug}/fine-tunings").json()
        counts.append(len(captured))
        assert {row["cases"] for row in answer["results"]} == {5}
        for _ in range(3):
            FineTuningRun.objects.update(state="cancelled")
            ask(cast)
    assert counts[0] == counts[1] <= 10


def test_list_has_pages_of_runs_newest_first(cast, run, client_of, monkeypatch):
    monkeypatch.setattr(runs_api, "RUNS_PER_PAGE", 2)
    for _ in range(2):
        FineTuningRun.objects.update(state="cancelled")
        ask(cast)
    newest_first = list(FineTuningRun.objects.order_by("-created_at"))
    client, address = client_of(cast.coordinator), f"/api/v1/studies/{cast.study.slug}/fine-tunings"
    first, last, beyond = (client.get(f"{address}?page={number}").json() for number in (1, 2, 99))
    assert [row["id"] for row in first["results"]] == [str(run.pk) for run in newest_first[:2]]
    assert (first["count"], first["page"], first["pages"]) == (3, 1, 2)
    assert [row["id"] for row in last["results"]] == [str(newest_first[2].pk)]
    assert beyond == last
