"""Counts of cases by the model that located their landmarks."""

from __future__ import annotations

from typing import TypedDict

from django.db.models import Count, Q

from studies.cases.querysets import CaseQuerySet


class CaseCounts(TypedDict):
    """Ready cases: all, and those whose landmarks another model located."""

    ready: int
    other_model: int


def count_cases_by_model(cases: CaseQuerySet, checksum: str) -> CaseCounts:
    """Count the ready cases, and those analysed by weights other than ``checksum``."""
    counts = (
        cases.ready()
        .filter(practice=False)
        .aggregate(
            ready=Count("pk"),
            other_model=Count("pk", filter=~Q(landmark_set__model_checksum=checksum)),
        )
    )
    return {"ready": counts["ready"], "other_model": counts["other_model"]}
