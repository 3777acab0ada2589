"""Lists of a person's uploads: the newest, older ones page by page, and changes since a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict, cast
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import Greatest

from studies.cases.models import Case, Upload
from studies.cases.querysets import UploadQuerySet
from studies.errors import StudyError
from studies.readers.models import Membership

PAGE_SIZE = 60
MAX_CHANGES = 200
FIRST_KEY = UUID(int=0)
OVERLAP = timedelta(seconds=30)
"""Changes are sent again for this long, because a transaction may commit after a later one."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the order by time and then by key; written as "time_key"."""

    at: datetime
    key: UUID

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Return the cursor that `str` wrote; raises StudyError for anything else."""
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
class UploadPage:
    """Part of a person's uploads.

    ``cursor`` is the position from which to ask for changes next; ``more`` is whether a further
    request returns more of them.
    """

    uploads: list[Upload]
    cursor: Cursor
    more: bool


class UploadCountsJSON(TypedDict):
    """Numbers of a person's uploads by status, of their cases to be analysed and unfinished."""

    accepted: int
    pending_review: int
    replaced: int
    duplicate: int
    rejected: int
    to_analyse: int
    analysing: int


def list_uploads(
    uploads: UploadQuerySet, membership: Membership, query: Mapping[str, str]
) -> UploadPage:
    """Return the newest uploads, those older than ``before``, or those changed after ``since``."""
    if since := query.get("since"):
        return changed_uploads(uploads, membership, Cursor.parse(since))
    cursor = cursor_now()
    before = query.get("before")
    page = newest_uploads(uploads, Cursor.parse(before) if before else None)
    return UploadPage(page, cursor, more=False)


def newest_uploads(uploads: UploadQuerySet, before: Cursor | None = None) -> list[Upload]:
    """Return one page, the newest first; with ``before`` the page that follows that upload."""
    if before is not None:
        # The redundant condition on the time alone lets PostgreSQL use the index.
        uploads = uploads.filter(
            Q(at__lt=before.at) | Q(at=before.at, pk__lt=before.key), at__lte=before.at
        )
    return list(uploads.order_by("-at", "-pk")[:PAGE_SIZE])


def changed_uploads(uploads: UploadQuerySet, membership: Membership, since: Cursor) -> UploadPage:
    """Return uploads that are new or whose case changed, at most `MAX_CHANGES`, oldest first."""
    # Taken before the query, so that what changes meanwhile belongs to the next request.
    caught_up = cursor_now()
    cases = Case.objects.filter(study=membership.study, changed_at__gte=since.at).values("pk")
    changed = uploads.filter(Q(at__gte=since.at) | Q(case__in=cases)).annotate(
        changed_at=Greatest("at", "case__changed_at")
    )
    after = changed.filter(
        Q(changed_at__gt=since.at) | Q(changed_at=since.at, pk__gt=since.key)
    ).order_by("changed_at", "pk")
    rows = list(after[:MAX_CHANGES])
    # A full page ends at its last row instead, and the browser asks for the rest at once.
    if len(rows) < MAX_CHANGES:
        return UploadPage(rows, caught_up, more=False)
    return UploadPage(rows, Cursor(rows[-1].changed_at, rows[-1].pk), more=True)


def cursor_now() -> Cursor:
    """Return the current position by the database's clock, which also dates the changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return Cursor(cursor.fetchone()[0] - OVERLAP, FIRST_KEY)


def count_uploads(uploads: UploadQuerySet, membership: Membership) -> UploadCountsJSON:
    """Count uploads by status, the cases to be analysed, and those not yet analysed."""
    # Cases of other sites must not show in the counts of a site's coordinator.
    visible = Q(case__isnull=False)
    if membership.site_id is not None:
        visible = Q(case__site=membership.site_id)
    pending = Q(case__state=Case.State.PENDING_REVIEW)
    unfinished = Q(case__state__in=[Case.WAITING, Case.WORKING])
    counts = uploads.aggregate(
        **{status: Count("pk", filter=Q(status=status)) for status in Upload.Status.values},
        to_analyse=Count("case", filter=visible & ~pending, distinct=True),
        analysing=Count("case", filter=visible & unfinished, distinct=True),
    )
    return cast("UploadCountsJSON", counts)


def _bad_cursor() -> StudyError:
    return StudyError("bad_cursor", "This position in the list is not valid. Reload the page.")
