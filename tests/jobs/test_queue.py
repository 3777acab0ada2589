"""A broker that is away, or stopped: requests are answered within seconds, and nothing is lost."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest
from celery import Celery
from django.urls import reverse
from kombu.exceptions import OperationalError

from studies.celery import app
from studies.jobs import queue
from studies.jobs.queue import BROKER, PAUSE_S, CircuitBreaker, queue_length, send
from studies.reports import snapshot
from studies.reports.cache import shared
from studies.reports.cache.single_flight import SingleFlightCache
from studies.reports.models import BootstrapRun, ReportRun, WorkbookRun
from tests.reports.bootstrap.requests import request_intervals
from tests.reports.submitted_study import lock, submit_everything


@pytest.fixture
def locked(cast):
    cast.assign_cases(4)
    submit_everything(cast)
    lock(cast)
    return cast


@pytest.fixture
def unreachable(settings: Any, monkeypatch: Any) -> Iterator[None]:
    """Neither broker nor cache: their port takes no connections, and no process kept a result."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{unused.getsockname()[1]}/0"
        cache_settings = settings.CACHES["default"] | {"LOCATION": address}
        cache_settings["BACKEND"] = "django.core.cache.backends.redis.RedisCache"
        settings.CACHES = {"default": cache_settings}
        monkeypatch.setattr(app, "send_task", Mock(side_effect=OperationalError("refused")))
        monkeypatch.setattr(snapshot, "_snapshot_cache", SingleFlightCache(4))
        monkeypatch.setattr(shared, "CACHE", CircuitBreaker())
        yield


@pytest.fixture
def stopped_broker(own_broker: int, settings: Any, monkeypatch: Any) -> Iterator[None]:
    """A broker that takes connections and does not answer; the process has one open to it."""
    own_app = Celery("own")
    own_app.config_from_object("django.conf:settings", namespace="CELERY")
    monkeypatch.setattr(queue, "app", own_app)
    assert send("no_such_task", 1)
    os.kill(own_broker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(own_broker, signal.SIGCONT)


def test_circuit_remembers_for_half_a_minute_that_a_server_is_away():
    now = [100.0]
    circuit = CircuitBreaker(clock=lambda: now[0])
    assert not circuit.unavailable
    circuit.record_failure()
    now[0] += PAUSE_S - 0.1
    assert circuit.unavailable
    now[0] += 0.2
    assert not circuit.unavailable
    circuit.record_failure()
    circuit.record_success()
    assert not circuit.unavailable


def test_broker_that_is_away_is_tried_once_for_many_images(monkeypatch):
    attempts = Mock(side_effect=OperationalError("refused"))
    monkeypatch.setattr(app, "send_task", attempts)
    assert not any(send("locate_landmarks", number) for number in range(50))
    assert attempts.call_count == 1
    assert queue_length("analyses") is None


def test_stopped_broker_delays_a_request_by_less_than_ten_seconds(stopped_broker):
    began = time.monotonic()
    assert not send("locate_landmarks", 1)
    assert not send("locate_landmarks", 2)
    assert time.monotonic() - began < 10
    assert BROKER.unavailable


@pytest.mark.django_db
def test_bootstrap_and_agreement_need_no_broker(locked, client_of, unreachable):
    client = client_of(locked.coordinator)
    agreement = client.get(reverse("agreement", args=[locked.study.slug]))
    assert agreement.status_code == 200
    figure = reverse("agreement-figure", args=[locked.study.slug, "pairs"])
    assert client.get(figure).status_code == 200
    assert request_intervals(client, locked).status_code == 201
    assert BootstrapRun.objects.get().state == "queued"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["make-report", "bootstrap", "prepare-workbook"])
def test_page_says_that_the_request_waits_for_the_queue(locked, client_of, unreachable, name):
    client = client_of(locked.coordinator)
    url = reverse(name, args=[locked.study.slug])
    page = client.post(url, {}, format="multipart", follow=True)
    assert page.status_code == 200
    assert "The queue is unavailable at the moment" in page.content.decode()
    stored = [kind.objects.count() for kind in (ReportRun, BootstrapRun, WorkbookRun)]
    assert sum(stored) == 1
