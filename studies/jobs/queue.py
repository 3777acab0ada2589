"""Send tasks by name, without waiting long for a broker that is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from kombu.exceptions import OperationalError

from studies.celery import app

logger = logging.getLogger(__name__)
PAUSE_S = 30.0


class Circuit:
    """Remember for a while that a server is away, so that not every call waits for it."""

    def __init__(
        self, *, pause_s: float = PAUSE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pause_s = pause_s
        self._clock = clock
        self._away_until = float("-inf")

    @property
    def away(self) -> bool:
        return self._clock() < self._away_until

    def failed(self) -> None:
        self._away_until = self._clock() + self._pause_s

    def worked(self) -> None:
        self._away_until = float("-inf")


BROKER = Circuit()


def send(task: str, pk: Any) -> bool:
    """Queue a task for a row; False while the broker is away, and the row is queued later.

    `studies.jobs.requeue` looks after rows that wait without a message.
    """
    if BROKER.away:
        return False
    try:
        app.send_task(task, args=[str(pk)], ignore_result=True)
    except OperationalError as error:
        BROKER.failed()
        logger.warning("the broker is away (%s): %s %s is queued later", error, task, pk)
        return False
    BROKER.worked()
    return True


def queue_length(name: str) -> int | None:
    """Count the messages that wait in a queue; None while the broker is away."""
    if BROKER.away:
        return None
    try:
        with app.connection_for_write() as broker, broker._reraise_as_library_errors():
            channel = broker.default_channel
            try:
                return int(channel.queue_declare(name, passive=True).message_count)
            except broker.channel_errors:
                # Redis has no empty lists: a queue without messages does not exist.
                return 0
    except OperationalError as error:
        BROKER.failed()
        logger.warning("the broker is away (%s): stale work is requeued later", error)
        return None
