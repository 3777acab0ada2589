"""PURE. Detection of images that cannot be a lateral spine, from the header alone.

Eight files of one GE Lunar iDXA (enCORE 16) all have Modality CR, study "DXA Exam", series "DXA
Images", empty BodyPartExamined and ViewPosition, and patient orientation L\\F, whatever they show.
Only ProtocolName, and the performed procedure step description that repeats it, differ: LVA
(lateral vertebral assessment) for the lateral spine; AP Spine, Left Femur, Right Femur, Left Ortho
Knee, Right Ortho Knee and Total Body for the others. The exposed area agrees: 200 x 438 mm for the
lateral, 134 to 213 mm long for spine, femora and knees, 658 x 1920 mm for the whole body. A short
field therefore does not exclude a lateral spine, but an exposed area longer than a metre does. A
pixel spacing that gives such a length is not enough, since it may be wrong: a person has to look at
the image (`studies.cases.dicom.facts.Facts.long_field`).

A file is rejected when a description of this image names another body part or a frontal view and
no description names a lateral spine. The study's description counts only when those of the image
are inconclusive, because it lists everything that was scanned that day. A file whose header
is inconclusive passes, and the network may question its view later. The rejection names the rule
and never quotes the header.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydicom.dataset import Dataset

from studies.cases.dicom.retained_attributes import text

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
    (
        re.compile(r"\b(PELVIS|SHOULDER|ELBOW|SKULL|HEAD|JAW|BREAST)\b"),
        "a scan of another body region",
    ),
)


@dataclass(frozen=True, slots=True)
class OtherView:
    """What the file shows instead of a lateral spine, and the evidence in the header."""

    view: str
    evidence: str


def detect_other_view(dataset: Dataset, *, whole_body_area: bool = False) -> OtherView | None:
    """Return what the image shows according to its header, if that excludes a lateral spine.

    Parameters
    ----------
    dataset
        The header as uploaded.
    whole_body_area
        Whether the exposed area is that of a whole-body scan.
    """
    descriptions = {
        label: _plain(text(dataset, keyword)) for keyword, label in IMAGE_FIELDS.items()
    }
    for keyword, label in CODE_SEQUENCES.items():
        descriptions[label] = _plain(_code_meanings(dataset, keyword))
    # A vertebral protocol settles it, whatever other fields name.
    if any(VERTEBRAL.search(value) for value in descriptions.values()):
        return None
    other = _other_part(descriptions)
    if other is None and not any(LATERAL.search(value) for value in descriptions.values()):
        other = _first(FRONTAL, "a frontal view of the spine", descriptions)
        if other is None and not any(SPINE.search(value) for value in descriptions.values()):
            # Last, because one study holds scans of several regions under a single description.
            other = _from_study_description(dataset)
    if other is None and whole_body_area:
        return OtherView("a whole-body scan", "The exposed area in the header is longer than 1 m.")
    return other


def _from_study_description(dataset: Dataset) -> OtherView | None:
    study = _plain(text(dataset, STUDY_FIELD[0]))
    if any(pattern.search(study) for pattern in (VERTEBRAL, LATERAL, SPINE)):
        return None
    return _other_part({STUDY_FIELD[1]: study})


def _other_part(descriptions: dict[str, str]) -> OtherView | None:
    for pattern, view in OTHER_PARTS:
        other = _first(pattern, view, descriptions)
        if other is not None:
            return other
    return None


def _first(pattern: re.Pattern[str], view: str, descriptions: dict[str, str]) -> OtherView | None:
    for label, value in descriptions.items():
        if pattern.search(value):
            return OtherView(view, f"According to the {label} in the header.")
    return None


def _plain(value: str) -> str:
    return re.sub(r"[_\s\\^=,;:()-]+", " ", value).strip().upper()


def _code_meanings(dataset: Dataset, keyword: str) -> str:
    try:
        # A sequence from outside may have any number of items; codes of one image are few.
        items = list(dataset.get(keyword) or ())
        return " ".join(text(item, "CodeMeaning") for item in items[:8])
    except Exception:  # a damaged sequence fails on access
        return ""
