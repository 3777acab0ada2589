"""Bootstrap runs that are requested simultaneously, exceed the limit, or lose their worker."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from studies.audit.models import Event
from studies.jobs import requeue
from studies.jobs.claims import MAX_ATTEMPTS
from studies.jobs.requeue import requeue_stale_work
from studies.reports import bootstrap_runs
from studies.reports.bootstrap_runs import MAX_WAITING, request_bootstrap
from studies.reports.filters import parse_selection
from studies.reports.models import BootstrapRun
from studies.reports.snapshot import current_snapshot
from studies.reports.tasks import compute_bootstrap_task
from tests.make import Cast
from tests.reports.bootstrap.requests import agreement_page, request_intervals

COMPUTING, QUEUED = BootstrapRun.State.COMPUTING, BootstrapRun.State.QUEUED


def requeue_unheard() -> None:
    """Let nothing have been heard of the runs for longer than a worker may be silent."""
    BootstrapRun.objects.update(heard_at=timezone.now() - timedelta(seconds=61))
    requeue_stale_work()


@pytest.mark.django_db
def test_one_whose_worker_was_stopped_is_queued_again_by_itself(
    locked, client_of, queued, monkeypatch
):
    client = client_of(locked.coordinator)
    request_intervals(client, locked)

    class Killed(BaseException):
        """What no task catches."""

    def killed(*args: Any, progress: Any, **options: Any) -> None:
        progress(400)
        raise Killed

    with monkeypatch.context() as stopped, pytest.raises(Killed):
        stopped.setattr(bootstrap_runs, "bootstrap_intervals", killed)
        compute_bootstrap_task(queued[0])
    assert "400 of 2,000 resamples" in agreement_page(client, locked)
    again = request_intervals(client, locked)
    assert (again.status_code, again.json()["state"]) == (200, "computing")
    requeue_unheard()
    assert queued == [str(BootstrapRun.objects.get().pk)] * 2
    assert "Waiting for the worker" in agreement_page(client, locked)
    compute_bootstrap_task(queued[1])
    run = BootstrapRun.objects.get()
    assert (run.state, run.attempts) == ("done", 2)
    assert Event.objects.filter(action="bootstrap.asked_for").count() == 1


@pytest.mark.django_db
def test_one_that_was_interrupted_too_often_fails_and_can_be_requested_again(
    locked, client_of, queued
):
    client = client_of(locked.statistician)
    request_intervals(client, locked)
    BootstrapRun.objects.update(state=COMPUTING, attempts=MAX_ATTEMPTS)
    requeue_unheard()
    page = agreement_page(client, locked)
    assert "interrupted 3 times because its worker stopped. Compute the intervals again." in page
    assert "Compute intervals again" in page
    again = request_intervals(client, locked)
    assert (again.status_code, again.json()["state"]) == (201, "queued")
    assert (again.json()["resamples_done"], again.json()["failure"]) == (0, None)
    compute_bootstrap_task(queued[-1])
    assert BootstrapRun.objects.get().state == "done"


@pytest.mark.django_db
def test_one_that_the_broker_lost_is_queued_again_by_itself(locked, client_of, queued, monkeypatch):
    monkeypatch.setattr(requeue, "queue_length", lambda name: 0)
    request_intervals(client_of(locked.statistician), locked)
    requeue_unheard()
    assert queued == [str(BootstrapRun.objects.get().pk)] * 2
    compute_bootstrap_task(queued[0])
    compute_bootstrap_task(queued[1])
    assert BootstrapRun.objects.get().attempts == 1


@pytest.mark.django_db
def test_two_messages_of_one_run_are_computed_once(locked, client_of, queued, monkeypatch):
    request_intervals(client_of(locked.coordinator), locked)

    def meanwhile(*args: Any, **options: Any) -> list[Any]:
        compute_bootstrap_task(queued[0])
        return []

    monkeypatch.setattr(bootstrap_runs, "bootstrap_intervals", meanwhile)
    compute_bootstrap_task(queued[0])
    assert (BootstrapRun.objects.get().state, BootstrapRun.objects.get().attempts) == ("done", 1)


@pytest.mark.django_db
@pytest.mark.parametrize("at_its_end", ["computes on", "fails", "is ready"])
def test_worker_that_lost_its_claim_writes_nothing(
    locked, client_of, queued, monkeypatch, at_its_end
):
    client = client_of(locked.coordinator)
    request_intervals(client, locked)

    def slow(*args: Any, progress: Any, **options: Any) -> list[Any]:
        requeue_unheard()
        bootstrap_runs.begin_bootstrap(pk=queued[0])
        if at_its_end == "computes on":
            progress(1800)
        if at_its_end == "fails":
            raise ValueError
        return []

    monkeypatch.setattr(bootstrap_runs, "bootstrap_intervals", slow)
    compute_bootstrap_task(queued[0])
    run = BootstrapRun.objects.get()
    assert (run.state, run.resamples_done, run.attempts, run.failure) == ("computing", 0, 2, "")


@pytest.mark.django_db
def test_one_person_has_few_waiting_in_a_study(locked, client_of, queued):
    client = client_of(locked.coordinator)
    outcomes = ["L1", "L2", "L3", "L4"]
    assert [request_intervals(client, locked, outcome=name).status_code for name in outcomes] == [
        *[201] * MAX_WAITING, 409,
    ]  # fmt: skip
    refused = request_intervals(client, locked, outcome="L4").json()["error"]
    assert refused["code"] == "too_many_waiting"
    assert "Wait until one finishes" in refused["message"]
    url = reverse("bootstrap", args=[locked.study.slug])
    page = client.post(url, {"outcome": "L4"}, format="multipart", follow=True)
    assert refused["message"] in page.content.decode()
    assert "#" not in page.redirect_chain[0][0], "the message stands at the top of the page"
    assert len(queued) == BootstrapRun.objects.count() == MAX_WAITING
    assert (
        request_intervals(client_of(locked.statistician), locked, outcome="L4").status_code == 201
    )
    compute_bootstrap_task(queued[0])
    assert request_intervals(client, locked, outcome="posterior").status_code == 201
    assert request_intervals(client, locked, outcome="anterior").status_code == 409


@pytest.mark.django_db
def test_nothing_is_stored_that_is_not_valid(locked, queued, monkeypatch):
    monkeypatch.setattr(bootstrap_runs, "RESAMPLES", -1)
    snapshot = current_snapshot(locked.study)
    selection = parse_selection(QueryDict(""), snapshot)
    with pytest.raises(ValidationError):
        request_bootstrap(study=locked.study, by=locked.coordinator, selection=selection)
    assert not BootstrapRun.objects.exists()


def at_once(*calls: Any) -> list[Any]:
    """Return the results of calls that start simultaneously, each on its own connection."""
    begin, answers = Barrier(len(calls)), [None] * len(calls)

    def run_call(index: int) -> None:
        try:
            begin.wait(30)
            answers[index] = calls[index]()
        finally:
            connection.close()

    threads = [Thread(target=run_call, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_simultaneous_requests_give_one_run_and_one_message(locked: Cast, client_of, queued):
    current_snapshot(locked.study)
    people = [client_of(locked.coordinator), client_of(locked.statistician)] * 2
    answers = at_once(
        *[lambda client=client: request_intervals(client, locked) for client in people]
    )
    assert sorted(response.status_code for response in answers) == [200, 200, 200, 201]
    assert queued == [str(BootstrapRun.objects.get().pk)]
    runs = at_once(*[lambda: bootstrap_runs.begin_bootstrap(pk=queued[0])])
    assert runs[0].attempts == 1


@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_simultaneous_requests_of_different_selections(
    locked: Cast, client_of, queued
):
    current_snapshot(locked.study)
    outcomes = ["L1", "L2", "L3", "L4", "posterior"]
    clients = [client_of(locked.coordinator) for _ in outcomes]
    answers = at_once(
        *[
            lambda client=client, outcome=outcome: request_intervals(
                client, locked, outcome=outcome
            )
            for client, outcome in zip(clients, outcomes, strict=True)
        ]
    )
    assert sorted(response.status_code for response in answers) == [201, 201, 201, 409, 409]
    assert len(queued) == MAX_WAITING


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_time_compute_it_once(locked: Cast, client_of, queued):
    request_intervals(client_of(locked.coordinator), locked)

    def begin() -> bool:
        return bootstrap_runs.begin_bootstrap(pk=queued[0]) is not None

    assert sorted(at_once(begin, begin, begin)) == [False, False, True]
    assert BootstrapRun.objects.get().attempts == 1
