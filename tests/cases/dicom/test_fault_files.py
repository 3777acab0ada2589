"""Images that an earlier version got wrong, through de-identification and the shipped network."""

from __future__ import annotations

import numpy as np
import pytest

from inference.dicom.dataset import open_dataset
from inference.dicom.pixels import decode_grey
from inference.image import display, read_image
from inference.pipeline import analyze
from inference.predictor import Predictor
from inference.results import VERTEBRAE, Vertebra
from tests.cases.dicom.cleaning import clean, refusal
from tests.fault_files import fault_file, needs_fault_files

pytestmark = needs_fault_files


def sent(number: str) -> bytes:
    return fault_file(number).read_bytes()


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.load()


@pytest.fixture(scope="module")
def stored_analysis(predictor):
    """The analysis of what upload would store of a file."""
    return lambda number: analyze(read_image(clean(sent(number)).data), predictor)


def corners(analysis):
    return analysis.prediction.landmarks.as_array()


def l3_center(analysis):
    return corners(analysis)[VERTEBRAE.index(Vertebra.L3)].mean(axis=0)


def test_hologic_4096_is_stored():
    stored = decode_grey(open_dataset(clean(sent("01")).data)).stored
    assert (stored.min(), stored.max()) == (0, 4096)
    assert (np.count_nonzero(stored == 0), np.count_nonzero(stored == 4096)) == (646, 3339)


@pytest.mark.parametrize(("number", "apart"), [("01", 0.5), ("04", 0.01), ("08", 0), ("09", 0)])
def test_landmarks_are_those_of_the_reference(number, apart, stored_analysis):
    located, reference = corners(stored_analysis(number)), corners(stored_analysis("00"))
    assert np.nanmax(np.abs(located - reference)) <= apart


def test_padding_is_left_out(stored_analysis):
    analysis = stored_analysis("03")
    assert list(analysis.prediction.landmarks.bodies) == list(VERTEBRAE)
    assert l3_center(analysis) == pytest.approx((103, 234), abs=2)


def test_placeholder_spacing_is_implausible(stored_analysis):
    facts = clean(sent("05")).facts
    assert (facts.spacing_mm, facts.spacing_source) == (None, "implausible")
    analysis = stored_analysis("05")
    assert (analysis.spacing_mm, analysis.spacing_source) == (None, "implausible")
    assert "spacing_implausible" in {notice.code for notice in analysis.measurements.warnings}


def test_12_bit_jpeg_extended_is_decoded():
    image = read_image(sent("06"))
    assert (image.height, image.width) == (1024, 256)
    assert (image.stored.min(), image.stored.max()) == (0, 264)
    assert image.stored.mean() == pytest.approx(14.4, abs=0.05)
    assert refusal(sent("06")).code == "not_an_xray"


def test_missing_sequence_delimiter(stored_analysis):
    assert l3_center(stored_analysis("07")) == pytest.approx((106, 235), abs=2)


def test_window_outside_the_values_gives_way():
    windows = display(read_image(clean(sent("09")).data)).windows
    assert windows[0].name == "Bone and soft tissue"


def test_understated_rows_are_refused():
    assert "151 more rows" in refusal(sent("11")).text


def test_directory_is_named():
    assert "a directory of files (DICOMDIR)" in refusal(sent("12")).text
