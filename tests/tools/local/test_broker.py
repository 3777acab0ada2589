from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest
import redis

from tools.local import records
from tools.local.broker import THROWAWAY_DATABASES, Broker
from tools.local.secrets import Secrets
from tools.local.workspace import Workspace

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def broker(workspace: Workspace, secrets: Secrets) -> Iterator[Broker]:
    started = Broker(workspace, secrets)
    started.start()
    yield started
    started.responsible = True
    started.stop()


def test_message_survives_a_killed_broker(
    broker: Broker, workspace: Workspace, secrets: Secrets, eventually: Eventually
) -> None:
    client = redis.from_url(broker.url)
    client.rpush("celery", "task")
    # With appendfsync everysec, the message is in the kernel's page cache, which survives a kill.
    record = records.read(workspace.var / "run", "broker")
    assert record is not None
    os.kill(record.process.pid, signal.SIGKILL)
    eventually(lambda: not record.process.alive())
    again = Broker(workspace, secrets)
    again.start()
    assert redis.from_url(again.url).lrange("celery", 0, -1) == [b"task"]


def test_broker_requires_its_password(broker: Broker) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.from_url(broker.url.replace(broker.secrets.broker, "guess")).ping()


def test_stopped_broker_has_no_record(broker: Broker, workspace: Workspace) -> None:
    record = records.read(workspace.var / "run", "broker")
    assert record is not None
    broker.stop()
    assert not record.process.alive()
    assert records.read(workspace.var / "run", "broker") is None


def test_second_run_shares_the_broker(
    broker: Broker, workspace: Workspace, secrets: Secrets
) -> None:
    sharing = Broker(workspace, secrets)
    sharing.start()
    sharing.stop()
    assert redis.from_url(broker.url).ping()


def test_throwaway_broker_has_a_database_for_each_test_process(broker: Broker) -> None:
    last = broker.url.removesuffix("/0") + f"/{THROWAWAY_DATABASES - 1}"
    assert redis.from_url(last).ping()
