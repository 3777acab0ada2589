"""Queueing an analysis when the broker takes connections and never answers."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from unittest.mock import Mock
from uuid import UUID

import pytest
from celery import Celery

from studies.cases import queueing
from studies.jobs import queue

CASE = Mock(pk=UUID(int=7))


@pytest.fixture
def silent_address() -> Iterator[str]:
    """A port whose connections wait in the kernel, as those of a stopped process do."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def test_silent_broker_delays_an_upload_by_seconds_and_loses_no_case(
    silent_address, settings, monkeypatch, caplog
):
    limits = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    assert 0 < limits["socket_connect_timeout"] <= 5
    assert 0 < limits["socket_timeout"] <= 5
    # Celery takes the variable before the setting.
    monkeypatch.setenv("CELERY_BROKER_URL", silent_address)
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = limits | {"socket_timeout": 0.2}
    app = Celery("silent")
    app.config_from_object("django.conf:settings", namespace="CELERY")
    monkeypatch.setattr(queue, "app", app)
    with caplog.at_level(logging.WARNING):
        assert not queueing.queue_analysis(CASE)
    assert f"locate_landmarks {CASE.pk} will be queued later" in caplog.text


def test_many_analyses_wait_for_an_unavailable_broker_once(monkeypatch):
    tried = []
    monkeypatch.setattr(queueing, "send", lambda name, pk: tried.append(pk) or len(tried) < 3)
    queueing.queue_analyses([Mock(pk=number) for number in range(10)])
    assert tried == [0, 1, 2]


def test_request_sends_a_limited_number_of_messages(monkeypatch):
    """The others are sent by `requeue`."""
    sent = []
    monkeypatch.setattr(queueing, "send", lambda name, pk: not sent.append(pk))
    monkeypatch.setattr(queueing, "SENT_AT_ONCE", 4)
    queueing.queue_analyses([Mock(pk=number) for number in range(10)])
    assert sent == [0, 1, 2, 3]
