"""Cases whose patient IDs are nearly alike: perhaps one person, counted as two."""

from __future__ import annotations

from collections.abc import Sequence

from studies.cases.models import Case

MOST_NAMED = 10


def near_patient_labels(case: Case) -> list[str]:
    """Return the labels of other patients' cases whose patient ID is nearly that of a case."""
    near = Case.objects.of_near_patients(case.patient).order_by("label")
    return list(near.values_list("label", flat=True))


def near_patient_text(labels: Sequence[str]) -> str:
    """Return the warning for coordinators; it names cases and quotes no ID."""
    named = ", ".join(labels[:MOST_NAMED]) + (" and others" if len(labels) > MOST_NAMED else "")
    return (
        f"The patient ID is nearly the same as that of {named}: only leading zeros, punctuation or "
        "the issuer differ. They count as different patients. Check whether they are one person "
        "before you assign these cases."
    )
