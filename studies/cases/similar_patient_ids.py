"""Cases whose patient IDs are nearly alike: perhaps one person, counted as two."""

from __future__ import annotations

from dataclasses import dataclass

from studies.cases.models import Case
from studies.readers.access import active_memberships
from studies.readers.models import Role, User

MOST_NAMED = 10
ELSEWHERE = "a case at another site"


@dataclass(frozen=True, slots=True)
class NearPatients:
    """Other patients' cases as one coordinator may know them.

    ``labels`` are of cases that the coordinator sees; ``elsewhere`` is whether there are more, at
    sites that the coordinator does not look after.
    """

    labels: list[str]
    elsewhere: bool

    def __bool__(self) -> bool:
        return bool(self.labels) or self.elsewhere

    @property
    def text(self) -> str:
        """The warning for coordinators; it quotes no ID."""
        named = ", ".join(self.labels[:MOST_NAMED])
        if len(self.labels) > MOST_NAMED:
            named += " and others"
        if self.elsewhere:
            named = f"{named} and {ELSEWHERE}" if named else ELSEWHERE
        return (
            f"The patient ID is nearly the same as that of {named}: only leading zeros, "
            "punctuation or the issuer differ. They count as different patients. Check whether "
            "they are one person before you assign these cases."
        )


def near_patients(case: Case, viewer: User) -> NearPatients:
    """Return the cases of other patients whose ID is nearly that of a case's patient."""
    near = Case.objects.of_near_patients(case.patient).order_by("label")
    membership = active_memberships(viewer, Role.COORDINATOR).filter(study=case.study_id).first()
    seen = near.seen_by(membership) if membership else near.none()
    labels = list(seen.values_list("label", flat=True))
    return NearPatients(labels, near.count() > len(labels))
