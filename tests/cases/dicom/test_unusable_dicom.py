import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.cases.dicom.deidentify import UnusableDicom
from tests.cases.dicom.cleaning import clean, refusal
from tests.dicom_files import gradient, lateral_file


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.22"}, "not_an_xray"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, "not_an_xray"),
        ({"SOPClassUID": "1.2.999"}, "not_an_xray"),
        ({"Modality": "US"}, "not_an_xray"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "colour"),
        ({"NumberOfFrames": 5}, "multi_frame"),
        ({"PixelData": None}, "no_pixels"),
        ({"Rows": 60000, "Columns": 60000}, "too_large"),
        ({"ProtocolName": "AP Spine"}, "other_view"),
    ],
)
def test_each_has_its_own_reason(elements, code):
    assert refusal(lateral_file(**elements)).code == code


@pytest.mark.parametrize("uid", ["7", "7.2", "7.3", "1", "1.1", "1.1.1"])
def test_kinds_that_scanners_use_are_taken(uid):
    clean(lateral_file(SOPClassUID=f"1.2.840.10008.5.1.4.1.1.{uid}"))


def test_report_capture_in_colour():
    data = lateral_file(
        np.zeros((100, 300), np.uint8),
        Columns=100,
        SamplesPerPixel=3,
        PlanarConfiguration=0,
        PhotometricInterpretation="RGB",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.7",
    )
    error = refusal(data)
    assert error.code == "colour"
    assert "capture of a report" in error.text


def test_other_files():
    assert refusal(b"hello" * 50).code == "not_dicom"
    assert "PDF" in refusal(b"%PDF-1.7" + b" " * 200).text
    assert refusal(lateral_file()[:-300]).code == "truncated"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_arbitrary_bytes_are_refused_quickly(noise, dressed):
    started = time.monotonic()
    refusal(b"\0" * 128 + b"DICM" + noise if dressed else noise)
    assert time.monotonic() - started < 10


@settings(max_examples=200, deadline=None)
@given(st.integers(132, 900), st.binary(min_size=1, max_size=16))
def test_damaged_files_are_cleaned_or_refused(at, damage):
    data = bytearray(lateral_file())
    data[at : at + len(damage)] = damage
    try:
        result = clean(bytes(data))
    except UnusableDicom:
        return
    assert b"DOE^JANE" not in result.data


def test_deeply_nested_sequences_are_refused_or_cleaned_quickly():
    item = b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    data = lateral_file()
    at = data.index(b"\xe0\x7f\x10\x00OB")
    started = time.monotonic()
    refusal(data[:at] + item * 20_000 + data[at:])
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("shape", [(1100, 77), (1768, 808), (451, 180)])
def test_spine_with_a_placeholder_for_its_pixel_size_is_taken(shape):
    spacing = "10" if shape == (451, 180) else "1"
    facts = clean(lateral_file(gradient(*shape), PixelSpacing=[spacing, spacing])).facts
    assert (facts.spacing_mm, facts.spacing_source) == (None, "implausible")


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [
        ((1104, 402), "2"),
        ((1104, 402), "1.5"),
        ((451, 180), "2.5"),
        ((791, 272), "2.4273"),
    ],
)
def test_spacing_alone_excludes_no_spine_but_is_left_out_until_it_was_checked(shape, spacing):
    facts = clean(lateral_file(gradient(*shape), PixelSpacing=[spacing, spacing])).facts
    assert (facts.spacing_mm, facts.spacing_source) == (None, "implausible")
    assert facts.long_field


@pytest.mark.parametrize("spacing", ["1", "1.0001", "0.995"])
def test_placeholder_of_a_millimetre_needs_no_review(spacing):
    facts = clean(lateral_file(gradient(1104, 402), PixelSpacing=[spacing, spacing])).facts
    assert (facts.spacing_mm, facts.spacing_source) == (None, "implausible")
    assert not facts.long_field


def test_exposed_area_of_a_spine_outweighs_the_spacing_of_a_whole_body():
    facts = clean(
        lateral_file(gradient(1768, 808), PixelSpacing=["1.1", "1.1"], ExposedArea=[200, 438])
    ).facts
    assert facts.spacing_source == "exposed_area"
    assert facts.spacing_mm == pytest.approx((0.2477, 0.2475), abs=1e-4)


@pytest.mark.parametrize(
    "elements",
    [{"ExposedArea": [658, 1920]}, {"ExposedArea": [658, 1920], "PixelSpacing": ["2.43", "2.42"]}],
)
def test_whole_body_is_refused_by_its_exposed_area(elements):
    """As a GE Lunar iDXA makes it, with a header that is silent about the view."""
    error = refusal(lateral_file(gradient(791, 272), ProtocolName=None, **elements))
    assert error.code == "other_view"
    assert "whole-body" in error.text


def test_whole_body_by_name_is_refused_whatever_its_pixel_size():
    error = refusal(
        lateral_file(gradient(1100, 400), ProtocolName="Total Body", PixelSpacing=["1", "1"])
    )
    assert "whole-body" in error.text
