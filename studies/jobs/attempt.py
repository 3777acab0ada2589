"""One attempt at claimed work, with the handling of its errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import Error, connection

from studies.jobs.claims import ClaimedWork, ClaimLost, release, send_heartbeats

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reasons:
    """Messages for people: why the work failed and what to do next.

    ``too_long`` is for a time limit, ``unavailable`` for storage or database, ``failed`` for any
    other error, and ``broken_off`` for a worker that stopped too often.
    """

    too_long: str
    unavailable: str
    failed: str
    broken_off: str


@contextmanager
def attempt(
    row: ClaimedWork, *, fail: Callable[[Any, str], object], reasons: Reasons
) -> Iterator[None]:
    """Run the block as the row's claimed attempt.

    After a temporary error (storage or database unavailable) the row waits for its next attempt;
    it fails after the last one. A worker that lost its claim stores nothing.

    Parameters
    ----------
    fail
        Stores a reason and sets the row to failed.
    """
    try:
        with send_heartbeats(row):
            yield
    except ClaimLost:
        logger.warning(
            "%s %s was taken over by another worker: nothing is stored",
            row._meta.model_name,
            row.pk,
        )
    # Without another attempt, which would take as long.
    except SoftTimeLimitExceeded:
        fail(row, reasons.too_long)
    # Storage or database may be back in a moment, so these errors get another attempt.
    except (OSError, Error) as error:
        name, kind = row._meta.model_name, type(error).__name__
        logger.warning("%s %s, attempt %s: %s", name, row.pk, row.attempts, kind)
        # A broken connection must not make storing the reason fail as well.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        if not release(row):
            fail(row, reasons.unavailable)
    # Errors in code or data would recur, so there is no further attempt.
    except Exception:
        logger.exception("%s %s failed", row._meta.model_name, row.pk)
        fail(row, reasons.failed)
