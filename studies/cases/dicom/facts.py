"""PURE. Facts about an image and its patient that a study stores in the database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydicom.dataset import Dataset

from inference.results import Spacing
from studies.cases.dicom import retained_attributes as retained

# Higher ages can identify a person (HIPAA Safe Harbor, 45 CFR 164.514).
OLDEST_AGE = 89
# The first match counts, so phantoms that imitate a maker's header remain phantoms.
FAMILIES = (
    ("verteread", "phantom"),
    ("phantom", "phantom"),
    ("lunar", "ge"),
    ("ge ", "ge"),
    ("hologic", "hologic"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts that the study stores besides the file; none of them identifies a person.

    ``acquired`` is the shifted date. ``age`` is in years, "90+" above 89. ``family`` is the likely
    make of the scanner: "ge", "hologic", "phantom" or "other". Patients with equal
    ``patient_near_key`` and different ``patient_key`` have nearly the same patient ID.
    ``long_field`` is whether the pixel spacing makes the image as long as a whole-body scan, while
    nothing else in the header suggests one.
    """

    manufacturer: str
    model: str
    software: str
    scanner: str
    family: str
    sex: str
    age: str
    acquired: date | None
    burned_in: Literal["YES", "NO", "unknown"]
    patient_key: str
    patient_near_key: str
    sop_instance_uid: str
    pixel_hash: str
    spacing_mm: Spacing | None
    spacing_source: str
    long_field: bool = False


def age_in_years(source: Dataset) -> str:
    """Return the age in whole years as text: "90+" above 89, "" when it is not known."""
    stated = re.fullmatch(r"(\d{1,3})([DWMY])", retained.text(source, "PatientAge").upper())
    if stated:
        # DICOM states an age in days, weeks, months or years (VR AS, PS3.5 6.2).
        per_year = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}[stated[2]]
        years = int(int(stated[1]) / per_year)
    else:
        born = retained.date_of(source, "PatientBirthDate")
        acquired = retained.date_of(source, "AcquisitionDate") or retained.date_of(
            source, "StudyDate"
        )
        if born is None or acquired is None or acquired < born:
            return ""
        # Minus one where the birthday of that year is still to come.
        years = (
            acquired.year - born.year - ((acquired.month, acquired.day) < (born.month, born.day))
        )
    return "90+" if years > OLDEST_AGE else str(years)


def facts_of(
    clean: Dataset,
    age: str,
    patient_keys: tuple[str, str],
    pixel_hash: str,
    spacing: tuple[Spacing | None, str],
    *,
    long_field: bool = False,
) -> Facts:
    """Collect the facts of a de-identified dataset.

    Parameters
    ----------
    age
        As `age_in_years` returns it; the clean dataset holds only "090Y" for the oldest.
    patient_keys
        The exact and the near key of the patient.
    spacing
        Row and column spacing in mm, and the attribute that it comes from.
    long_field
        Whether the spacing makes the image as long as a whole-body scan.
    """
    maker, model = (
        retained.text(clean, "Manufacturer"),
        retained.text(clean, "ManufacturerModelName"),
    )
    text = f"{maker} {model} ".casefold()
    family = next((name for sign, name in FAMILIES if sign in text), "other")
    short = {"ge": "GE", "hologic": "Hologic"}.get(family, maker)
    model_name = model.removeprefix(short).strip()
    burned = clean.get("BurnedInAnnotation", "unknown")
    day = retained.date_of(clean, "AcquisitionDate") or retained.date_of(clean, "StudyDate")
    return Facts(
        manufacturer=maker,
        model=model,
        software=retained.text(clean, "SoftwareVersions"),
        scanner=f"{short} {model_name}".strip() or "unknown scanner",
        family=family,
        sex=retained.text(clean, "PatientSex"),
        age=age,
        acquired=day,
        burned_in=burned if burned in ("YES", "NO") else "unknown",
        patient_key=patient_keys[0],
        patient_near_key=patient_keys[1],
        sop_instance_uid=str(clean.SOPInstanceUID),
        pixel_hash=pixel_hash,
        spacing_mm=spacing[0],
        spacing_source=spacing[1],
        long_field=long_field,
    )
