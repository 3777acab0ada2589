"""What became of a person's files: the newest, older ones page by page, and what changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import Greatest

from studies.cases.models import Case, Upload
from studies.cases.querysets import UploadQuerySet
from studies.errors import StudyError
from studies.readers.models import Membership

PAGE_SIZE = 60
MOST_CHANGES = 200
FIRST_KEY = UUID(int=0)
OVERLAP = timedelta(seconds=30)
"""Changes are sent again for this long, so that none is missed that was committed late."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an order by time and then by key; written as "time_key"."""

    at: datetime
    key: UUID

    @classmethod
    def parse(cls, text: str) -> Cursor:
        at, _, key = text.partition("_")
        try:
            cursor = cls(datetime.fromisoformat(at), UUID(key))
        except ValueError as error:
            raise _bad_cursor() from error
        if cursor.at.tzinfo is None:
            raise _bad_cursor()
        return cursor

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.key}"


@dataclass(frozen=True, slots=True)
class UploadChanges:
    """Uploads that are new or whose case changed; ``more`` if a further call gets the rest."""

    uploads: list[Upload]
    cursor: Cursor
    more: bool


def newest_uploads(uploads: UploadQuerySet, before: Cursor | None = None) -> list[Upload]:
    """One page, the newest first; with ``before`` the page behind that upload."""
    if before is not None:
        uploads = uploads.filter(
            Q(at__lt=before.at) | Q(at=before.at, pk__lt=before.key), at__lte=before.at
        )
    return list(uploads.order_by("-at", "-pk")[:PAGE_SIZE])


def uploads_changed(
    uploads: UploadQuerySet, membership: Membership, since: Cursor
) -> UploadChanges:
    caught_up = cursor_now()
    cases = Case.objects.filter(study=membership.study, changed_at__gte=since.at).values("pk")
    changed = uploads.filter(Q(at__gte=since.at) | Q(case__in=cases)).annotate(
        changed_at=Greatest("at", "case__changed_at")
    )
    after = changed.filter(
        Q(changed_at__gt=since.at) | Q(changed_at=since.at, pk__gt=since.key)
    ).order_by("changed_at", "pk")
    rows = list(after[:MOST_CHANGES])
    if len(rows) < MOST_CHANGES:
        return UploadChanges(rows, caught_up, more=False)
    return UploadChanges(rows, Cursor(rows[-1].changed_at, rows[-1].pk), more=True)


def cursor_now() -> Cursor:
    """By the database's clock, which also dates the changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return Cursor(cursor.fetchone()[0] - OVERLAP, FIRST_KEY)


def count_uploads(uploads: UploadQuerySet, membership: Membership) -> dict[str, int]:
    """Count the uploads by status, their cases for the network, and those still being analysed."""
    seen = Q(case__isnull=False)
    if membership.site_id is not None:
        seen = Q(case__site=membership.site_id)
    return uploads.aggregate(
        **{status: Count("pk", filter=Q(status=status)) for status in Upload.Status.values},
        to_analyse=Count("case", filter=seen & ~Q(case__state=Case.State.PENDING_REVIEW), distinct=True),
        analysing=Count(
            "case", filter=seen & Q(case__state__in=[Case.WAITING, Case.WORKING]), distinct=True
        ),
    )


def _bad_cursor() -> StudyError:
    return StudyError("bad_cursor", "This position in the list is not valid. Reload the page.")
