"""Querysets of cases and uploads: who may see which, and what a list reads."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Q, QuerySet

from studies.cases.filters import (
    CORNERS_UNCONFIRMED,
    LEVELS_UNCERTAIN,
    assigned,
    needs_confirmed_corners,
    site_condition,
    state_condition,
    text_condition,
)
from studies.jobs.claims import ClaimedQuerySet


class CaseQuerySet(ClaimedQuerySet):
    """Cases; `seen_by` is the only rule for who may see one."""

    def seen_by(self, membership: Any) -> Self:
        """Return the cases of a coordinator's study, or of the site that the coordinator is for."""
        # Readers never reach cases: what they see comes from the address of their reading.
        if membership.role != "coordinator":
            return self.none()
        cases = self.filter(study=membership.study)
        return cases.filter(site=membership.site_id) if membership.site_id else cases

    def listed(self) -> Self:
        """Add everything that one case shows, and whether readings of it were assigned."""
        related = self.select_related("study", "patient", "site", "landmark_set", "image")
        return related.annotate(
            assigned=assigned(), needs_confirmed_corners=needs_confirmed_corners()
        ).order_by("label")

    def defer_measurements(self) -> Self:
        """Leave out the large values that a list does not show."""
        return self.defer(
            "landmark_set__guides",
            "landmark_set__morphometry",
            "landmark_set__bodies",
            "landmark_set__warnings",
            "image__deidentification",
            "image__windows",
        )

    def of_study(self, study: Any) -> Self:
        """Return the cases of a study without those of its practice set.

        Practice cases are never study cases: counts, assignment and reports start from here.
        """
        return self.filter(study=study, practice=False)

    def ready(self) -> Self:
        """Return the cases that were analysed and are in the study."""
        return self.filter(state="ready")

    def with_uncertain_levels(self) -> Self:
        """Return ready cases whose uncertain level labelling no one has accepted."""
        return self.filter(LEVELS_UNCERTAIN)

    def with_unconfirmed_corners(self) -> Self:
        """Return ready cases whose corners no person has moved or confirmed."""
        return self.filter(CORNERS_UNCONFIRMED)

    def in_use(self) -> Self:
        """Return the ready cases without those of practice sets."""
        return self.ready().filter(practice=False)

    def assignable(self) -> Self:
        """Return the cases that can be assigned to readers."""
        return self.in_use().exclude(pk__in=self.with_uncertain_levels().values("pk"))

    def matching(self, *, state: str = "", site: str = "", text: str = "") -> Self:
        """Return the cases that match the filters of a list (`studies.cases.filters`)."""
        return self.filter(state_condition(state) & site_condition(site) & text_condition(text))

    def of_similar_patients(self, patient: Any) -> Self:
        """Return the cases of other patients whose ID is nearly that of ``patient``."""
        # Keys are derived from the study's secret, so equal keys of two studies would mean nothing.
        similar = Q(study=patient.study_id, patient__near_key=patient.near_key)
        return self.filter(similar).exclude(patient__near_key="").exclude(patient=patient)


class UploadQuerySet(QuerySet[Any]):
    """Uploads; each person sees only their own."""

    def of(self, user: Any, study: Any) -> Self:
        """Return a user's uploads to a study."""
        return self.filter(study=study, uploader=user)
