"""A pixel spacing that makes the vertebral bodies too low or too high is not used."""

import pytest

from inference.dicom.spacing import is_plausible
from inference.geometry.body_heights import check_spacing
from inference.image import display, read_image
from inference.measurements import measure
from inference.pipeline import analyze
from inference.results import Landmarks
from tests.dicom_files import gradient, lateral_file
from tests.inference.spines import grey_image, straight
from tests.inference.test_pipeline import StandIn

NO_LANDMARKS = Landmarks({})


@pytest.mark.parametrize(
    ("down", "plausible"),
    [
        (0.05, False),
        (0.6, False),
        (0.68, True),
        (1.0, True),
        (1.45, True),
        (1.55, False),
        (5, False),
    ],
)
def test_spacing_is_accepted_if_bodies_are_20_to_45_mm_high(down, plausible):
    """The bodies are 30 pixels high."""
    checked = check_spacing(grey_image(spacing_mm=(down, 1.0)), straight())
    assert checked.spacing_mm == ((down, 1.0) if plausible else None)
    assert checked.source == ("pixel_spacing" if plausible else "implausible")
    assert (checked.warning is None) == plausible


def test_heights_override_an_implausible_field():
    image = read_image(lateral_file(gradient(1100, 77), PixelSpacing=["1", "1"]))
    assert not image.spacing_plausible
    assert check_spacing(image, straight()).spacing_mm == (1.0, 1.0)
    assert check_spacing(image, NO_LANDMARKS).source == "implausible"


def test_implausible_spacing_gives_no_lengths_in_mm():
    image = grey_image(spacing_mm=(3.0, 3.0))
    document = analyze(image, StandIn(straight())).to_dict()
    assert (document["spacing_mm"], document["spacing_source"]) == (None, "implausible")
    assert document["morphometry"]["L3"]["posterior_height_mm"] is None
    assert document["crop"]["evidence"]["unit"] == "px"
    assert all(level["margin_mm"] is None for level in document["crop"]["levels"].values())
    (warning,) = (w for w in document["warnings"] if w["code"].startswith("spacing"))
    assert warning["code"] == "spacing_implausible"
    assert "3 x 3 mm" in warning["text"] and "90 mm high" in warning["text"]


def test_pixel_aspect_is_used_even_if_the_spacing_is_implausible():
    plain = measure(grey_image(aspect=2.0), straight(), "right")
    implausible = measure(grey_image(spacing_mm=(6.0, 3.0)), straight(), "right")
    assert implausible.morphometry == plain.morphometry
    assert implausible.crop == plain.crop


@pytest.mark.parametrize(
    ("spacing_mm", "rows", "columns", "plausible"),
    [
        ((0.2477, 0.2475), 1768, 808, True),  # iDXA, lateral spine
        (
            (2.4273, 2.4191),
            791,
            272,
            True,
        ),  # iDXA, whole body: plausible, and rejected as a whole body
        ((2.26, 2.26), 1024, 256, True),  # a whole body on a gamma camera
        ((1.0, 1.0), 1100, 77, False),
        ((1.0, 1.0), 1768, 808, False),
        ((1.0, 1.0), 440, 200, True),
        ((1.2, 1.2), 1100, 77, False),
        ((10.0, 10.0), 451, 180, False),
        ((0.01, 0.01), 1768, 808, False),
    ],
)
def test_plausibility_of_the_field_size(spacing_mm, rows, columns, plausible):
    assert is_plausible(spacing_mm, rows, columns) == plausible


def test_second_attribute_is_used_if_the_first_is_a_placeholder():
    elements = {"PixelSpacing": ["1", "1"], "ImagerPixelSpacing": ["0.4", "0.4"]}
    image = read_image(lateral_file(gradient(1100, 400), **elements))
    assert (image.spacing_mm, image.spacing_source) == ((0.4, 0.4), "imager_pixel_spacing")
    assert image.spacing_plausible


def test_viewer_receives_no_implausible_spacing():
    image = read_image(lateral_file(gradient(1100, 77), PixelSpacing=["1", "1"]))
    assert display(image).spacing_mm is None
    assert display(image).pixel_aspect == 1
