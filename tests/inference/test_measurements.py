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


def test_complete_spine_with_spacing_has_nothing_to_warn_of():
    measured = measure(grey_image(spacing_mm=(0.75, 0.75)), straight(), "right")
    assert measured.warnings == ()
    assert len(measured.guides) == 13


def test_unknown_spacing_is_said():
    assert codes(measure(grey_image(), straight(), "right")) == {"spacing_unknown"}


def test_missing_vertebrae_and_lines_are_said():
    few = Landmarks(dict(list(straight().bodies.items())[:4]))
    measured = measure(grey_image(spacing_mm=(0.75, 0.75)), few, "right")
    assert codes(measured) == {"vertebrae_missing", "lines_missing"}
    assert "L4, L5" in measured.warnings[0].text


def test_wrong_side_is_said():
    assert "sides_disagree" in codes(measure(grey_image(), straight(), "left"))
    assert "sides_disagree" not in codes(measure(grey_image(), straight().flipped(), "left"))


def test_inverted_image_is_said_and_its_field_found_all_the_same():
    """Bodies brighter than discs, padded with black before the aorta; then all of it inverted."""
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


def said(code, image):
    (notice,) = [n for n in measure(image, straight(), "right").warnings if n.code == code]
    return notice.text


def test_cropped_aorta_is_said_with_how_much_is_missing():
    """Front expected 24 mm before T12/L1; the image ends at 149.5, 7.1 mm before the spine."""
    image = grey_image(width=150, spacing_mm=(0.75, 0.75))
    assert said("cropped", image) == (
        "The field ends 17 mm short of the aorta's expected front "
        "(L1, L2, L3, L4; the image's border on the right)."
    )


def test_cropped_by_an_edge_inside_the_image_is_said():
    """Without a spacing the front is expected 24 / 30.3 of 40 pixels before the spine."""
    image = grey_image()
    image.pixels[:, 150:] = 0
    assert said("cropped", image) == (
        "The field ends 22 pixels short of the aorta's expected front "
        "(L1, L2, L3, L4; an edge inside the image on the right)."
    )


@pytest.mark.parametrize(
    ("width", "distance"), [(170, "2 mm short of"), (176, "3 mm beyond"), (181, "6 mm beyond")]
)
def test_field_that_ends_too_near_the_front_to_tell_asks_for_a_look(width, distance):
    text = said("crop_borderline", grey_image(width=width, spacing_mm=(0.75, 0.75)))
    levels = "L1" if width == 181 else "L1, L2, L3, L4"
    assert text == (
        f"The field ends {distance} where the front of the aorta is expected, too close to tell "
        f"whether the aorta is cut off: look at the image ({levels}; the image's border on the "
        "right)."
    )


def test_close_call_is_not_mistaken_for_missing_lines():
    image = grey_image(width=176, spacing_mm=(0.75, 0.75))
    few = Landmarks(dict(list(straight().bodies.items())[:5]))
    assert codes(measure(image, straight(), "right")) == {"crop_borderline"}
    assert "lines_missing" not in codes(measure(image, straight(), "right"))
    assert codes(measure(image, few, "right")) == {
        "crop_borderline",
        "lines_missing",
        "vertebrae_missing",
    }


def test_field_that_cannot_be_seen_is_said():
    image = grey_image(spacing_mm=(0.75, 0.75))
    image.pixels[:, 130:] = np.maximum(0, np.linspace(0.5, -3, 170, dtype=np.float32))
    assert codes(measure(image, straight(), "right")) == {"field_unseen"}


@given(LANDMARKS, st.sampled_from(["right", "left"]), st.booleans())
def test_any_landmarks_give_an_answer_that_json_can_carry(landmarks, side, spaced):
    image = grey_image(spacing_mm=(0.3, 0.2) if spaced else None)
    measured = measure(image, landmarks, side)
    json.dumps(measured.to_dict(), allow_nan=False)
    assert len(measured.guides) <= 13
    if len(measured.guides) < 13:
        assert measured.crop.verdict != "ok"


def test_published_spine_as_json():
    width, height, landmarks = published("10623583")
    found = measure(
        grey_image(width, height, spacing_mm=(0.35, 0.35)), landmarks, "right"
    ).to_dict()
    assert set(found) == {"guides", "crop", "morphometry", "warnings"}
    assert found["guides"][0]["name"] == "T12/L1"
    assert set(found["crop"]["levels"]) == {"L1", "L2", "L3", "L4"}
    assert 49.2 < found["morphometry"]["lordosis_deg"] < 49.4
