"""Requeueing of stale work, by a thread of every worker.

Work is stale when its worker was killed or stopped, or when its row waits although its message was
never sent or was lost. Workers need no coordination: each change is one UPDATE that makes its own
condition false.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from studies.jobs.attempt import Reasons
from studies.jobs.claims import ClaimedWork
from studies.jobs.queue import queue_length, send

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work: its rows, its task and queue, and how it fails."""

    model: type[ClaimedWork]
    task: str
    queue: str
    fail: Callable[[Any, str], object]
    reasons: Reasons


KINDS: list[Kind] = []
_ended = Event()


def watch(kind: Kind) -> None:
    """Register a kind whose stale rows are requeued."""
    KINDS.append(kind)


def count_missing_messages(*, waiting: int, messages: int) -> int:
    """Return how many of the waiting rows cannot have a message in the queue."""
    # A row in a long queue is not lost, so only rows in excess of the messages are sent again.
    return max(0, waiting - messages)


def requeue_stale_work(kinds: Iterable[Kind] | None = None) -> int:
    """Requeue stale work, or fail it when no attempt is left; return how many tasks were sent."""
    watched = list(KINDS if kinds is None else kinds)
    sent = sum(_requeue_abandoned(kind) for kind in watched)
    # Per queue rather than per kind: a queue's length does not tell which task a message is for.
    for queue in dict.fromkeys(kind.queue for kind in watched):
        sent += _send_missing([kind for kind in watched if kind.queue == queue], queue)
    return sent


def _requeue_abandoned(kind: Kind) -> int:
    """Requeue rows in progress whose worker sends no heartbeats."""
    return sum(_requeue_row(kind, pk) for pk in _stale(kind).values_list("pk", flat=True))


def _requeue_row(kind: Kind, pk: Any) -> bool:
    with transaction.atomic():
        # Skips a locked row: its worker is storing the result at this moment.
        row = _stale(kind).select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        if row is None:
            return False
        if not row.attempts_left:
            kind.fail(row, kind.reasons.broken_off)
            return False
        kind.model.objects.filter(pk=pk).update(state=row.WAITING, heard_at=timezone.now())
    logger.warning("%s: %s %s was interrupted and is queued again", kind.task, kind.queue, pk)
    # After the commit, so that a worker that receives the message finds a waiting row.
    return send(kind.task, pk)


def _stale(kind: Kind) -> Any:
    return kind.model.objects.in_progress().without_heartbeat()


def _send_missing(kinds: list[Kind], queue: str) -> int:
    """Send tasks for the rows that have waited longest, as many as lack a message.

    Rows that merely wait behind others in a long queue have their message.
    """
    stale = [
        (heard_at, pk, kind)
        for kind in kinds
        for pk, heard_at in kind.model.objects.waiting()
        .without_heartbeat()
        .values_list("pk", "heard_at")
    ]
    if not stale:
        return 0
    messages = queue_length(queue)
    if messages is None:
        return 0
    waiting = sum(kind.model.objects.waiting().count() for kind in kinds)
    missing = count_missing_messages(waiting=waiting, messages=messages)
    oldest = sorted(stale, key=lambda row: row[0])[:missing]
    return sum(_send_again(kind, pk, heard_at) for heard_at, pk, kind in oldest)


def _send_again(kind: Kind, pk: Any, heard_at: Any) -> bool:
    # Of several workers only one changes ``heard_at``, and only that one sends.
    unchanged = kind.model.objects.waiting().filter(pk=pk, heard_at=heard_at)
    return bool(unchanged.update(heard_at=timezone.now())) and send(kind.task, pk)


@worker_ready.connect
def start_requeueing(**_: Any) -> None:
    """Start the thread when the worker is ready."""
    _ended.clear()
    Thread(target=_requeue_until, args=(_ended,), name="requeue", daemon=True).start()


@worker_shutting_down.connect
def stop_requeueing(**_: Any) -> None:
    """End the thread when the worker shuts down."""
    _ended.set()


def _requeue_until(ended: Event) -> None:
    while True:
        try:
            requeue_stale_work()
        except Exception:
            logger.exception("stale work could not be requeued; trying again later")
        finally:
            # A connection that idles until the next round would occupy one of PostgreSQL's slots.
            connections.close_all()
        # Twice per stale period, so that stale work waits at most half of it longer.
        if ended.wait(settings.STALE_AFTER_S / 2):
            return
