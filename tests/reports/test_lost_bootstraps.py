"""Bootstraps that are asked for at the same time, too often, or that nobody ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from studies.audit.models import Event
from studies.reports import bootstrap_runs, models
from studies.reports.bootstrap_runs import MOST_WAITING, BeingComputed, ask_for_bootstrap
from studies.reports.choices import chosen_from
from studies.reports.cut import current_cut
from studies.reports.models import BootstrapRun
from studies.reports.tasks import compute_bootstrap_task
from tests.make import Cast
from tests.reports.asked import ask, shown

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
COMPUTING, QUEUED = BootstrapRun.State.COMPUTING, BootstrapRun.State.QUEUED


def unheard(**since: float) -> None:
    """Let nothing have been heard of the one run for so long."""
    BootstrapRun.objects.update(heard_at=timezone.now() - timedelta(**since))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "seconds", "lost", "free"),
    [
        ("queued", 600, False, True),
        ("queued", 601, True, True),
        ("computing", 60, False, False),
        ("computing", 61, True, True),
        ("done", 10**6, False, False),
        ("failed", 10**6, False, False),
    ],
)
def test_run_is_lost_by_the_clock(
    locked, client_of, queued, monkeypatch, state, seconds, lost, free
):
    ask(client_of(locked.coordinator), locked)
    BootstrapRun.objects.update(
        state=state,
        failure="a reason" if state == "failed" else "",
        resamples_done=2000,
        made_at=NOON,
        heard_at=NOON - timedelta(seconds=seconds),
    )
    monkeypatch.setattr(models, "timezone", SimpleNamespace(now=lambda: NOON))
    run, runs = BootstrapRun.objects.get(), BootstrapRun.objects
    assert (run.lost, runs.lost().exists(), runs.free().exists()) == (lost, lost, free)
    assert (
        run.going_on == runs.going_on().exists() == (state in {"queued", "computing"} and not lost)
    )
    assert bool(run.trouble) == (lost or state == "failed")


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["coordinator", "statistician"])
def test_one_whose_worker_was_stopped_is_asked_for_again(
    locked, client_of, queued, monkeypatch, who
):
    asker, client = client_of(locked.coordinator), client_of(getattr(locked, who))
    ask(asker, locked)

    class Killed(BaseException):
        """What no task catches."""

    def killed(*args: Any, progress: Any, **options: Any) -> None:
        progress(400)
        raise Killed

    with monkeypatch.context() as stopped, pytest.raises(Killed):
        stopped.setattr(bootstrap_runs, "bootstrap_intervals", killed)
        compute_bootstrap_task(queued[0])
    assert "400 of 2,000 resamples" in shown(client, locked)
    again = ask(client, locked)
    assert (again.status_code, again.json()["state"], again.json()["lost"]) == (
        200, "computing", False,
    )  # fmt: skip
    unheard(seconds=61)
    page = shown(client, locked)
    assert BootstrapRun.LOST[COMPUTING] in page
    assert "Ask again" in page
    assert "resamples</p>" not in page
    url = f"/api/v1/studies/{locked.study.slug}/agreement"
    told = client.get(url).json()["bootstrap"]
    assert (told["lost"], told["failure"]) == (True, BootstrapRun.LOST[COMPUTING])
    again = ask(client, locked)
    assert (again.status_code, again.json()["state"]) == (201, "queued")
    assert (again.json()["resamples_done"], again.json()["failure"]) == (0, None)
    compute_bootstrap_task(queued[1])
    run = BootstrapRun.objects.get()
    assert (run.state, run.attempts, run.by) == ("done", 2, getattr(locked, who))
    assert Event.objects.filter(action="bootstrap.asked_for").count() == 2


@pytest.mark.django_db
def test_one_that_the_broker_lost_is_asked_for_again(locked, client_of, queued):
    client = client_of(locked.statistician)
    ask(client, locked)
    assert ask(client, locked).status_code == 200
    assert len(queued) == 1
    unheard(minutes=9)
    assert "Waiting for the worker" in shown(client, locked)
    unheard(minutes=11)
    page = shown(client, locked)
    assert BootstrapRun.LOST[QUEUED] in page
    url = reverse("bootstrap", args=[locked.study.slug])
    assert client.post(url, {}, format="multipart").status_code == 302
    assert "Waiting for the worker" in shown(client, locked)
    assert queued == [str(BootstrapRun.objects.get().pk)] * 2
    compute_bootstrap_task(queued[0])
    compute_bootstrap_task(queued[1])
    assert BootstrapRun.objects.get().attempts == 1


@pytest.mark.django_db
def test_two_messages_of_one_run_are_computed_once(locked, client_of, queued, monkeypatch):
    ask(client_of(locked.coordinator), locked)

    def meanwhile(*args: Any, **options: Any) -> list[Any]:
        with pytest.raises(BeingComputed):
            compute_bootstrap_task(queued[0])
        return []

    monkeypatch.setattr(bootstrap_runs, "bootstrap_intervals", meanwhile)
    compute_bootstrap_task(queued[0])
    assert (BootstrapRun.objects.get().state, BootstrapRun.objects.get().attempts) == ("done", 1)


@pytest.mark.django_db
@pytest.mark.parametrize("at_its_end", ["computes on", "fails", "is ready"])
def test_worker_that_was_given_up_writes_nothing(
    locked, client_of, queued, monkeypatch, at_its_end
):
    client = client_of(locked.coordinator)
    ask(client, locked)

    def slow(*args: Any, progress: Any, **options: Any) -> list[Any]:
        unheard(seconds=61)
        assert ask(client, locked).status_code == 201
        monkeypatch.undo()
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
    assert [ask(client, locked, outcome=each).status_code for each in outcomes] == [
        *[201] * MOST_WAITING, 409,
    ]  # fmt: skip
    refused = ask(client, locked, outcome="L4").json()["error"]
    assert refused["code"] == "too_many_waiting"
    assert "Wait until one is" in refused["message"]
    url = reverse("bootstrap", args=[locked.study.slug])
    page = client.post(url, {"outcome": "L4"}, format="multipart", follow=True)
    assert refused["message"] in page.content.decode()
    assert "#" not in page.redirect_chain[0][0], "the message stands at the top of the page"
    assert len(queued) == BootstrapRun.objects.count() == MOST_WAITING
    assert ask(client_of(locked.statistician), locked, outcome="L4").status_code == 201
    compute_bootstrap_task(queued[0])
    assert ask(client, locked, outcome="posterior").status_code == 201
    assert ask(client, locked, outcome="anterior").status_code == 409
    unheard(minutes=11)
    assert ask(client, locked, outcome="anterior").status_code == 201


@pytest.mark.django_db
def test_nothing_is_stored_that_is_not_valid(locked, queued, monkeypatch):
    monkeypatch.setattr(bootstrap_runs, "RESAMPLES", -1)
    cut = current_cut(locked.study)
    chosen = chosen_from(QueryDict(""), cut)
    with pytest.raises(ValidationError):
        ask_for_bootstrap(study=locked.study, by=locked.coordinator, chosen=chosen)
    assert not BootstrapRun.objects.exists()


def at_once(*calls: Any) -> list[Any]:
    """What each call returns, all of them begun at the same moment on connections of their own."""
    begin, answers = Barrier(len(calls)), [None] * len(calls)

    def answer(place: int) -> None:
        try:
            begin.wait(30)
            answers[place] = calls[place]()
        finally:
            connection.close()

    threads = [Thread(target=answer, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_those_who_ask_at_the_same_time_are_one_run_and_one_message(
    locked: Cast, client_of, queued
):
    current_cut(locked.study)
    people = [client_of(locked.coordinator), client_of(locked.statistician)] * 2
    answers = at_once(*[lambda who=who: ask(who, locked) for who in people])
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert queued == [str(BootstrapRun.objects.get().pk)]
    made = at_once(*[lambda: bootstrap_runs.begin_bootstrap(pk=queued[0])])
    assert made[0].attempts == 1


@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_choices_asked_for_at_the_same_time(locked: Cast, client_of, queued):
    current_cut(locked.study)
    outcomes = ["L1", "L2", "L3", "L4", "posterior"]
    clients = [client_of(locked.coordinator) for _ in outcomes]
    answers = at_once(
        *[
            lambda who=who, outcome=outcome: ask(who, locked, outcome=outcome)
            for who, outcome in zip(clients, outcomes, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 409, 409]
    assert len(queued) == MOST_WAITING


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_time_compute_it_once(locked: Cast, client_of, queued):
    ask(client_of(locked.coordinator), locked)

    def begin() -> bool:
        try:
            return bootstrap_runs.begin_bootstrap(pk=queued[0]) is not None
        except BeingComputed:
            return False

    assert sorted(at_once(begin, begin, begin)) == [False, False, True]
    assert BootstrapRun.objects.get().attempts == 1
