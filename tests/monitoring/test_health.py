"""What orchestrators, load balancers and people learn from /livez, /readyz and /healthz."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client

from studies.monitoring import health
from studies.monitoring.heartbeat import KEY, Heartbeat, publish_heartbeat
from studies.monitoring.timed_check import TimedCheck

PARTS = {"database", "broker", "worker", "reports", "storage", "model"}
QUEUES = ["analyses", "reports"]
READY = ("/readyz", "/healthz")


@pytest.fixture
def anonymous() -> Client:
    """A prober that asks by IP address and over plain HTTP."""
    return Client(SERVER_NAME="192.0.2.7", HTTP_HOST="192.0.2.7:8000")


@pytest.fixture
def running_worker() -> Iterator[None]:
    publish_heartbeat(Heartbeat(), QUEUES)
    yield
    cache.delete_many(KEY + queue for queue in QUEUES)


@pytest.mark.django_db
@pytest.mark.parametrize("address", READY)
def test_ready_names_each_part(anonymous, running_worker, address):
    answer = anonymous.get(address)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", **dict.fromkeys(PARTS, "ok")}


def test_live_asks_neither_database_nor_cache_nor_storage(anonymous, monkeypatch):
    for check in ("DATABASE", "STORAGE", "BROKER"):
        monkeypatch.setattr(health, check, Mock(start=Mock(side_effect=AssertionError)))
    answer = anonymous.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/livez", *READY])
def test_health_answers_any_host_over_plain_http_without_a_cookie(settings, address):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["verteread.example.org"]
    for host in ("10.1.2.3", "[2001:db8::1]:8000", "a b", ""):
        answer = Client(HTTP_HOST=host).get(address)
        assert answer.status_code == 200, host
        assert answer["Cache-Control"] == "no-store"
        assert not answer.cookies and "Vary" not in answer
    assert Client(HTTP_HOST="10.1.2.3").get("/").status_code in {301, 400}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/livez", *READY])
def test_health_is_only_read(anonymous, address):
    for method in ("post", "put", "delete", "options", "patch"):
        answer = getattr(anonymous, method)(address)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    answer = anonymous.head(address)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.django_db
def test_worker_that_is_away_leaves_the_web_process_ready(anonymous):
    cache.delete_many(KEY + queue for queue in QUEUES)
    answer = anonymous.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["worker"] == "failing: NoHeartbeat"
    assert answer.json()["model"] == "unknown"


@pytest.mark.django_db
@pytest.mark.parametrize(("queue", "part"), [("analyses", "worker"), ("reports", "reports")])
def test_worker_of_one_queue_does_not_stand_in_for_that_of_another(
    anonymous, running_worker, queue, part
):
    cache.delete(KEY + queue)
    answer = anonymous.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert {name for name, state in answer.json().items() if "NoHeartbeat" in state} == {part}


@pytest.mark.django_db
def test_model_that_the_worker_cannot_load_is_named(anonymous, running_worker):
    publish_heartbeat(Heartbeat(model_problem="CheckpointError"), QUEUES)
    answer = anonymous.get("/readyz").json()
    assert (answer["status"], answer["worker"]) == ("degraded", "ok")
    assert answer["model"] == "failing: CheckpointError"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["MEDIA_ROOT", "SPOOL"])
def test_storage_that_is_gone_is_not_ready(anonymous, running_worker, settings, tmp_path, name):
    setattr(settings, name, tmp_path / "gone")
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert answer.json()["storage"].startswith("failing: ")
    assert str(tmp_path) not in answer.content.decode()


@pytest.mark.django_db
def test_database_that_is_away_is_not_ready(anonymous, running_worker, monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "PORT", "1")
    answer = anonymous.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "failing: OperationalError"


def timed_answer(client: Client) -> tuple[dict[str, str], float]:
    began = time.monotonic()
    answer = client.get("/readyz").json()
    return answer, time.monotonic() - began


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers, as that of a stopped process does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.django_db
def test_stopped_database_does_not_hang_the_answer(
    anonymous, running_worker, silent_port, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setitem(connections.settings["default"], "PORT", str(silent_port))
        answer, seconds = timed_answer(anonymous)
        again, _ = timed_answer(anonymous)
    assert answer["database"].startswith("failing: ")
    assert again["status"] == "failing"
    assert seconds < health.DEADLINE_S + 2


@pytest.mark.django_db
def test_stopped_broker_does_not_hang_the_answer(anonymous, own_broker):
    publish_heartbeat(Heartbeat(), QUEUES)
    os.kill(own_broker, signal.SIGSTOP)
    try:
        answer, seconds = timed_answer(anonymous)
    finally:
        os.kill(own_broker, signal.SIGCONT)
    assert answer["broker"].startswith("failing: ")
    assert answer["worker"] == answer["model"] == "unknown"
    assert (answer["status"], answer["database"]) == ("degraded", "ok")
    assert seconds < health.DEADLINE_S + 2


def test_check_that_hangs_is_started_only_once():
    release, calls = threading.Event(), []
    check = TimedCheck(lambda: (calls.append(1), release.wait(60)))
    first = check.start()
    assert check.start() is first
    release.set()
    first.result(timeout=60)
    assert check.start() is not first
    assert len(calls) == 2
