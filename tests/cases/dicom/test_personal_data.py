"""Values are planted in the header of a file; none of their bytes may come out."""

from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import JPEGLSLossless

from tests.cases.dicom.cleaning import clean, header, refusal
from tests.dicom_files import gradient, lateral_dataset, lateral_file, to_bytes

PLANT = "ZQXPLANT"
NOT_TEXT = {"US", "SS", "UL", "SL", "FL", "FD", "AT", "SQ", "OB", "OW", "OF", "OD", "OL"}
NOT_TEXT |= {"UN", "UV", "SV", "OV"}


def planted_value(vr):
    return {
        "DA": "19500101",
        "TM": "111111",
        "DT": "19500101111111",
        "UI": "1.2.999.4711.1",
        "AS": "047Y",
        "DS": "4711.4711",
        "IS": "47114711",
        "AE": PLANT,
        "CS": PLANT,
        "SH": PLANT,
        "UR": f"http://{PLANT}.example",
    }.get(vr, f"{PLANT}^{PLANT}")


def test_every_text_element_of_the_dictionary_may_hold_a_name():
    from pydicom._dicom_dict import DicomDictionary

    dataset = lateral_dataset()
    tags = {element.tag for element in dataset}
    for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
        plain = vr.split(" ")[0]
        if keyword == "SpecificCharacterSet" or plain == "NONE":
            continue
        group = tag >> 16
        if plain in NOT_TEXT or tag in tags or group <= 2 or not keyword or group == 0x7FE0:
            continue
        dataset.add_new(tag, plain, planted_value(plain))
    assert len(dataset) > 2000
    dataset.PatientOrientation = ["L", "F"]
    dataset.VOILUTFunction = "LINEAR"
    dataset.RescaleSlope, dataset.RescaleIntercept = "1", "0"
    dataset.WindowCenter, dataset.WindowWidth = "100", "200"
    dataset.NumberOfFrames = 1
    result = clean(to_bytes(dataset))
    for secret in (PLANT, "DOE", "PAT-0815", "19500101", "4711.4711", "1.2.999", "111111"):
        assert secret.encode() not in result.data, secret
        assert secret not in str(result.report), secret
        assert secret not in str(result.facts), secret


@pytest.mark.parametrize(
    "keyword",
    [
        "Manufacturer",
        "ManufacturerModelName",
        "SoftwareVersions",
        "ProtocolName",
        "SeriesDescription",
        "Modality",
        "ImageType",
        "ConversionType",
        "PatientSex",
        "BodyPartExamined",
        "ViewPosition",
        "PatientOrientation",
        "Laterality",
        "PresentationIntentType",
        "PixelSpacingCalibrationType",
        "RescaleType",
        "PresentationLUTShape",
        "LossyImageCompression",
        "LossyImageCompressionMethod",
        "BurnedInAnnotation",
        "PatientAge",
        "PatientIdentityRemoved",
        "DeidentificationMethod",
    ],
)
def test_kept_elements_keep_no_name_that_was_typed_into_them(keyword):
    value = PLANT if dictionary_VR(keyword) in ("CS", "AS") else f"Lunar {PLANT} iDXA"
    result = clean(lateral_file(**{keyword: value}))
    assert PLANT.encode() not in result.data
    assert PLANT not in str(result)


def test_sequences_private_groups_overlays_curves_and_audio():
    dataset = lateral_dataset()
    inner = Dataset()
    inner.PatientName = PLANT
    inner.OtherPatientIDsSequence = Sequence([Dataset()])
    inner.OtherPatientIDsSequence[0].PatientID = PLANT
    dataset.RequestAttributesSequence = Sequence([inner])
    dataset.ViewCodeSequence = Sequence([inner])
    dataset.PatientOrientationCodeSequence = Sequence([inner])
    block = dataset.private_block(0x0009, PLANT, create=True)
    block.add_new(0x01, "LO", PLANT)
    block.add_new(0x02, "SQ", Sequence([inner]))
    block.add_new(0x03, "UN", PLANT.encode())
    for tag in (0x60003000, 0x50003000, 0x5000200C, 0x00420011, 0x00041220, 0x00880200):
        if tag in (0x00041220, 0x00880200):
            dataset.add_new(tag, "SQ", Sequence([inner]))
        else:
            dataset.add_new(tag, "OB", PLANT.encode())
    dataset.add_new(0x60000022, "LO", PLANT)
    dataset.add_new(0xFFFCFFFC, "OB", PLANT.encode())
    dataset.add_new(0x00091111, "UN", PLANT.encode())
    dataset.add_new(0x0028FFFE, "UN", PLANT.encode())
    data = to_bytes(dataset)
    assert data.count(PLANT.encode()) > 12
    result = clean(data)
    assert PLANT.encode() not in result.data
    assert PLANT not in str(result.report)
    assert result.report["removed_private"] >= 4


def test_preamble_file_meta_and_bytes_after_the_image():
    data = bytearray(to_bytes(lateral_dataset()))
    data[:8] = PLANT.encode()
    dataset = dcmread(BytesIO(bytes(data)))
    dataset.file_meta.SourceApplicationEntityTitle = PLANT
    dataset.file_meta.PrivateInformationCreatorUID = "1.2.999"
    dataset.file_meta.PrivateInformation = PLANT.encode()
    out = BytesIO()
    dataset.save_as(out)
    result = clean(out.getvalue())
    assert result.data[:128] == bytes(128)
    assert PLANT.encode() not in result.data


def test_padding_after_the_pixels():
    dataset = lateral_dataset()
    dataset.PixelData += PLANT.encode()
    assert PLANT.encode() not in clean(to_bytes(dataset)).data


def test_comment_inside_a_compressed_stream():
    dataset = lateral_dataset()
    to_bytes(dataset)
    dataset.compress(JPEGLSLossless, generate_instance_uid=False)
    comment = b"\xff\xfe" + (len(PLANT) + 2).to_bytes(2, "big") + PLANT.encode()
    at = dataset.PixelData.index(b"\xff\xd8\xff\xf7")
    stream = dataset.PixelData[at:]
    from pydicom.encaps import encapsulate

    length = int.from_bytes(dataset.PixelData[at - 4 : at], "little")
    dataset.PixelData = encapsulate([stream[:2] + comment + stream[2:length]])
    data = to_bytes(dataset, JPEGLSLossless)
    assert PLANT.encode() in data
    result = clean(data)
    assert PLANT.encode() not in result.data
    np.testing.assert_array_equal(header(result).pixel_array, gradient())


def test_overlay_in_the_unused_bits():
    twelve = gradient(high=4000)
    data = lateral_file(twelve | np.uint16(0x4000), BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(header(clean(data)).pixel_array, twelve)


def test_refusals_quote_nothing():
    for elements in (
        {"ProtocolName": f"Hip {PLANT}"},
        {"Modality": "US", "StudyDescription": PLANT},
        {"SOPClassUID": "1.2.999.4711"},
        {"Rows": 65535, "PatientName": PLANT},
        {"RescaleSlope": "0", "RescaleIntercept": "0", "PatientName": PLANT},
    ):
        error = refusal(lateral_file(**elements))
        assert PLANT not in error.text + error.detail
        assert "4711" not in error.text + error.detail
