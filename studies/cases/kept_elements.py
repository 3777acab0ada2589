"""PURE. What stays of a header, element by element; whatever is not named here is removed.

Every rule turns a value into a safe one or into ``None`` (left out). Numbers are parsed and
written anew, codes must stand in a closed list, words of free text are kept one by one if they
are known words of the trade. So nothing that a person typed can pass, wherever it was typed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
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
VERSION = re.compile(r"v?\d{1,3}(\.\d{1,4}){1,3}(:\d{1,2})?[a-z]?", re.IGNORECASE)
MODEL_NUMBER = re.compile(r"(QDR-?)?(1000|1500|2000|4500)[A-Z]{0,2}")


def words(vocabulary: str, pattern: re.Pattern[str] | None = None) -> Rule:
    """Free text: only the words of a vocabulary, in its spelling, or of a narrow pattern."""
    known = {word.casefold(): word for word in vocabulary.split()}

    def rule(values: list[str]) -> str | None:
        kept = []
        for token in " ".join(values).replace("_", " ").replace(",", " ").split():
            if token.casefold() in known:
                kept.append(known[token.casefold()])
            elif pattern is not None and pattern.fullmatch(token):
                kept.append(token)
        return " ".join(kept)[:64] or None

    return rule


def one_of(*codes: str) -> Rule:
    """A code of a closed list."""

    def rule(values: list[str]) -> str | None:
        code = values[0].strip().upper() if len(values) == 1 else ""
        return code if code in codes else None

    return rule


def all_of(*codes: str) -> Rule:
    """Several codes, each of a closed list, or none of them."""

    def rule(values: list[str]) -> list[str] | None:
        kept = [value.strip().upper() for value in values]
        return kept if kept and all(value in codes for value in kept) else None

    return rule


def decimals(count: int | None = None, *, low: float = -1e6, high: float = 1e6) -> Rule:
    """Decimal numbers within limits, written anew; `count` of them where it matters."""

    def rule(values: list[str]) -> list[str] | None:
        try:
            numbers = [float(value) for value in values]
        except ValueError:
            return None
        plausible = all(math.isfinite(number) and low <= number <= high for number in numbers)
        if not numbers or len(numbers) > 16 or (count or len(numbers)) != len(numbers):
            return None
        return [f"{number:.8g}" for number in numbers] if plausible else None

    return rule


def integers(count: int, limit: int) -> Rule:
    """Whole numbers from 0 to `limit`."""

    def rule(values: list[str]) -> Any:
        try:
            numbers = [int(value) for value in values]
        except ValueError:
            return None
        if len(numbers) != count or not all(0 <= number <= limit for number in numbers):
            return None
        return numbers[0] if count == 1 else numbers

    return rule


# Values that pass as they are judged by their rule. Pixel module, grey-value tables, rescaling,
# identity, dates and UIDs are written by `studies.cases.deidentify` itself.
KEPT: dict[str, Rule] = {
    "Manufacturer": words(MAKER_WORDS),
    "ManufacturerModelName": words(MODEL_WORDS, MODEL_NUMBER),
    "SoftwareVersions": words("enCORE Apex", VERSION),
    "ProtocolName": words(DESCRIPTION_WORDS),
    "SeriesDescription": words(DESCRIPTION_WORDS),
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
    "SeriesNumber": integers(1, 9999),
    "InstanceNumber": integers(1, 9999),
    "PixelSpacing": decimals(2, low=0, high=10),
    "ImagerPixelSpacing": decimals(2, low=0, high=10),
    "NominalScannedPixelSpacing": decimals(2, low=0, high=10),
    "PixelSpacingCalibrationType": one_of("GEOMETRY", "FIDUCIAL"),
    "EstimatedRadiographicMagnificationFactor": decimals(1, low=0.1, high=10),
    "PixelAspectRatio": integers(2, 65535),
    "ExposedArea": integers(2, 5000),
    "WindowCenter": decimals(),
    "WindowWidth": decimals(),
    "VOILUTFunction": one_of("LINEAR", "LINEAR_EXACT", "SIGMOID"),
    "RescaleType": one_of("US", "OD", "HU", "UNSPECIFIED"),
    "PresentationLUTShape": one_of("IDENTITY", "INVERSE"),
    "LossyImageCompression": one_of("00", "01"),
    "LossyImageCompressionRatio": decimals(low=1, high=1000),
    "LossyImageCompressionMethod": all_of(
        "ISO_10918_1", "ISO_14495_1", "ISO_15444_1", "ISO_15444_15", "ISO_13818_2"
    ),
    "BurnedInAnnotation": one_of("YES", "NO"),
}
DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "DateOfSecondaryCapture")
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
EMPTIED = ("AccessionNumber", "ReferringPhysicianName", "StudyID", "StudyTime", "PatientBirthDate")


def texts(dataset: Dataset, keyword: str) -> list[str]:
    """An element's values as text; empty where it is missing, empty or cannot be read."""
    try:
        value = dataset.get(keyword)
        if value is None or value == "":
            return []
        many = value if isinstance(value, MultiValue | list | tuple) else [value]
        return [str(one).strip(" \0") for one in many]
    except Exception:  # a damaged element fails in its conversion
        return []


def text(dataset: Dataset, keyword: str) -> str:
    """An element's values as one line."""
    return " ".join(texts(dataset, keyword)).strip()


def date_of(dataset: Dataset, keyword: str) -> date | None:
    """A date of the header, or ``None`` when it is missing or nonsense."""
    digits = text(dataset, keyword).replace(".", "")
    try:
        return date.fromisoformat(digits) if re.fullmatch(r"\d{8}", digits) else None
    except ValueError:
        return None


def shifted(day: date | None, days: int) -> date | None:
    """The day `days` earlier."""
    try:
        return None if day is None else day - timedelta(days=days)
    except OverflowError:
        return None
