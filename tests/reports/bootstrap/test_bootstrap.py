"""Bootstrap intervals on the agreement page: request, computation, display, permissions."""

from __future__ import annotations

import pytest
from django.urls import reverse

from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from studies.audit.models import Event
from studies.reports import bootstrap_runs
from studies.reports.models import BootstrapRun
from studies.reports.snapshot import current_snapshot
from studies.reports.tasks import compute_bootstrap_task
from studies.sessions.models import Reading, Score
from tests.reports.bootstrap.requests import agreement_page, request_intervals

pytestmark = pytest.mark.django_db


def test_it_is_requested_computed_once_and_shown(locked, client_of, queued):
    client = client_of(locked.statistician)
    assert "Compute bootstrap intervals" in agreement_page(client, locked)
    url = reverse("bootstrap", args=[locked.study.slug])
    response = client.post(url, {"outcome": "L2", "weights": "none"}, format="multipart")
    assert response.status_code == 302
    assert "outcome=L2&weights=none" in response["Location"]
    run = BootstrapRun.objects.get()
    assert queued == [str(run.pk)]
    assert "Waiting for the worker" in agreement_page(client, locked, outcome="L2", weights="none")
    compute_bootstrap_task(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.resamples_done, run.resamples) == ("done", 2000, 2000)
    page = agreement_page(client, locked, outcome="L2", weights="none")
    assert "Percentile" in page
    assert "2,000 resamples of patients" in page
    assert "Compute bootstrap intervals" in agreement_page(client, locked)
    assert (
        request_intervals(
            client_of(locked.coordinator), locked, outcome="L2", weights="none"
        ).json()["state"]
        == "done"
    )
    assert BootstrapRun.objects.count() == 1
    assert Event.objects.filter(action="bootstrap.asked_for").count() == 1


def test_intervals_are_those_of_the_command_with_the_same_seed(locked, client_of, queued):
    client = client_of(locked.coordinator)
    assert request_intervals(client, locked).status_code == 201
    compute_bootstrap_task(queued[0])
    snapshot = current_snapshot(locked.study)
    drawn = Bootstrap.draw(len(snapshot.table.patients), replicates=2000, seed=locked.study.seed)
    whole = agreement(snapshot.table, outcomes=["cells"], weights=["linear"], bootstrap=drawn)
    api = client.get(f"/api/v1/studies/{locked.study.slug}/agreement").json()["bootstrap"]
    assert api["seed"] == locked.study.seed
    for record in api["results"]:
        theirs = next(
            whole.find(record["statistic"], arm=record["arm"], readers=tuple(record["readers"]))
        )
        assert record["ci_bootstrap"] == theirs.more["ci_bootstrap"]
        assert record["ci_bca"] == theirs.more["ci_bca"]


def test_progress_is_in_resamples(locked, client_of, queued, monkeypatch):
    client = client_of(locked.coordinator)
    request_intervals(client, locked)
    pages: list[str] = []

    def halfway(*args, progress, **options):
        progress(1200)
        pages.append(agreement_page(client, locked))
        return []

    monkeypatch.setattr(bootstrap_runs, "bootstrap_intervals", halfway)
    compute_bootstrap_task(queued[0])
    assert "1,200 of 2,000 resamples" in pages[0]
    assert 'data-refresh="1"' in pages[0]
    assert "data-refresh" not in agreement_page(client, locked)


def test_task_run_twice_computes_once(locked, client_of, queued, monkeypatch):
    request_intervals(client_of(locked.coordinator), locked)
    compute_bootstrap_task(queued[0])
    before = BootstrapRun.objects.get().made_at
    monkeypatch.setattr(bootstrap_runs, "bootstrap_intervals", None)
    compute_bootstrap_task(queued[0])
    assert BootstrapRun.objects.get().made_at == before


def test_failed_bootstrap_gives_a_reason_and_can_be_requested_again(
    locked, client_of, queued, monkeypatch
):
    client = client_of(locked.coordinator)
    request_intervals(client, locked)
    with monkeypatch.context() as broken:
        broken.setattr(bootstrap_runs, "bootstrap_intervals", None)
        compute_bootstrap_task(queued[0])
    assert "worker&#x27;s log" in agreement_page(client, locked)
    assert request_intervals(client, locked).json()["state"] == "queued"
    compute_bootstrap_task(queued[1])
    assert BootstrapRun.objects.get().state == "done"


def test_new_readings_are_a_new_snapshot(read, client_of, queued):
    client = client_of(read.coordinator)
    look = reverse("interim-look", args=[read.study.slug])
    client.post(look, {"reason": "Safety board"}, format="multipart")
    request_intervals(client, read)
    reading = Reading.objects.filter(reading_list__study=read.study).first()
    Score.objects.filter(reading=reading, cell="L1_anterior").update(score=None, validity=3)
    reading.submitted_at = reading.submitted_at.replace(microsecond=0)
    reading.active_ms += 1
    reading.save()
    last = Reading.objects.filter(reading_list__study=read.study).order_by("submitted_at").last()
    Reading.objects.filter(pk=last.pk).update(submitted_at=last.submitted_at.replace(year=2030))
    compute_bootstrap_task(queued[0])
    run = BootstrapRun.objects.get()
    assert (run.state, run.failure) == ("failed", bootstrap_runs.DATA_CHANGED)
    request_intervals(client, read)
    assert BootstrapRun.objects.count() == 2


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("coordinator", 201),
        ("statistician", 201),
        ("site_coordinator", 404),
        ("reader", 404),
        ("other_reader", 404),
        ("outsider", 404),
    ],
)
def test_roles_that_may_request_intervals_after_the_lock(locked, client_of, queued, role, status):
    person = getattr(locked, role)
    client = client_of(getattr(person, "user", person))
    assert request_intervals(client, locked).status_code == status
    url = f"/api/v1/studies/{locked.study.slug}/agreement"
    assert client.get(url).status_code == (200 if status == 201 else 404)


def test_no_role_may_request_intervals_before_the_lock(read, client_of, queued):
    for person in (read.coordinator, read.statistician):
        assert request_intervals(client_of(person), read).status_code == 403
    assert not BootstrapRun.objects.exists()
    assert queued == []
