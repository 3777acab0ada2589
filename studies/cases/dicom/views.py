"""PURE. Which files cannot be a lateral spine, by what their header says.

What eight files of one GE Lunar iDXA (enCORE 16) show: all eight say Modality CR, study "DXA
Exam", series "DXA Images", an empty BodyPartExamined and ViewPosition, and the patient
orientation L\\F, whatever they are. Only ProtocolName, and the performed procedure step's
description that repeats it, tell them apart: LVA (lateral vertebral assessment) for the lateral
spine, and AP Spine, Left Femur, Right Femur, Left Ortho Knee, Right Ortho Knee and Total Body for
the others. The exposed area agrees: 200 x 438 mm for the lateral, 134 to 213 mm long for spine,
femora and knees, 658 x 1920 mm for the whole body; a short field does not exclude a lateral
spine, one longer than a metre does.

So a file is refused where a word about this image names another part or a frontal view and none
names a lateral spine. The study's description counts only where the image itself says nothing,
for it lists all that was scanned that day. Where the header is silent the file passes, and the
network may doubt it. The refusal quotes the rule, never the header.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydicom.dataset import Dataset

from studies.cases.dicom.retained_attributes import text

MAX_FIELD_MM = 1000.0

IMAGE_FIELDS = {
    "ProtocolName": "protocol name",
    "SeriesDescription": "series description",
    "PerformedProcedureStepDescription": "procedure step description",
    "BodyPartExamined": "body part",
    "ViewPosition": "view position",
    "AcquisitionDeviceProcessingDescription": "processing description",
    "ImageType": "image type",
}
CODE_SEQUENCES = {"AnatomicRegionSequence": "anatomic region", "ViewCodeSequence": "view code"}
STUDY_FIELD = ("StudyDescription", "study description")

VERTEBRAL = re.compile(r"\b(LVA|LVFA|VFA|IVA|DVA|LSI|VERTEBRAL (FRACTURE )?ASSESSMENT)\b")
LATERAL = re.compile(r"\b(LAT|LATERAL\w*|LL|RL|LLD|RLD)\b")
SPINE = re.compile(r"SPINE|LUMBAR|VERTEBRA|COLUMN")
FRONTAL = re.compile(r"\b(AP|PA|A/P|P/A|ANTERO-?POSTERIOR|POSTERO-?ANTERIOR|FRONTAL)\b")
OTHER_PARTS = (
    (re.compile(r"\b(TOTAL|WHOLE) ?BODY\b|\bBODY COMPOSITION\b|\bTBODY\b"), "a whole-body scan"),
    (re.compile(r"\b(DUAL ?)?(HIPS?|FEMUR|FEMORA|FEMURS|FEMORAL)\b"), "a hip scan"),
    (re.compile(r"\bKNEES?\b"), "a knee scan"),
    (re.compile(r"\b(FOREARMS?|RADIUS|ULNA|WRISTS?)\b"), "a forearm scan"),
    (re.compile(r"\b(HANDS?|FINGERS?)\b"), "a hand scan"),
    (re.compile(r"\b(FOOT|FEET|HEEL|CALCANEUS|ANKLES?)\b"), "a foot scan"),
    (re.compile(r"\b(PELVIS|SHOULDER|ELBOW|SKULL|HEAD|JAW|BREAST)\b"), "a scan of another part"),
)


@dataclass(frozen=True, slots=True)
class OtherView:
    """What the file shows instead of a lateral spine, and which part of the header says so."""

    view: str
    evidence: str


def other_view(dataset: Dataset, field_mm: float | None = None) -> OtherView | None:
    """What the header says the image shows, where that excludes a lateral spine.

    Parameters
    ----------
    dataset
        The header as it came.
    field_mm
        The longer side of the image, where the spacing is known.
    """
    said = {words: _plain(text(dataset, keyword)) for keyword, words in IMAGE_FIELDS.items()}
    for keyword, words in CODE_SEQUENCES.items():
        said[words] = _plain(_code_meanings(dataset, keyword))
    if any(VERTEBRAL.search(value) for value in said.values()):
        return None
    found = _other_part(said)
    if found is None and not any(LATERAL.search(value) for value in said.values()):
        found = _first(FRONTAL, "a spine seen from the front", said)
        if found is None and not any(SPINE.search(value) for value in said.values()):
            found = _by_study(dataset)
    if found is None and field_mm is not None and field_mm > MAX_FIELD_MM:
        return OtherView("a whole-body scan", "The field is longer than a metre.")
    return found


def _by_study(dataset: Dataset) -> OtherView | None:
    study = _plain(text(dataset, STUDY_FIELD[0]))
    if any(pattern.search(study) for pattern in (VERTEBRAL, LATERAL, SPINE)):
        return None
    return _other_part({STUDY_FIELD[1]: study})


def _other_part(said: dict[str, str]) -> OtherView | None:
    for pattern, view in OTHER_PARTS:
        found = _first(pattern, view, said)
        if found is not None:
            return found
    return None


def _first(pattern: re.Pattern[str], view: str, said: dict[str, str]) -> OtherView | None:
    for words, value in said.items():
        if pattern.search(value):
            return OtherView(view, f"The {words} in the header says so.")
    return None


def _plain(value: str) -> str:
    return re.sub(r"[_\s\\^=,;:()-]+", " ", value).strip().upper()


def _code_meanings(dataset: Dataset, keyword: str) -> str:
    try:
        items = list(dataset.get(keyword) or ())
        return " ".join(text(item, "CodeMeaning") for item in items[:8])
    except Exception:  # a damaged sequence fails when it is looked at
        return ""
