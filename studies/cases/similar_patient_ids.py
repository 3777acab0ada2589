"""Cases whose patient IDs are nearly the same: possibly one person, counted as two patients."""

from __future__ import annotations

from dataclasses import dataclass

from studies.cases.models import Case
from studies.readers.access import active_memberships
from studies.readers.models import Role, User

MAX_LABELS = 10
ELSEWHERE = "a case at another site"


@dataclass(frozen=True, slots=True)
class SimilarPatients:
    """Cases of similar patients, as far as one coordinator may know of them.

    ``labels`` are those of cases that the coordinator may see; ``elsewhere`` is whether there are
    more, at other sites.
    """

    labels: list[str]
    elsewhere: bool

    def __bool__(self) -> bool:
        return bool(self.labels) or self.elsewhere

    @property
    def warning(self) -> str:
        """Return the warning for coordinators; it quotes no ID."""
        named = ", ".join(self.labels[:MAX_LABELS])
        if len(self.labels) > MAX_LABELS:
            named += " and others"
        if self.elsewhere:
            named = f"{named} and {ELSEWHERE}" if named else ELSEWHERE
        return (
            f"The patient ID is nearly the same as that of {named}: only leading zeros, "
            "punctuation or the issuer differ. They count as different patients. Check whether "
            "they are the same person before you assign these cases."
        )


def find_similar_patients(case: Case, viewer: User) -> SimilarPatients:
    """Return the cases of other patients whose ID is nearly that of a case's patient."""
    similar = Case.objects.of_similar_patients(case.patient).order_by("label")
    number = similar.count()
    # Few patients have a similar ID.
    if not number:
        return SimilarPatients([], elsewhere=False)
    membership = active_memberships(viewer, Role.COORDINATOR).filter(study=case.study_id).first()
    visible = similar.seen_by(membership) if membership else similar.none()
    labels = list(visible.values_list("label", flat=True))
    # Cases of other sites count, but their labels would tell a site's coordinator about them.
    return SimilarPatients(labels, number > len(labels))
