"""Claims by which several workers share work: analyses, reports, bootstraps, workbooks.

A worker claims a waiting row by raising its number of attempts in one UPDATE. That number is the
claim: the worker may store a result only while the row is in progress at that attempt. A thread
sends heartbeats meanwhile. Work without heartbeats is requeued by `studies.jobs.requeue`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import Error, connection, models, transaction
from django.db.models import F
from django.utils import timezone

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 3
# Heartbeats per VERTEREAD_STALE_AFTER_S, so that a few may fail.
BEATS_BEFORE_STALE = 4


class ClaimLost(Exception):
    """The row is no longer claimed by this worker, which must not store anything."""


class ClaimedQuerySet(models.QuerySet[Any]):
    """Rows of claimed work by their progress."""

    def waiting(self) -> Self:
        """Return rows that no worker has claimed yet."""
        return self.filter(state=self.model.WAITING)

    def in_progress(self) -> Self:
        """Return rows that a worker has claimed."""
        return self.filter(state=self.model.WORKING)

    def unfinished(self) -> Self:
        """Return rows that wait or are in progress."""
        return self.filter(state__in=[self.model.WAITING, self.model.WORKING])

    def without_heartbeat(self) -> Self:
        """Return rows whose last heartbeat is so old that they count as stale."""
        since = timezone.now() - timedelta(seconds=settings.STALE_AFTER_S)
        return self.filter(heard_at__lt=since)

    def claimed_as(self, row: ClaimedWork) -> Self:
        """Return the row itself, as long as no other worker has taken it over."""
        # The attempt number is the token: a slow worker cannot write into a later attempt.
        return self.in_progress().filter(pk=row.pk, attempts=row.attempts)


class ClaimedWork(models.Model):
    """A row that describes work for one of several workers.

    ``attempts`` counts the attempts and is never reset, so that old claims stay invalid;
    ``last_attempt`` is the number after which the work fails. ``heard_at`` is when the row was
    queued or claimed, or the time of the worker's last heartbeat.
    """

    WAITING: ClassVar[str]
    WORKING: ClassVar[str]

    state: Any
    objects: ClassVar[Any]

    attempts = models.PositiveIntegerField(default=0)
    # Counts on rather than being reset, since attempts also tells one claim from the next.
    last_attempt = models.PositiveIntegerField(default=MAX_ATTEMPTS)
    heard_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @property
    def unfinished(self) -> bool:
        """Return whether the row waits or is in progress."""
        return self.state in {self.WAITING, self.WORKING}

    @property
    def attempts_left(self) -> bool:
        """Return whether the work may be attempted again."""
        return self.attempts < self.last_attempt

    def reset_attempts(self) -> None:
        """Set the row to wait, with the full number of attempts left; the caller saves it."""
        self.state, self.heard_at = self.WAITING, timezone.now()
        self.last_attempt = self.attempts + MAX_ATTEMPTS


def claim(rows: ClaimedQuerySet, pk: Any) -> Any | None:
    """Claim a waiting row and return it; None when it is finished or claimed by another worker."""
    with transaction.atomic():
        row = rows.waiting().filter(pk=pk)
        attempts = F("attempts") + 1
        # Of two workers, the second waits for the first to commit and then finds no waiting row.
        if not row.update(state=rows.model.WORKING, attempts=attempts, heard_at=timezone.now()):
            return None
        return rows.get(pk=pk)


def lock_claim(row: ClaimedWork, *related: str) -> Any:
    """Return the row, locked for its final write; call it in a transaction.

    Parameters
    ----------
    related
        Foreign keys to select with the row.

    Raises
    ------
    ClaimLost
        Another worker has taken the row over.
    """
    rows = row.__class__.objects.claimed_as(row).select_for_update(of=("self",))
    locked = rows.select_related(*related).first() if related else rows.first()
    if locked is None:
        raise ClaimLost
    return locked


def record_progress(row: ClaimedWork, **fields: Any) -> None:
    """Store progress, which also counts as a heartbeat; raise ClaimLost if the claim is gone."""
    if not row.__class__.objects.claimed_as(row).update(heard_at=timezone.now(), **fields):
        raise ClaimLost


def release(row: ClaimedWork) -> bool:
    """Set the row to wait for its next attempt; return False when none is left."""
    if not row.attempts_left:
        return False
    row.__class__.objects.claimed_as(row).update(state=row.WAITING, heard_at=timezone.now())
    return True


@contextmanager
def send_heartbeats(row: ClaimedWork) -> Iterator[None]:
    """Send heartbeats from a thread while the block runs."""
    ended = Event()
    # A daemon thread does not keep a worker alive that has to stop.
    Thread(target=_beat, args=(row, ended), daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _beat(row: ClaimedWork, ended: Event) -> None:
    try:
        while not ended.wait(settings.STALE_AFTER_S / BEATS_BEFORE_STALE):
            try:
                record_progress(row)
            except Error as error:
                logger.warning("no heartbeat for %s: %s", row.pk, type(error).__name__)
                # The connection may be broken: the next heartbeat opens a new one.
                connection.close()
    except ClaimLost:
        return
    finally:
        # Django closes connections after requests and tasks, but not those of other threads.
        connection.close()
