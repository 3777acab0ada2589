"""Which cases and uploads a list reads, and with what beside them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from studies.cases.filters import IN_DOUBT, assigned, at_site, in_state, with_words
from studies.jobs.claims import ClaimedQuerySet


class CaseQuerySet(ClaimedQuerySet):
    def seen_by(self, membership: Any) -> CaseQuerySet:
        """The cases of a coordinator's study, or of the site that the coordinator looks after."""
        if membership.role != "coordinator":
            return self.none()
        found = self.filter(study=membership.study)
        return found.filter(site=membership.site_id) if membership.site_id else found

    def listed(self) -> CaseQuerySet:
        """With all that one case shows, and whether readings of it were assigned."""
        with_all = self.select_related("study", "patient", "site", "landmark_set", "image")
        return with_all.annotate(assigned=assigned()).order_by("label")

    def without_measures(self) -> CaseQuerySet:
        """Without the large values that a list does not show."""
        return self.defer(
            "landmark_set__guides",
            "landmark_set__morphometry",
            "landmark_set__bodies",
            "landmark_set__warnings",
            "image__deidentification",
            "image__windows",
        )

    def ready(self) -> CaseQuerySet:
        return self.filter(state="ready")

    def in_doubt(self) -> CaseQuerySet:
        """Ready, but with level names that nobody has accepted."""
        return self.filter(IN_DOUBT)

    def dealable(self) -> CaseQuerySet:
        return self.ready().exclude(pk__in=self.in_doubt().values("pk"))

    def matching(self, *, state: str = "", site: str = "", words: str = "") -> CaseQuerySet:
        """Filtered as ``studies.cases.filters`` describes."""
        return self.filter(in_state(state) & at_site(site) & with_words(words))

    def of_near_patients(self, patient: Any) -> CaseQuerySet:
        """The cases of other patients whose ID is nearly that of ``patient``."""
        near = Q(study=patient.study_id, patient__near_key=patient.near_key)
        return self.filter(near).exclude(patient__near_key="").exclude(patient=patient)


class UploadQuerySet(QuerySet[Any]):
    def of(self, user: Any, study: Any) -> UploadQuerySet:
        return self.filter(study=study, uploader=user)
