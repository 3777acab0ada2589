"""Dates, addresses and numbers of patients, planted in fields that are kept; none comes out.

The last test is independent: it reads the result with its own parser and uses none of the rules
of `studies.cases.dicom.retained_attributes`.
"""

from __future__ import annotations

import re
import struct

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from studies.cases.dicom.retained_attributes import version
from tests.cases.dicom.cleaning import clean, header, refusal
from tests.dicom_files import gradient, lateral_file

TWELVE_BITS = gradient(high=4000)


@pytest.mark.parametrize(
    "value",
    [
        "16.2",
        "16.20.059",
        "13.60.033",
        "13.6.0.5",
        "13.5.2.1:5",
        "12.6.1:3",
        "8.26a:3",
        "v17.1",
        "v5.6.1",
        "Apex 4.5.2.1",
        "enCORE 14.10",
        "Apex 5.6.1",
        "enCORE 16.20.059",
    ],
)
def test_version_of_a_scanner_is_kept(value):
    assert version([value]) == value


@pytest.mark.parametrize(
    "value",
    [
        "12.05.1948",
        "12.05.48",
        "12.5.48",
        "1948.05.12",
        "48.05.12",
        "5.12.1948",
        "1948",
        "12051948",
        "192.168.10.4",
        "192.168.1.1",
        "10.0.0.4",
        "127.0.0.1",
        "172.16.4.12",
        "0171.555.1234",
        "030.4567",
        "4711.0815",
        "1.2.840.113619",
        "born 12.05",
        "16.2 Doe",
        "Doe 16.2",
        "12.05 19.48",
        "8.8.8.8",
        "1.1.1.1",
        "4.2.2.2",
        "9.9.9.9",
        "12.5.8",
        "5.6.1",
        "v12.5.48",
        "19.48",
        "19.4",
        "5.48",
        "Apex 19.48",
        "Apex 8.8.8.8",
        "enCORE 20.11.948",
    ],
)
def test_what_is_no_version_is_not_kept(value):
    assert version([value]) is None
    assert version(value.split()) is None
    assert "SoftwareVersions" not in header(clean(lateral_file(SoftwareVersions=value)))


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("SeriesNumber", "1948"),
        ("SeriesNumber", "120548"),
        ("InstanceNumber", "4711"),
        ("WindowCenter", "120548"),
        ("WindowCenter", "12051948"),
        ("WindowWidth", "120548"),
        ("WindowWidth", "-120548"),
        ("RescaleIntercept", "120548"),
        ("RescaleIntercept", "-120548"),
        ("RescaleSlope", "120548"),
        ("PixelSpacing", ["12.0548", "12.0548"]),
        ("ExposedArea", [1205, 1948]),
        ("ExposedArea", [200, 1948]),
        ("PixelAspectRatio", [1205, 1948]),
        ("PixelAspectRatio", [12051, 12051948]),
        ("LossyImageCompressionRatio", "1948"),
        ("EstimatedRadiographicMagnificationFactor", "120548"),
    ],
)
@pytest.mark.parametrize("pixels", [gradient(), TWELVE_BITS])
def test_number_that_the_picture_does_not_bear_out_is_left_out(keyword, value, pixels):
    elements = {"WindowCenter": "100", "WindowWidth": "200"}
    elements |= {"RescaleSlope": "1", "RescaleIntercept": "0"}
    out = header(clean(lateral_file(pixels, **{**elements, keyword: value})))
    assert keyword not in out or str(out[keyword].value) == {"RescaleIntercept": "0"}.get(keyword)


@pytest.mark.parametrize(
    ("keyword", "value", "retained"),
    [
        ("PixelSpacing", ["0.120548", "0.120548"], [0.1205, 0.1205]),
        ("PixelSpacing", ["0.2476", "0.2475"], [0.2476, 0.2475]),
        ("ImagerPixelSpacing", ["0.19480512", "0.19480512"], [0.1948, 0.1948]),
        ("RescaleSlope", "0.120548", 0.1205),
        ("RescaleSlope", "0.25", 0.25),
        ("RescaleIntercept", "-1024", -1024),
        ("RescaleIntercept", "0.120548", 0.1205),
        ("LossyImageCompressionRatio", "12.0548", 12),
        ("SeriesNumber", "102", 102),
        ("PixelAspectRatio", [16000, 8000], [2, 1]),
    ],
)
def test_number_is_kept_with_the_digits_that_it_needs(keyword, value, retained):
    elements = {"RescaleSlope": "1", "RescaleIntercept": "0", keyword: value}
    assert header(clean(lateral_file(**elements)))[keyword].value == retained


def test_spacing_of_the_facts_is_as_exact_as_that_of_the_file():
    facts = clean(lateral_file(PixelSpacing=["1.250548", "1.250548"])).facts
    assert facts.spacing_mm == (1.251, 1.251)


def test_windows_that_show_something_are_kept():
    elements = {"WindowCenter": ["2048", "1023.5", "120548"], "WindowWidth": ["4096", "500", "3"]}
    out = header(clean(lateral_file(TWELVE_BITS, **elements)))
    assert list(out.WindowCenter) == [2048, 1023.5]
    assert list(out.WindowWidth) == [4096, 500]
    low_contrast = gradient() // 8 + 100
    out = header(clean(lateral_file(low_contrast, WindowCenter="128", WindowWidth="256")))
    assert (out.WindowCenter, out.WindowWidth) == (128, 256)


def table_item(table, bits=16, first=0):
    item = Dataset()
    item.LUTDescriptor = [len(table), first, bits]
    item.add_new("LUTData", "OW", np.asarray(table, "<u2").tobytes())
    item.ModalityLUTType = "US"
    return Sequence([item])


def test_text_in_the_unused_numbers_of_a_modality_table_is_gone():
    words = "DOE^JANE*12051948".ljust(60).encode()
    table = np.arange(4096) * 2
    table[300:330] = struct.unpack("<30H", words)
    data = lateral_file(ModalityLUTSequence=table_item(table))
    assert b"DOE^JANE" in data
    result = clean(data)
    assert b"DOE^JANE" not in result.data and b"12051948" not in result.data
    out = header(result)
    retained = np.frombuffer(out.ModalityLUTSequence[0].LUTData, "<u2")
    np.testing.assert_array_equal(retained[out.pixel_array], gradient().astype(int) * 2)


def test_modality_table_that_holds_text_where_it_is_used_is_refused():
    table = np.arange(256) * 2
    table[20:28] = struct.unpack("<8H", b"DOE^JANE 1948-05")
    error = refusal(lateral_file(ModalityLUTSequence=table_item(table)))
    assert error.code == "grey_table"
    assert "DOE" not in error.text + error.detail


def test_modality_table_that_falls_is_kept():
    table = 1000 - np.arange(256)
    out = header(clean(lateral_file(ModalityLUTSequence=table_item(table))))
    retained = out.ModalityLUTSequence[0]
    assert retained.LUTDescriptor[1] == gradient().min()
    assert np.frombuffer(retained.LUTData, "<u2")[0] == 1000


PLANTED = {
    "name": "Doe",
    "given name": "Jane",
    "number": "4711081",
    "birth date": "12051948",
    "short birth date": "120548",
    "address": "19216810",
    "telephone": "0171555",
}
TYPED = ["Doe^Jane", "12.05.1948", "12.05.48", "1948-05-12", "19480512", "120548", "4711.081"]
TYPED += ["192.168.10.4", "0171.555.1234", "4711081", "0.120548", "12.0548", "1205.48", "-120548"]
FIELDS = [
    *("Manufacturer", "ManufacturerModelName", "SoftwareVersions", "ProtocolName"),
    *("SeriesDescription", "SeriesNumber", "InstanceNumber", "PixelSpacing", "WindowCenter"),
    *("WindowWidth", "RescaleSlope", "RescaleIntercept", "LossyImageCompressionRatio"),
    *("EstimatedRadiographicMagnificationFactor", "ImageType", "PatientAge", "ViewPosition"),
    *("NominalScannedPixelSpacing", "ImagerPixelSpacing", "RescaleType", "BurnedInAnnotation"),
]
SPLIT_VRS = (b"OB", b"OW", b"SQ", b"UN", b"UT", b"OF", b"UC", b"UR")


def texts_in(data: bytes) -> list[str]:
    """The values of all elements in Explicit VR Little Endian, read without pydicom."""
    texts, at = [], 132
    while at + 8 <= len(data):
        group, _ = struct.unpack_from("<HH", data, at)
        if group == 0xFFFE:
            at += 8
            continue
        vr = data[at + 4 : at + 6]
        if vr in SPLIT_VRS:
            length, start = struct.unpack_from("<I", data, at + 8)[0], at + 12
        else:
            length, start = struct.unpack_from("<H", data, at + 6)[0], at + 8
        if vr == b"SQ":
            at = start
            continue
        if (group, data[at + 2 : at + 4]) == (0x7FE0, b"\x10\x00"):
            break
        value = data[start : start + length]
        if vr == b"US":
            value = b"\\".join(
                str(number[0]).encode() for number in struct.iter_unpack("<H", value)
            )
        if vr != b"UI":  # made with a key, of forty random digits
            texts.append(value.decode("latin-1"))
        at = start + length
    return texts


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("pixels", [gradient(), TWELVE_BITS, gradient(high=60_000)])
def test_second_opinion_finds_no_planted_identifier(typed, pixels):
    for field in FIELDS:
        elements = {"RescaleSlope": "1", "RescaleIntercept": "0", "WindowWidth": "200"}
        elements |= {"WindowCenter": "100", field: typed}
        if field.endswith("Spacing"):
            elements[field] = [typed, typed]
        try:
            data = lateral_file(pixels, **elements)
        except ValueError:  # no number, in a field of numbers: pydicom does not write that
            continue
        result = clean(data)
        everything = [*texts_in(result.data), str(result.facts.spacing_mm), str(result.report)]
        everything += [result.facts.software, result.facts.scanner, result.facts.model]
        assert any("Lunar iDXA" in text for text in everything) or field.startswith("Manufact")
        for text in everything:
            plain = re.sub(r"[^a-z0-9\\]", "", text.casefold())
            for kind, secret in PLANTED.items():
                assert secret.casefold() not in plain, (field, kind, text)
