"""Split of marked images into training, validation and test parts.

All images of a patient are in one part, provided that the files identify patients.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from inference.evaluation.samples import Sample

# 70/15/15 is the split of VerteNet's authors.
VALIDATION_SHARE: Final = 0.15
TEST_SHARE: Final = 0.15
MIN_PATIENTS: Final = 4
"""With fewer patients (or images without patient), all images are used for training."""

Parts = tuple[list[Sample], list[Sample], list[Sample]]
Rule = Literal["patient", "image", "patient or image"]


def split(samples: Sequence[Sample], seed: int, fixed: Mapping[str, int] | None = None) -> Parts:
    """Split images into training, validation and test parts of 70, 15 and 15 % of the patients.

    An image without patient counts as a separate patient. The split depends on patient codes, image
    names and seed, but not on the order or the folder of images.

    Parameters
    ----------
    samples
        Marked images.
    seed
        Seed of the split.
    fixed
        Index of the part by patient, for patients who have already been assigned to one.

    Returns
    -------
    tuple of list
        Training, validation and test images.
    """
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(_patient_key(sample), []).append(sample)
    count = len(groups)
    free = [count, 0, 0]
    if count >= MIN_PATIENTS:
        free[1:] = round(VALIDATION_SHARE * count), round(TEST_SHARE * count)
    # A patient keeps the part of an earlier data source, or one source would train on what another
    # tests.
    known = fixed or {}
    part_of = {
        patient: known[images[0].subject]
        for patient, images in groups.items()
        if images[0].subject in known
    }
    for part in part_of.values():
        free[part] -= 1
    # Sorting by hash is a random order that does not depend on the order of the images.
    order = sorted(groups, key=lambda patient: (_hash(patient, seed), patient))
    for patient in order:
        if patient not in part_of:
            # Validation and test parts are filled first; the rest is for training.
            part = next(part for part in (1, 2, 0) if free[part] > 0 or part == 0)
            part_of[patient] = part
            free[part] -= 1
    parts: Parts = ([], [], [])
    for patient in order:
        parts[part_of[patient]].extend(sorted(groups[patient], key=image_name))
    return parts


def map_patients_to_parts(parts: Parts) -> dict[str, int]:
    """Return the index of the part by patient, for images with a patient."""
    return {s.subject: index for index, part in enumerate(parts) for s in part if s.subject}


def split_rule(samples: Iterable[Sample]) -> Rule:
    """Return the unit by which images are split."""
    named = {bool(sample.subject) for sample in samples}
    if named == {True}:
        return "patient"
    return "patient or image" if True in named else "image"


def describe_split(data: Mapping[str, Any]) -> str:
    """Describe the split in words, for the terminal and the model card.

    Parameters
    ----------
    data
        From :meth:`inference.training.data.sources.Data.to_dict`.
    """
    rule, overlapping = data["split"], data["validation_seen"]
    if rule is None:
        return ""
    trained = sum(source["images"] for source in data["sources"])
    validation, test = data["validation_images"], data["test_images"]
    counts = (
        f"{trained} marked images for training, {validation} for validation, {test} for testing"
    )
    if rule == "named":
        text = f"Not split: {counts}. Validation images are those given by --validation."
        if overlapping:
            text += (
                f" Of these, {overlapping} are also trained on or show a patient who is; the choice"
                " of weights is not independent."
            )
        return text
    if not validation:
        unit = "images" if rule == "image" else "patients"
        return (
            f"Not split because there are too few {unit}: {counts}. Phantoms are used for "
            "validation."
        )
    if rule == "patient":
        patients = " / ".join(str(count) for count in data["patients"])
        return f"Split by patient: {counts}. Patients: {patients}; no patient is in two parts."
    reason = (
        "the data do not identify patients"
        if rule == "image"
        else "by patient only where the data identify one"
    )
    return (
        f"Split by image ({reason}): {counts}. If a patient with several images is in two parts, "
        "errors are underestimated."
    )


def image_name(sample: Sample) -> str:
    """Return the name of the image in its landmark file."""
    return sample.key.rpartition(": ")[2]


def _patient_key(sample: Sample) -> str:
    return f"patient {sample.subject}" if sample.subject else image_name(sample)


def _hash(patient: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{patient}".encode()).hexdigest()
