import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from studies.cases.dicom.views import detect_other_view


def dataset(**elements):
    header = Dataset()
    for keyword, value in elements.items():
        setattr(header, keyword, value)
    return header


@pytest.mark.parametrize(
    ("elements", "view"),
    [
        ({"ProtocolName": "AP Spine"}, "a frontal view"),
        ({"ViewPosition": "PA"}, "a frontal view"),
        ({"ViewPosition": "AP", "BodyPartExamined": "LSPINE"}, "a frontal view"),
        ({"ProtocolName": "Left Femur"}, "hip"),
        ({"SeriesDescription": "Dual Hip"}, "hip"),
        ({"BodyPartExamined": "HIP"}, "hip"),
        ({"BodyPartExamined": "FOREARM"}, "forearm"),
        ({"BodyPartExamined": "WHOLEBODY"}, "whole-body"),
        ({"ProtocolName": "Total Body"}, "whole-body"),
        ({"ProtocolName": "Left Ortho Knee"}, "knee"),
        ({"ProtocolName": "Lateral Forearm"}, "forearm"),
        ({"StudyDescription": "DXA hip left"}, "hip"),
        ({"PerformedProcedureStepDescription": "Right_Femur"}, "hip"),
    ],
)
def test_header_excludes_a_lateral_spine(elements, view):
    other = detect_other_view(dataset(**elements))
    assert view in other.view
    assert other.evidence.startswith("According to ")


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"ProtocolName": "LVA"},
        {"ProtocolName": "LVA", "StudyDescription": "AP Spine, Dual Femur, LVA"},
        {"SeriesDescription": "IVA lateral", "StudyDescription": "Hip and spine"},
        {"BodyPartExamined": "LSPINE", "ViewPosition": "LL", "StudyDescription": "Hip"},
        {"SeriesDescription": "Lateral spine, PA positioned"},
        {"StudyDescription": "DXA Exam", "SeriesDescription": "DXA Images"},
        {"StudyDescription": "AP spine and hip"},
        {"BodyPartExamined": "SPINE"},
    ],
)
def test_header_leaves_a_lateral_spine_possible(elements):
    assert detect_other_view(dataset(**elements)) is None


def test_coded_region_counts():
    item = dataset(CodeMeaning="Hip")
    assert "hip" in detect_other_view(dataset(AnatomicRegionSequence=Sequence([item]))).view


def test_exposed_area_of_a_whole_body_excludes_a_lateral_spine_unless_one_is_named():
    assert "whole-body" in detect_other_view(dataset(), whole_body_area=True).view
    assert detect_other_view(dataset(ProtocolName="LVA"), whole_body_area=True) is None
