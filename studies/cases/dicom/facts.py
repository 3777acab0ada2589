"""PURE. What a study keeps of a file besides the file itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydicom.dataset import Dataset

from inference.results import Spacing
from studies.cases.dicom import retained_attributes as kept

OLDEST_AGE = 89
FAMILIES = (
    ("verteread", "phantom"),
    ("phantom", "phantom"),
    ("lunar", "ge"),
    ("ge ", "ge"),
    ("hologic", "hologic"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the study keeps of a file besides the file; none of it names a person.

    ``acquired`` is shifted; ``age`` is in years, "90+" above 89; ``family`` is a guess at the
    scanner's make: "ge", "hologic", "phantom" or "other". Patients with the same
    ``patient_near_key`` and different ``patient_key`` have IDs that are nearly alike.
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


def age_in_years(source: Dataset) -> str:
    """Whole years as text, "90+" above 89, "" where it cannot be known."""
    given = re.fullmatch(r"(\d{1,3})([DWMY])", kept.text(source, "PatientAge").upper())
    if given:
        per_year = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}[given[2]]
        years = int(int(given[1]) / per_year)
    else:
        born = kept.date_of(source, "PatientBirthDate")
        seen = kept.date_of(source, "AcquisitionDate") or kept.date_of(source, "StudyDate")
        if born is None or seen is None or seen < born:
            return ""
        years = seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day))
    return "90+" if years > OLDEST_AGE else str(years)


def facts_of(
    clean: Dataset,
    age: str,
    patient_keys: tuple[str, str],
    pixel_hash: str,
    spacing: tuple[Spacing | None, str],
) -> Facts:
    maker, model = kept.text(clean, "Manufacturer"), kept.text(clean, "ManufacturerModelName")
    named = f"{maker} {model}".casefold()
    family = next((name for sign, name in FAMILIES if sign in f"{named} "), "other")
    short = {"ge": "GE", "hologic": "Hologic"}.get(family, maker)
    own = model.removeprefix(short).strip()
    burned = clean.get("BurnedInAnnotation", "unknown")
    day = kept.date_of(clean, "AcquisitionDate") or kept.date_of(clean, "StudyDate")
    return Facts(
        manufacturer=maker,
        model=model,
        software=kept.text(clean, "SoftwareVersions"),
        scanner=f"{short} {own}".strip() or "unknown scanner",
        family=family,
        sex=kept.text(clean, "PatientSex"),
        age=age,
        acquired=day,
        burned_in=burned if burned in ("YES", "NO") else "unknown",
        patient_key=patient_keys[0],
        patient_near_key=patient_keys[1],
        sop_instance_uid=str(clean.SOPInstanceUID),
        pixel_hash=pixel_hash,
        spacing_mm=spacing[0],
        spacing_source=spacing[1],
    )
