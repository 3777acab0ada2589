"""Export the first values of revised and reopened readings, and count the revisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, Sum

from studies.protocol.models import Study
from studies.sessions.models import Reading, Reopening, Revision
from studies.sessions.revisions.history import SubmittedValues, Value, first_submissions

UNKNOWN: Final[Value] = (None, None, "")


@dataclass(frozen=True, slots=True)
class ChangedReading:
    """Revisions, reopenings and first values of a reading that was submitted more than once."""

    revisions: int
    reopenings: int
    revision_ms: int
    first: SubmittedValues | None
    guides_shown: bool = False
    """Whether guides were displayed in a revision."""

    def first_columns(self, cell: str) -> dict[str, Any]:
        """Return the export's columns of a cell; the first value is None if it is unknown."""
        first = self.first.cells.get(cell, UNKNOWN) if self.first else UNKNOWN
        return _columns(first, self.revisions, self.reopenings, self.revision_ms)


@dataclass(frozen=True, slots=True)
class RevisionCount:
    """The revisions of one reader in one arm, among the submitted readings."""

    reader: str
    arm: str
    submitted: int
    revised: int
    """Readings that were revised at least once."""
    revisions: int


def has_changed_readings(study: Study) -> bool:
    """Return whether exports have first values: readings may be revised, or one was reopened."""
    if study.revision_rule != Study.RevisionRule.NEVER:
        return True
    return Reopening.objects.filter(reading__reading_list__study=study).exists()


def changed_readings(study: Study) -> dict[UUID, ChangedReading]:
    """Return the readings that were submitted more than once; they are few."""
    of_study = {"reading__reading_list__study": study}
    # Counted apart: revisions and reopenings in one query would multiply each other's rows.
    revised = {
        pk: (count, active_ms, guides_ms > 0)
        for pk, count, active_ms, guides_ms in Revision.objects.filter(
            **of_study, submitted_at__isnull=False
        )
        .order_by()
        .values("reading")
        .annotate(count=Count("pk"), active=Sum("active_ms"), guides=Sum("guides_ms"))
        .values_list("reading", "count", "active", "guides")
    }
    reopened = dict(
        Reopening.objects.filter(**of_study)
        .order_by()
        .values("reading")
        .annotate(count=Count("pk"))
        .values_list("reading", "count")
    )
    first = first_submissions({*revised, *reopened})
    changed = {}
    for pk in {*revised, *reopened}:
        revisions, active_ms, guides_shown = revised.get(pk, (0, 0, False))
        changed[pk] = ChangedReading(
            revisions, reopened.get(pk, 0), active_ms, first.get(pk), guides_shown
        )
    return changed


def unchanged_columns(value: Value) -> dict[str, Any]:
    """Return the export's columns of a cell whose reading was submitted once."""
    return _columns(value, 0, 0, 0)


def count_revisions(study: Study) -> int:
    """Return how many revisions were submitted in the study."""
    finished = Revision.objects.filter(submitted_at__isnull=False)
    return finished.filter(reading__reading_list__study=study).count()


def revision_counts(study: Study) -> list[RevisionCount]:
    """Return the number of revisions of each reader and arm, without any score."""
    again = Revision.objects.filter(reading=OuterRef("pk"), submitted_at__isnull=False)
    rows = (
        Reading.objects.filter(reading_list__study=study)
        .submitted()
        .order_by("reading_list__reader__label", "reading_list__period")
        .values("reading_list__reader__label", "reading_list__arm", "reading_list__period")
        .annotate(
            # distinct, because the join with revisions repeats a reading for each of them.
            submitted_count=Count("pk", distinct=True),
            revised_count=Count("pk", distinct=True, filter=Exists(again)),
            revision_count=Count(
                "revisions", distinct=True, filter=Q(revisions__submitted_at__isnull=False)
            ),
        )
    )
    return [
        RevisionCount(
            row["reading_list__reader__label"],
            row["reading_list__arm"],
            row["submitted_count"],
            row["revised_count"],
            row["revision_count"],
        )
        for row in rows
    ]


def _columns(first: Value, revisions: int, reopenings: int, revision_ms: int) -> dict[str, Any]:
    score, validity, reason = first
    return {
        "first_score": score,
        "first_validity": validity,
        "first_reason": reason,
        "revisions": revisions,
        "reopenings": reopenings,
        "revision_ms": revision_ms,
    }
