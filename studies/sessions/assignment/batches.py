"""The batches of a study: recorded at assignment, listed with what has been read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from studies.protocol.models import Study
from studies.readers.models import Membership, User
from studies.sessions.models import Batch, Reading

BATCHES_PER_PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """A batch, and how many of its readings have been submitted and are left.

    Readings of excluded cases are in neither number, nor are unread ones that were reassigned.
    """

    batch: Batch
    read: int
    left: int


def add_batch(
    *,
    study: Study,
    number: int,
    by: User,
    cases: int,
    readings: int,
    reassigned_from: Membership | None = None,
) -> Batch:
    """Record a batch in the transaction of its assignment, which also writes the audit event."""
    kind = Batch.Kind.FIRST if number == 1 else Batch.Kind.LATE
    return Batch.objects.create(
        study=study,
        number=number,
        kind=Batch.Kind.REASSIGNMENT if reassigned_from else kind,
        assigned_by=by,
        reassigned_from=reassigned_from,
        cases=cases,
        readings=readings,
    )


def batch_page(study: Study, number: str) -> Page[Batch]:
    """Return one page of the batches, newest first; an unknown page gives the nearest one."""
    batches = study.batches.select_related("assigned_by", "reassigned_from").order_by("-number")
    return Paginator(batches, BATCHES_PER_PAGE).get_page(number)


def batch_progress(study: Study, batches: Sequence[Batch]) -> list[BatchProgress]:
    """Return what has been read of these batches of a study, from one query."""
    readings = Reading.objects.filter(
        reading_list__study=study, batch__in=[batch.number for batch in batches]
    ).counted()
    submitted = Q(submitted_at__isnull=False)
    counts = {
        number: (read, total)
        for number, read, total in readings.order_by()
        .values("batch")
        .annotate(read=Count("pk", filter=submitted), total=Count("pk"))
        .values_list("batch", "read", "total")
    }
    progress = []
    for batch in batches:
        read, total = counts.get(batch.number, (0, 0))
        progress.append(BatchProgress(batch, read, total - read))
    return progress
