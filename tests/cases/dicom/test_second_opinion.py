"""A second opinion: what dicognito considers identifying is not in a de-identified file.

dicognito pseudonymises a copy of the uploaded header. Every value that it removes or replaces
identifies a person in its opinion.
"""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO

from dicognito.anonymizer import Anonymizer
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.cases.dicom.cleaning import clean, header
from tests.dicom_files import lateral_dataset, to_bytes

ELEMENTS = {
    "PatientName": "DOE^JANE",
    "PatientID": "PAT-0815",
    "IssuerOfPatientID": "St Mary",
    "OtherPatientIDs": "OLD-4711",
    "OtherPatientNames": "ROE^JANE",
    "PatientBirthName": "ROE^JANE",
    "PatientMotherBirthName": "POE^ANN",
    "PatientBirthDate": "19500101",
    "PatientBirthTime": "071500",
    "PatientAddress": "12 High Street^York",
    "PatientTelephoneNumbers": "01904555123",
    "CountryOfResidence": "Norway",
    "RegionOfResidence": "Yorkshire",
    "Occupation": "Plumber",
    "MilitaryRank": "Captain",
    "BranchOfService": "Royal Navy",
    "PatientReligiousPreference": "Quaker",
    "MedicalRecordLocator": "MRL-4711",
    "ResponsibleOrganization": "Navy Trust",
    "CurrentPatientLocation": "Ward 12B",
    "AccessionNumber": "ACC-4711",
    "StudyID": "STU-4711",
    "RequestedProcedureID": "REQ-4711",
    "PerformedProcedureStepID": "PPS-4711",
    "ScheduledProcedureStepID": "SPS-4711",
    "FillerOrderNumberImagingServiceRequest": "FIL-4711",
    "PlacerOrderNumberImagingServiceRequest": "PLA-4711",
    "RequestingService": "Endocrinology",
    "ReferringPhysicianName": "GREY^MEREDITH",
    "PerformingPhysicianName": "HOUSE^GREGORY",
    "OperatorsName": "SMITH^OLA",
    "InstitutionName": "York District Hospital",
    "InstitutionAddress": "Wigginton Road^York",
    "InstitutionalDepartmentName": "Bone Density",
    "StationName": "DXA-ROOM-7",
    "DeviceSerialNumber": "ME+200147",
    "StudyDate": "20180719",
    "SeriesDate": "20180719",
    "AcquisitionDate": "20180719",
    "ContentDate": "20180719",
    "StudyTime": "101112",
    "SeriesTime": "101213",
    "AcquisitionTime": "101314",
    "ContentTime": "101415",
    "FrameOfReferenceUID": "1.2.3.4.9",
}


def source() -> Dataset:
    """Return a header with a value in every element that dicognito handles, also nested."""
    dataset = lateral_dataset(**ELEMENTS)
    request = Dataset()
    request.AccessionNumber, request.RequestedProcedureID = "ACC-4712", "REQ-4712"
    request.RequestingPhysician = "WILSON^JAMES"
    dataset.RequestAttributesSequence = Sequence([request])
    referenced = Dataset()
    referenced.ReferencedSOPInstanceUID = "1.2.3.4.77"
    dataset.ReferencedStudySequence = Sequence([referenced])
    return dcmread(BytesIO(to_bytes(dataset)))


def values(dataset: Dataset) -> dict[tuple[str, ...], str]:
    """Return the text of every element by its keywords from the outermost sequence inwards."""
    texts = {}
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                texts |= {(element.keyword, *path): text for path, text in values(item).items()}
        elif element.keyword != "PixelData":
            texts[element.keyword,] = str(element.value)
    return texts


def test_values_that_dicognito_replaces_are_not_in_the_file():
    before = values(source())
    opinion = deepcopy(source())
    Anonymizer(seed="a").anonymize(opinion)
    after = values(opinion)
    identifying = {path: text for path, text in before.items() if after.get(path) != text}
    assert len(identifying) >= 40, "dicognito replaces nearly every element above"
    result = clean(to_bytes(source()))
    stored = values(header(result))
    for path, text in identifying.items():
        assert stored.get(path, "") != text, path
        # Dates and times are short numbers, which may occur by chance.
        if not text.isdigit():
            assert text.encode() not in result.data, path


def test_dicognito_finds_nothing_to_remove_in_the_file():
    """It may replace pseudonyms, shifted dates and new UIDs, but no other value."""
    stored = header(clean(to_bytes(source())))
    before = values(stored)
    Anonymizer(seed="a").anonymize(stored)
    after = values(stored)
    changed = {path[-1] for path, text in before.items() if text and after.get(path) != text}
    pseudonyms = {"PatientID", "PatientName", "DeidentificationMethod"}
    shifted = {"StudyDate", "AcquisitionDate", "SeriesDate", "ContentDate"}
    new = {name for name in changed if name.endswith("UID") and name != "SOPClassUID"}
    assert changed - shifted - new <= pseudonyms | {"PatientIdentityRemoved"}
