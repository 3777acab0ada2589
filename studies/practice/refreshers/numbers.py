"""The number under which a reader saw a reading, as in "24 of 50", for coordinators."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from studies.practice.models import PracticeReading
from studies.sessions.models import Reading


def numbers_on_screen(readings: Sequence[Reading]) -> dict[UUID, int]:
    """Return the number of each reading in its reader's count, from one query.

    Refreshers are counted like study readings, as the reading room does. Cases that were excluded
    after they were read are not, so that later numbers are lower than they were on the screen.
    """
    earlier = Reading.objects.counted().filter(
        reading_list__reader=OuterRef("reading_list__reader"), opened_at__lte=OuterRef("opened_at")
    )
    refreshers = PracticeReading.objects.filter(
        round__kind="refresher",
        round__reader=OuterRef("reading_list__reader"),
        opened_at__lt=OuterRef("opened_at"),
    )
    rows = Reading.objects.filter(pk__in=[reading.pk for reading in readings]).values_list(
        "pk", _count(earlier, "reading_list__reader") + _count(refreshers, "round__reader")
    )
    return dict(rows)


def _count(rows: QuerySet[Reading] | QuerySet[PracticeReading], reader: str) -> Coalesce:
    counted = rows.order_by().values(reader).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
