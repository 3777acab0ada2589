import numpy as np
import pytest

from inference.crop.vertenet_rule import check_by_vertenet
from inference.geometry.guides import draw_guides
from inference.geometry.pixel_size import PixelSize
from inference.results import Landmarks
from tests.inference.spines import mapped, published, straight

SQUARE = PixelSize.of(None)
MILLIMETRES = PixelSize.of((0.5, 0.25))


def grey(width=300, height=400):
    return np.full((height, width), 0.5, np.float32)


def check(pixels, landmarks, size=SQUARE):
    return check_by_vertenet(pixels, draw_guides(landmarks, size), size)


def margins(result):
    return {name: level.margin for name, level in result.levels.items()}


def test_aorta_well_inside_is_ok():
    result = check(grey(), straight())
    assert (result.method, result.verdict) == ("vertenet", "ok")
    assert result.evidence["1.0"] == {"verdict": "ok", "outside": 0, "black": 0, "samples": 500}


def test_curve_lies_one_width_anterior_to_a_straight_spine():
    curve = np.array(check(grey(), straight()).evidence["curve"])
    np.testing.assert_allclose(curve[:, 0], 180, atol=0.01)
    assert (curve[0, 1], curve[-1, 1]) == (135, 295)


def test_curve_that_leaves_the_image_is_cropped():
    """The curve lies at x = 180; an image of width 180 ends at 179.5."""
    assert check(grey(width=182), straight()).verdict == "ok"
    assert check(grey(width=180), straight()).verdict == "cropped"


def test_other_factors_are_reported_with_the_verdict():
    """At f = 1.1 the curve lies at x = 184."""
    result = check(grey(width=182), straight())
    assert [result.evidence[f]["verdict"] for f in ("0.9", "1.0", "1.1")] == ["ok", "ok", "cropped"]
    assert result.evidence["1.1"]["outside"] == 500


@pytest.mark.parametrize(("rows", "verdict"), [(1, "ok"), (2, "cropped")])
def test_more_than_ten_black_values_over_three_channels(rows, verdict):
    """500 samples over 160 rows are about three per row: one black row gives about nine values."""
    pixels = grey()
    pixels[200 : 200 + rows, 180] = 0
    result = check(pixels, straight())
    assert result.verdict == verdict
    assert (3 * result.evidence["1.0"]["black"] > 10) == (verdict == "cropped")


def test_margins_in_mm_use_row_and_column_spacing():
    """The anterior border is at x = 299.5, the curve at 180; columns are 0.25 mm apart."""
    result = check(grey(), straight(), MILLIMETRES)
    expected = dict.fromkeys(("L1", "L2", "L3", "L4"), (299.5 - 180) * 0.25)
    assert margins(result) == pytest.approx(expected, abs=0.01)


def test_margin_is_negative_outside():
    result = check(grey(width=170), straight(), MILLIMETRES)
    assert result.levels["L1"].margin_mm == pytest.approx((169.5 - 180) * 0.25, abs=0.01)
    assert result.verdict == "cropped"


def test_margins_without_spacing_are_in_pixels():
    assert check(grey(height=600), straight()).to_dict()["levels"] == {
        level: {"verdict": "ok", "margin_mm": None, "margin_px": 119.5}
        for level in ("L1", "L2", "L3", "L4")
    }


def test_missing_landmarks_give_unknown_instead_of_an_error():
    for landmarks in (Landmarks({}), Landmarks(dict(list(straight().bodies.items())[:4]))):
        result = check(grey(), landmarks, MILLIMETRES)
        assert result.verdict == "unknown"
        assert result.levels["L3"].margin_mm is None


def test_ends_that_do_not_descend_give_unknown():
    upside_down = mapped(straight(), lambda x, y: (x, 400 - y))
    assert check(grey(), upside_down).verdict == "unknown"


@pytest.mark.parametrize("name", ["10623583", "10699236"])
def test_mirrored_image_has_the_same_verdict(name):
    width, height, landmarks = published(name)
    rng = np.random.default_rng(1)
    pixels = (rng.random((height, width)) > 0.01).astype(np.float32)
    mirrored = mapped(landmarks, lambda x, y: (width - 1 - x, y))
    one = check(pixels, landmarks, PixelSize.of((0.35, 0.35)))
    other = check(pixels[:, ::-1], mirrored, PixelSize.of((0.35, 0.35)))
    assert one.verdict == other.verdict
    assert margins(one) == pytest.approx(margins(other))
    assert one.evidence["1.0"] == other.evidence["1.0"]


@pytest.mark.parametrize("name", ["10623583", "10699236"])
def test_published_spines_lie_inside_their_images(name):
    width, height, landmarks = published(name)
    assert check(grey(width, height), landmarks).verdict == "ok"
