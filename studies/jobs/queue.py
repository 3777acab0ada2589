"""Sending of tasks by name, without waiting long for an unavailable broker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from kombu.exceptions import OperationalError

from studies.celery import app

logger = logging.getLogger(__name__)
# Without a pause, every request would wait for the connection to time out.
PAUSE_S = 30.0


class CircuitBreaker:
    """Remembers for a while that a server is unavailable, so that not every call waits for it."""

    def __init__(
        self, *, pause_s: float = PAUSE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pause_s = pause_s
        self._clock = clock
        self._unavailable_until = float("-inf")

    @property
    def unavailable(self) -> bool:
        """Return whether the server failed within the last ``pause_s`` seconds."""
        return self._clock() < self._unavailable_until

    def record_failure(self) -> None:
        """Start a pause during which the server is not contacted."""
        self._unavailable_until = self._clock() + self._pause_s

    def record_success(self) -> None:
        """End the pause."""
        self._unavailable_until = float("-inf")


BROKER = CircuitBreaker()


def send(task: str, pk: Any) -> bool:
    """Queue a task for a row; return False while the broker is unavailable.

    `studies.jobs.requeue` later queues rows that wait without a message.
    """
    if BROKER.unavailable:
        return False
    try:
        # State is stored in the row, so the broker keeps no results.
        # By name, so that the web process need not import the task and, with it, the predictor.
        app.send_task(task, args=[str(pk)], ignore_result=True)
    except OperationalError as error:
        BROKER.record_failure()
        logger.warning(
            "the broker is unavailable (%s): %s %s will be queued later", error, task, pk
        )
        return False
    BROKER.record_success()
    return True


def queue_length(name: str) -> int | None:
    """Return the number of messages in a queue; None while the broker is unavailable."""
    if BROKER.unavailable:
        return None
    try:
        with app.connection_for_write() as broker, _library_errors(broker):
            channel: Any = broker.default_channel
            try:
                return int(channel.queue_declare(name, passive=True).message_count)
            except broker.channel_errors:
                # Redis has no empty lists: a queue without messages does not exist.
                return 0
    except OperationalError as error:
        BROKER.record_failure()
        logger.warning("the broker is unavailable (%s): stale work will be requeued later", error)
        return None


def _library_errors(broker: Any) -> AbstractContextManager[None]:
    """Convert the transport's errors to kombu's, which kombu itself does only when sending."""
    reraise: AbstractContextManager[None] = broker._reraise_as_library_errors()
    return reraise
