"""Claims on work that one of several workers does: an analysis, a report, a bootstrap.

A worker claims a waiting row by raising its number of attempts in one UPDATE, and the number is its
claim: it may write the result only while the row is still in work at that attempt. While it works,
a thread notes every few seconds that it is alive. Work of which nothing was heard is returned to
the queue by `studies.jobs.requeue`.
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
BEATS_BEFORE_STALE = 4


class ClaimLost(Exception):
    """The row was taken out of this worker's hands: nothing may be written."""


class ClaimedQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        return self.filter(state=self.model.WAITING)

    def in_progress(self) -> Self:
        return self.filter(state=self.model.WORKING)

    def unfinished(self) -> Self:
        return self.filter(state__in=[self.model.WAITING, self.model.WORKING])

    def silent(self) -> Self:
        """Those of which nothing was heard for so long that they count as stale."""
        since = timezone.now() - timedelta(seconds=settings.STALE_AFTER_S)
        return self.filter(heard_at__lt=since)

    def claimed_as(self, row: ClaimedWork) -> Self:
        """The row itself, while nobody has taken it over."""
        return self.in_progress().filter(pk=row.pk, attempts=row.attempts)


class ClaimedWork(models.Model):
    """A row that a worker works on.

    ``attempts`` counts how often the work was begun and never starts anew; ``last_attempt`` is the
    number after which it is given up. ``heard_at`` is when the row was queued or begun, or when its
    worker last gave a sign of life.
    """

    WAITING: ClassVar[str]
    WORKING: ClassVar[str]

    state: Any
    objects: ClassVar[Any]

    attempts = models.PositiveIntegerField(default=0)
    last_attempt = models.PositiveIntegerField(default=MAX_ATTEMPTS)
    heard_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @property
    def unfinished(self) -> bool:
        return self.state in {self.WAITING, self.WORKING}

    @property
    def attempts_left(self) -> bool:
        return self.attempts < self.last_attempt

    def reset_attempts(self) -> None:
        """Set the fields of a row that a person asked for, with all its attempts before it."""
        self.state, self.heard_at = self.WAITING, timezone.now()
        self.last_attempt = self.attempts + MAX_ATTEMPTS


def claim(rows: ClaimedQuerySet, pk: Any) -> Any | None:
    """Claim a waiting row and return it; None when it is done or another worker has it."""
    with transaction.atomic():
        claimed = rows.waiting().filter(pk=pk)
        attempts = F("attempts") + 1
        if not claimed.update(state=rows.model.WORKING, attempts=attempts, heard_at=timezone.now()):
            return None
        return rows.get(pk=pk)


def lock_claim(row: ClaimedWork, *related: str) -> Any:
    """Return the row, locked for its final write; raises ClaimLost. Call it in a transaction."""
    rows = row.__class__.objects.claimed_as(row).select_for_update(of=("self",))
    locked = rows.select_related(*related).first() if related else rows.first()
    if locked is None:
        raise ClaimLost
    return locked


def record_progress(row: ClaimedWork, **fields: Any) -> None:
    """Store how far the work is, as a sign of life; raises ClaimLost."""
    if not row.__class__.objects.claimed_as(row).update(heard_at=timezone.now(), **fields):
        raise ClaimLost


def release(row: ClaimedWork) -> bool:
    """Let the row wait for its next attempt; False when it has none left."""
    if not row.attempts_left:
        return False
    row.__class__.objects.claimed_as(row).update(state=row.WAITING, heard_at=timezone.now())
    return True


@contextmanager
def send_heartbeats(row: ClaimedWork) -> Iterator[None]:
    """Give signs of life, from a thread, as long as the block runs."""
    ended = Event()
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
                logger.warning("no sign of life for %s: %s", row.pk, type(error).__name__)
                connection.close()
    except ClaimLost:
        return
    finally:
        connection.close()
