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


def margins(found):
    return {name: level.margin for name, level in found.levels.items()}


def test_aorta_well_inside_is_ok():
    found = check(grey(), straight())
    assert (found.method, found.verdict) == ("vertenet", "ok")
    assert found.evidence["1.0"] == {"verdict": "ok", "outside": 0, "black": 0, "samples": 500}


def test_curve_runs_one_width_in_front_of_the_straight_spine():
    curve = np.array(check(grey(), straight()).evidence["curve"])
    np.testing.assert_allclose(curve[:, 0], 180, atol=0.01)
    assert (curve[0, 1], curve[-1, 1]) == (135, 295)


def test_curve_that_leaves_the_image_is_cropped():
    """The curve lies at x = 180: an image 180 wide ends at 179.5."""
    assert check(grey(width=182), straight()).verdict == "ok"
    assert check(grey(width=180), straight()).verdict == "cropped"


def test_other_factors_are_reported_beside_the_verdict():
    """At f = 1.1 the curve lies at x = 184."""
    found = check(grey(width=182), straight())
    assert [found.evidence[f]["verdict"] for f in ("0.9", "1.0", "1.1")] == ["ok", "ok", "cropped"]
    assert found.evidence["1.1"]["outside"] == 500


@pytest.mark.parametrize(("rows", "verdict"), [(1, "ok"), (2, "cropped")])
def test_more_than_ten_black_values_over_three_channels(rows, verdict):
    """500 samples over 160 rows: about three a row, so one black row gives nine values or so."""
    pixels = grey()
    pixels[200 : 200 + rows, 180] = 0
    found = check(pixels, straight())
    assert found.verdict == verdict
    assert (3 * found.evidence["1.0"]["black"] > 10) == (verdict == "cropped")


def test_margin_per_level_in_mm_row_and_column_apart():
    """Anterior border at x = 299.5, columns 0.25 mm apart; W is 40 px = 10 mm; curve at 180."""
    found = check(grey(), straight(), MILLIMETRES)
    expected = dict.fromkeys(("L1", "L2", "L3", "L4"), (299.5 - 180) * 0.25)
    assert margins(found) == pytest.approx(expected, abs=0.01)


def test_margin_is_negative_outside():
    found = check(grey(width=170), straight(), MILLIMETRES)
    assert found.levels["L1"].margin_mm == pytest.approx((169.5 - 180) * 0.25, abs=0.01)
    assert found.verdict == "cropped"


def test_margin_is_in_pixels_without_spacing():
    assert check(grey(height=600), straight()).to_dict()["levels"] == {
        level: {"verdict": "ok", "margin_mm": None, "margin_px": 119.5}
        for level in ("L1", "L2", "L3", "L4")
    }


def test_missing_landmarks_are_unknown_not_an_error():
    for landmarks in (Landmarks({}), Landmarks(dict(list(straight().bodies.items())[:4]))):
        found = check(grey(), landmarks, MILLIMETRES)
        assert found.verdict == "unknown"
        assert found.levels["L3"].margin_mm is None


def test_ends_that_do_not_go_downwards_are_unknown():
    upside_down = mapped(straight(), lambda x, y: (x, 400 - y))
    assert check(grey(), upside_down).verdict == "unknown"


@pytest.mark.parametrize("name", ["10623583", "10699236"])
def test_mirrored_image_gets_the_same_answer(name):
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
