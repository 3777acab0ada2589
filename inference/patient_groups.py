"""Patients who share an image, and therefore belong to the same part of a split."""

from __future__ import annotations

from collections.abc import Iterable


def group_patients(images: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the group of each patient: patients are in one group if they share an image.

    A patient can have a different pseudonym in each study. The same image then appears under two
    of them, which must not be in two parts of a split.

    Parameters
    ----------
    images
        Pairs of patient and image, the latter identified by a hash of its pixels.

    Returns
    -------
    dict
        By patient, the first patient of the group in alphabetical order, whatever the order of
        ``images``. A patient who shares no image is a group alone.

    Examples
    --------
    >>> group_patients([("a/P1", "x"), ("b/P7", "x"), ("b/P7", "y"), ("c/P2", "y"), ("a/P3", "z")])
    {'a/P1': 'a/P1', 'b/P7': 'a/P1', 'c/P2': 'a/P1', 'a/P3': 'a/P3'}
    """
    parent: dict[str, str] = {}
    patient_of: dict[str, str] = {}

    def group(patient: str) -> str:
        while parent[patient] != patient:
            # Shortened on the way, so that long chains of patients stay fast.
            parent[patient] = parent[parent[patient]]
            patient = parent[patient]
        return patient

    for patient, image in images:
        parent.setdefault(patient, patient)
        other = patient_of.setdefault(image, patient)
        first, second = sorted((group(patient), group(other)))
        parent[second] = first
    return {patient: group(patient) for patient in parent}
