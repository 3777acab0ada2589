"""Return stale work to the queue: a thread of every worker, which looks twice a minute.

Stale is work whose worker was killed or stopped, and a waiting row whose message was never sent or
was lost. Workers do not agree on who looks: each change is one UPDATE whose condition it ends.
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
    """One kind of work: its rows, the task that does it, and how it fails."""

    model: type[ClaimedWork]
    task: str
    queue: str
    fail: Callable[[Any, str], object]
    reasons: Reasons


KINDS: list[Kind] = []
_ended = Event()


def watch(kind: Kind) -> None:
    """Look after the rows of a kind."""
    KINDS.append(kind)


def count_missing_messages(*, waiting: int, messages: int) -> int:
    """Return how many waiting rows cannot have a message in the queue."""
    return max(0, waiting - messages)


def requeue_stale_work(kinds: Iterable[Kind] | None = None) -> int:
    """Requeue what is stale, fail what has no attempt left; return how many tasks were sent."""
    watched = list(KINDS if kinds is None else kinds)
    sent = sum(_take_back(kind) for kind in watched)
    for queue in dict.fromkeys(kind.queue for kind in watched):
        sent += _send_missing([kind for kind in watched if kind.queue == queue], queue)
    return sent


def _take_back(kind: Kind) -> int:
    """Requeue rows whose worker gave no sign of life."""
    return sum(_take_back_row(kind, pk) for pk in _stale(kind).values_list("pk", flat=True))


def _take_back_row(kind: Kind, pk: Any) -> bool:
    with transaction.atomic():
        # A row that its worker is writing at this moment is not stale.
        row = _stale(kind).select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        if row is None:
            return False
        if not row.attempts_left:
            kind.fail(row, kind.reasons.broken_off)
            return False
        kind.model.objects.filter(pk=pk).update(state=row.WAITING, heard_at=timezone.now())
    logger.warning("%s: %s %s was broken off and is queued again", kind.task, kind.queue, pk)
    return send(kind.task, pk)


def _stale(kind: Kind) -> Any:
    return kind.model.objects.in_progress().silent()


def _send_missing(kinds: list[Kind], queue: str) -> int:
    """Send again the longest-waiting rows, as many as there are without a message.

    Rows that wait behind others in a long queue have their message and are left alone.
    """
    silent = [
        (heard_at, pk, kind)
        for kind in kinds
        for pk, heard_at in kind.model.objects.waiting().silent().values_list("pk", "heard_at")
    ]
    if not silent:
        return 0
    messages = queue_length(queue)
    if messages is None:
        return 0
    waiting = sum(kind.model.objects.waiting().count() for kind in kinds)
    missing = count_missing_messages(waiting=waiting, messages=messages)
    oldest = sorted(silent, key=lambda row: row[0])[:missing]
    return sum(_send_again(kind, pk, heard_at) for heard_at, pk, kind in oldest)


def _send_again(kind: Kind, pk: Any, heard_at: Any) -> bool:
    unchanged = kind.model.objects.waiting().filter(pk=pk, heard_at=heard_at)
    return bool(unchanged.update(heard_at=timezone.now())) and send(kind.task, pk)


@worker_ready.connect
def start_requeueing(**_: Any) -> None:
    _ended.clear()
    Thread(target=_requeue_until, args=(_ended,), name="requeue", daemon=True).start()


@worker_shutting_down.connect
def stop_requeueing(**_: Any) -> None:
    _ended.set()


def _requeue_until(ended: Event) -> None:
    while True:
        try:
            requeue_stale_work()
        except Exception:
            logger.exception("stale work could not be looked for: the next attempt follows")
        finally:
            connections.close_all()
        if ended.wait(settings.STALE_AFTER_S / 2):
            return
