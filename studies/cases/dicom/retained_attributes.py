"""PURE. The attributes of a header that are retained, each with its rule; all others are removed.

A rule returns a safe value, or ``None`` to leave the attribute out. Numbers are parsed and
formatted again, codes must be in a closed list, and free text is reduced to known technical terms.
Text typed by a person therefore cannot pass, whichever attribute it is in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

Rule = Callable[[list[str]], Any]

MAKER_WORDS = """
    GE Healthcare Medical Systems Lunar Hologic Norland Swissray Stratec DMS Medilink Osteosys
    Osteometer Schick Fuji Fujifilm Siemens Philips Agfa Carestream Kodak Canon Toshiba Shimadzu
    Konica Minolta Furuno Aloka Hitachi General Electric Company Inc Inc. Ltd Corp Corporation
    GmbH VerteRead
"""
MODEL_WORDS = """
    Lunar iDXA Prodigy Advance Primo Pro Full Expert Bravo Duo DPX DPX-IQ DPX-L DPX-NT MD Aria
    Discovery Horizon QDR Delphi Explorer Acclaim Elite Excell A C W Wi Ci SL XR-26 XR-36 XR-46
    XR-600 XR-800 Stratos Lexxos Medix DR Osteocore Dexxum Excellus Prima phantom synthetic
    VerteRead DXA iDXA-like Hologic-like
"""
DESCRIPTION_WORDS = """
    LVA VFA IVA DVA LVFA LSI DXA DEXA BMD Exam Images Image Lateral LAT Spine Lumbar Thoracic
    Thoracolumbar Vertebral Vertebra Assessment Fracture Instant Single Dual Energy High
    Definition scan phantom synthetic
"""
VERSION_WORDS = {"encore": "enCORE", "apex": "Apex", "version": "", "software": ""}
# A number alone is kept if it can be nothing else: 16.2, 13.60.033 or 13.6.0.5, as enCORE and Apex
# are numbered. 12.5.8 and 5.48 could be dates, 8.8.8.8 a network address.
BARE_VERSION = re.compile(r"(1[0-8]|\d)\.(\d|\d{1,2}\.\d{3})|1[23]\.\d\.\d\.\d")
# More forms are kept with a sign that they are versions: v17.1, 12.6.1:3, 8.26a or Apex 5.6.1. A
# third part never has two digits, and no version is above 18 so far.
MARKED_VERSION = re.compile(
    r"(?P<sign>v?)((1[0-8]|\d)\.\d{1,2}(\.(\d{3}|\d))?|(4|5|1[23])\.\d\.\d\.\d)"
    r"(?P<suffix>[a-z]?(:\d)?)",
    re.IGNORECASE,
)
# Hologic's QDR scanners are named by number. Other numbers could be anything.
MODEL_NUMBER = re.compile(r"(QDR-?)?(1000|1500|2000|4500)(A|C|W|SL)?")
MAX_CODES = 8
SIGNIFICANT_DIGITS = 4
"""A relative precision of about 0.1 per mille; too few for a date or a patient number."""


def known_words(vocabulary: str, pattern: re.Pattern[str] | None = None) -> Rule:
    """Return a rule for free text that keeps words of a vocabulary, or of a narrow pattern."""
    known = {word.casefold(): word for word in vocabulary.split()}

    def rule(values: list[str]) -> str | None:
        retained = []
        for token in " ".join(values).replace("_", " ").replace(",", " ").split():
            # The vocabulary's own spelling is written, never that of the file.
            if token.casefold() in known:
                retained.append(known[token.casefold()])
            elif pattern is not None and pattern.fullmatch(token):
                retained.append(token)
        return " ".join(retained)[:64] or None

    return rule


def version(values: list[str]) -> str | None:
    """Return one version number with the software's name; None where there is anything else."""
    tokens = " ".join(values).split()
    numbers = [token for token in tokens if MARKED_VERSION.fullmatch(token)]
    others = [token.casefold() for token in tokens if token not in numbers]
    # One odd word empties the field: free text around a version may be a name.
    if len(numbers) > 1 or not all(token in VERSION_WORDS for token in others):
        return None
    if numbers and not others and not _is_version_alone(numbers[0]):
        return None
    names = [VERSION_WORDS[token] for token in dict.fromkeys(others)]
    return " ".join(filter(None, [*names, *numbers])) or None


def _is_version_alone(number: str) -> bool:
    marked = MARKED_VERSION.fullmatch(number)
    is_marked = marked is not None and bool(marked["sign"] or marked["suffix"])
    return is_marked or BARE_VERSION.fullmatch(number) is not None


def significant(number: float, digits: int = SIGNIFICANT_DIGITS) -> float:
    """Return the number rounded to significant digits."""
    return float(f"{number:.{digits}g}")


def one_of(*codes: str) -> Rule:
    """Return a rule for one code of a closed list."""

    def rule(values: list[str]) -> str | None:
        code = values[0].strip().upper() if len(values) == 1 else ""
        return code if code in codes else None

    return rule


def all_of(*codes: str) -> Rule:
    """Return a rule for several codes: all of them in a closed list, or None."""

    def rule(values: list[str]) -> list[str] | None:
        given = [value.strip().upper() for value in values]
        known = 0 < len(given) <= MAX_CODES and all(code in codes for code in given)
        return given if known else None

    return rule


def decimals(count: int, *, low: float, high: float, digits: int = SIGNIFICANT_DIGITS) -> Rule:
    """Return a rule for ``count`` decimal numbers within limits, which it rounds."""

    def rule(values: list[str]) -> list[str] | None:
        try:
            numbers = [float(value) for value in values]
        except ValueError:
            return None
        plausible = all(math.isfinite(number) and low <= number <= high for number in numbers)
        if len(numbers) != count or not plausible:
            return None
        # Rounding removes digits in which a number could hide; the text is written anew.
        return [f"{significant(number, digits):.8g}" for number in numbers]

    return rule


def integers(count: int, limit: int) -> Rule:
    """Return a rule for ``count`` whole numbers from 0 to ``limit``."""

    def rule(values: list[str]) -> Any:
        try:
            numbers = [int(value) for value in values]
        except ValueError:
            return None
        if len(numbers) != count or not all(0 <= number <= limit for number in numbers):
            return None
        return numbers[0] if count == 1 else numbers

    return rule


def aspect_ratio(values: list[str]) -> list[int] | None:
    """Return the vertical and horizontal size of a pixel in lowest terms, between 1:10 and 10:1."""
    try:
        down, across = (int(value) for value in values)
        ratio = Fraction(down, across)
    except (ValueError, ZeroDivisionError):
        return None
    down, across = ratio.numerator, ratio.denominator
    plausible = Fraction(1, 10) <= ratio <= 10 and max(down, across) <= 1000
    return [down, across] if plausible else None


# Attributes whose rule needs nothing but the value. Pixel module, identity, dates and UIDs are
# written by `studies.cases.dicom.deidentify`; rescale, windows, exposed area and tables depend on
# the picture and come from `studies.cases.dicom.retained_numbers`.
RETAINED: dict[str, Rule] = {
    "Manufacturer": known_words(MAKER_WORDS),
    "ManufacturerModelName": known_words(MODEL_WORDS, MODEL_NUMBER),
    "SoftwareVersions": version,
    "ProtocolName": known_words(DESCRIPTION_WORDS),
    "SeriesDescription": known_words(DESCRIPTION_WORDS),
    "Modality": one_of("CR", "DX", "OT", "RG", "BMD", "SC"),
    "ImageType": all_of(
        "ORIGINAL", "DERIVED", "PRIMARY", "SECONDARY", "OTHER", "LATERAL", "VFA", "LVA", ""
    ),
    "ConversionType": one_of("DV", "DI", "DF", "WSD", "SD", "SI", "DRW", "SYN"),
    "PatientSex": one_of("M", "F", "O"),
    "BodyPartExamined": one_of("SPINE", "LSPINE", "TSPINE", "TLSPINE", "LUMBARSPINE", "ABDOMEN"),
    "ViewPosition": one_of("LL", "RL", "LLD", "RLD", "LAT", "LATERAL"),
    "PatientOrientation": all_of("A", "P", "L", "R", "H", "F"),
    "Laterality": one_of("R", "L", "B", "U"),
    "ImageLaterality": one_of("R", "L", "B", "U"),
    "PresentationIntentType": one_of("FOR PRESENTATION", "FOR PROCESSING"),
    "SeriesNumber": integers(1, 999),
    "InstanceNumber": integers(1, 999),
    "PixelSpacing": decimals(2, low=0, high=10),
    "ImagerPixelSpacing": decimals(2, low=0, high=10),
    "NominalScannedPixelSpacing": decimals(2, low=0, high=10),
    "PixelSpacingCalibrationType": one_of("GEOMETRY", "FIDUCIAL"),
    "EstimatedRadiographicMagnificationFactor": decimals(1, low=0.1, high=10),
    "PixelAspectRatio": aspect_ratio,
    "VOILUTFunction": one_of("LINEAR", "LINEAR_EXACT", "SIGMOID"),
    "RescaleType": one_of("US", "OD", "HU", "UNSPECIFIED"),
    "PresentationLUTShape": one_of("IDENTITY", "INVERSE"),
    "LossyImageCompression": one_of("00", "01"),
    "LossyImageCompressionRatio": decimals(1, low=1, high=1000, digits=2),
    "LossyImageCompressionMethod": all_of(
        "ISO_10918_1", "ISO_14495_1", "ISO_15444_1", "ISO_15444_15", "ISO_13818_2"
    ),
    "BurnedInAnnotation": one_of("YES", "NO"),
}
# Shifted, replaced by pseudonyms, and written without a value (type 2 attributes).
DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "DateOfSecondaryCapture")
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
EMPTIED = ("AccessionNumber", "ReferringPhysicianName", "StudyID", "StudyTime", "PatientBirthDate")


def texts(dataset: Dataset, keyword: str) -> list[str]:
    """Return an element's values as text; none where it is missing, empty or unreadable."""
    try:
        value = dataset.get(keyword)
        if value is None or value == "":
            return []
        values = value if isinstance(value, MultiValue | list | tuple) else [value]
        # DICOM pads texts with spaces, and UIDs with NUL, to an even length.
        return [str(item).strip(" \0") for item in values]
    except Exception:  # a damaged element fails in its conversion
        return []


def text(dataset: Dataset, keyword: str) -> str:
    """Return an element's values as one line."""
    return " ".join(texts(dataset, keyword)).strip()


def date_of(dataset: Dataset, keyword: str) -> date | None:
    """Return a date of the header, or None when it is missing or invalid."""
    digits = text(dataset, keyword).replace(".", "")
    try:
        return date.fromisoformat(digits) if re.fullmatch(r"\d{8}", digits) else None
    except ValueError:
        return None


def shifted(day: date | None, days: int) -> date | None:
    """Return the date ``days`` earlier; None before the first date that Python has."""
    try:
        return None if day is None else day - timedelta(days=days)
    except OverflowError:
        return None
