import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.measurements import measure
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks
from tests.inference.spines import grey_image, published, straight

POINTS = st.none() | st.tuples(st.floats(-500, 900), st.floats(-500, 900))
BODIES = st.builds(Body, *[POINTS] * len(CORNERS))
LANDMARKS = st.dictionaries(st.sampled_from(VERTEBRAE), BODIES).map(Landmarks)


def codes(measurements):
    return {notice.code for notice in measurements.warnings}


def test_complete_spine_with_spacing_has_no_warnings():
    measured = measure(grey_image(spacing_mm=(0.75, 0.75)), straight(), "right")
    assert measured.warnings == ()
    assert len(measured.guides) == 13


def test_unknown_spacing_is_reported():
    assert codes(measure(grey_image(), straight(), "right")) == {"spacing_unknown"}


def test_missing_vertebrae_and_lines_are_reported():
    few = Landmarks(dict(list(straight().bodies.items())[:4]))
    measured = measure(grey_image(spacing_mm=(0.75, 0.75)), few, "right")
    assert codes(measured) == {"vertebrae_missing", "lines_missing"}
    assert "L4, L5" in measured.warnings[0].text


def test_wrong_side_is_reported():
    assert "sides_disagree" in codes(measure(grey_image(), straight(), "left"))
    assert "sides_disagree" not in codes(measure(grey_image(), straight().flipped(), "left"))


def test_inverted_image_is_reported_and_its_crop_check_unchanged():
    """Bodies are brighter than discs, with black padding before the aorta; then all is inverted."""
    image = grey_image(spacing_mm=(0.75, 0.75))
    for (x0, y0), _, _, (x1, y1) in straight().as_array():
        image.pixels[round(y0) : round(y1), round(x0) : round(x1)] += 0.2
    image.pixels[:, 150:] = 0
    plain = measure(image, straight(), "right")
    image.pixels[:] = 1 - image.pixels
    inverted = measure(image, straight(), "right")
    assert codes(inverted) == codes(plain) | {"inverted"}
    assert "inverted" not in codes(plain)
    assert inverted.crop.verdict == plain.crop.verdict == "cropped"
    assert inverted.crop.levels == plain.crop.levels


def text_of(code, image):
    (notice,) = [n for n in measure(image, straight(), "right").warnings if n.code == code]
    return notice.text


def test_cropped_aorta_is_reported_with_its_margin():
    """The wall is expected 24 mm from T12/L1; the image ends 7.1 mm anterior to the spine."""
    image = grey_image(width=150, spacing_mm=(0.75, 0.75))
    assert text_of("cropped", image) == (
        "The field ends 17 mm before the expected anterior aortic wall "
        "(L1, L2, L3, L4; image border on the right)."
    )


def test_crop_by_an_edge_inside_the_image_is_reported():
    """Without a spacing, the wall is expected at 24 / 30.3 of 40 pixels from the spine."""
    image = grey_image()
    image.pixels[:, 150:] = 0
    assert text_of("cropped", image) == (
        "The field ends 22 pixels before the expected anterior aortic wall "
        "(L1, L2, L3, L4; edge inside the image on the right)."
    )


@pytest.mark.parametrize(
    ("width", "distance"), [(170, "2 mm before"), (176, "3 mm beyond"), (181, "6 mm beyond")]
)
def test_field_that_ends_near_the_expected_wall_asks_for_a_look(width, distance):
    text = text_of("crop_borderline", grey_image(width=width, spacing_mm=(0.75, 0.75)))
    levels = "L1" if width == 181 else "L1, L2, L3, L4"
    assert text == (
        f"The field ends {distance} the expected anterior aortic wall ({levels}; image border on "
        "the right), too close to decide whether the aorta is cropped. Look at the image."
    )


def test_borderline_crop_and_missing_lines_are_reported_separately():
    image = grey_image(width=176, spacing_mm=(0.75, 0.75))
    few = Landmarks(dict(list(straight().bodies.items())[:5]))
    assert codes(measure(image, straight(), "right")) == {"crop_borderline"}
    assert "lines_missing" not in codes(measure(image, straight(), "right"))
    assert codes(measure(image, few, "right")) == {
        "crop_borderline",
        "lines_missing",
        "vertebrae_missing",
        "l5_not_visible",
    }


def test_field_whose_end_cannot_be_determined_is_reported():
    image = grey_image(spacing_mm=(0.75, 0.75))
    image.pixels[:, 130:] = np.maximum(0, np.linspace(0.5, -3, 170, dtype=np.float32))
    assert codes(measure(image, straight(), "right")) == {"field_unseen"}


@given(LANDMARKS, st.sampled_from(["right", "left"]), st.booleans())
def test_any_landmarks_give_a_result_that_is_valid_json(landmarks, side, spaced):
    image = grey_image(spacing_mm=(0.3, 0.2) if spaced else None)
    measured = measure(image, landmarks, side)
    json.dumps(measured.to_dict(), allow_nan=False)
    assert len(measured.guides) <= 13
    if len(measured.guides) < 13:
        assert measured.crop.verdict != "ok"


def test_published_spine_as_json():
    width, height, landmarks = published("10623583")
    document = measure(
        grey_image(width, height, spacing_mm=(0.35, 0.35)), landmarks, "right"
    ).to_dict()
    assert set(document) == {"guides", "crop", "morphometry", "warnings"}
    assert document["guides"][0]["name"] == "T12/L1"
    assert set(document["crop"]["levels"]) == {"L1", "L2", "L3", "L4"}
    assert 49.2 < document["morphometry"]["lordosis_deg"] < 49.4
