from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest
import redis

from tools.local import records
from tools.local.broker import THROWAWAY_DATABASES, Broker
from tools.local.data_folder import Place
from tools.local.secrets import Secrets

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def broker(place: Place, secrets: Secrets) -> Iterator[Broker]:
    made = Broker(place, secrets)
    made.start()
    yield made
    made.ours = True
    made.stop()


def test_message_is_there_after_the_broker_was_killed(
    broker: Broker, place: Place, secrets: Secrets, eventually: Eventually
) -> None:
    client = redis.from_url(broker.url)
    client.rpush("celery", "task")
    # appendfsync is everysec: what was written is in the kernel's hands, which a kill leaves.
    record = records.read(place.var / "run", "broker")
    assert record is not None
    os.kill(record.process.pid, signal.SIGKILL)
    eventually(lambda: not record.process.alive())
    again = Broker(place, secrets)
    again.start()
    assert redis.from_url(again.url).lrange("celery", 0, -1) == [b"task"]


def test_broker_wants_its_password(broker: Broker) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.from_url(broker.url.replace(broker.secrets.broker, "guess")).ping()


def test_broker_is_stopped_and_forgotten(broker: Broker, place: Place) -> None:
    record = records.read(place.var / "run", "broker")
    assert record is not None
    broker.stop()
    assert not record.process.alive()
    assert records.read(place.var / "run", "broker") is None


def test_second_run_shares_the_broker(broker: Broker, place: Place, secrets: Secrets) -> None:
    sharing = Broker(place, secrets)
    sharing.start()
    sharing.stop()
    assert redis.from_url(broker.url).ping()


def test_throwaway_broker_has_a_database_for_each_test_process(broker: Broker) -> None:
    last = broker.url.removesuffix("/0") + f"/{THROWAWAY_DATABASES - 1}"
    assert redis.from_url(last).ping()
