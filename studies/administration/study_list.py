"""The studies of the installation as administrators see them: counts, state and storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Count

from studies.administration.storage_use import StorageUse
from studies.cases.models import Case
from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.sessions.models import Reading

STUDIES_PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A study with numbers alone; ``stored_bytes`` is None while it is unknown."""

    study: Study
    sites: int
    members: int
    cases: int
    readings: int
    stored_bytes: int | None


def study_page(number: str) -> Page[Any]:
    """Return one page of the studies by name."""
    studies = Study.objects.annotate(site_count=Count("sites")).order_by("name", "pk")
    # Neither the key nor other secrets of a study are read.
    fields = ("name", "slug", "state", "created_at", "state_changed_at", "demonstration")
    return Paginator(studies.only(*fields), STUDIES_PER_PAGE).get_page(number)


def study_rows(studies: Sequence[Any], use: StorageUse | None) -> list[StudyRow]:
    """Return the rows of these studies, from three queries."""
    members = _count(Membership.objects.filter(study__in=studies, active=True), "study")
    cases = _count(Case.objects.filter(study__in=studies), "study")
    readings = _count(
        Reading.objects.filter(reading_list__study__in=studies), "reading_list__study"
    )
    known = use is not None and use.used is not None
    return [
        StudyRow(
            study,
            study.site_count,
            members.get(study.pk, 0),
            cases.get(study.pk, 0),
            readings.get(study.pk, 0),
            use.by_folder.get(str(study.pk), 0) if use is not None and known else None,
        )
        for study in studies
    ]


def _count(rows: Any, name: str) -> dict[int, int]:
    # A query for each table, because joins of several would multiply the counts.
    counts = rows.order_by().values(name).annotate(count=Count("pk"))
    return dict(counts.values_list(name, "count"))
