"""The straight spine: anterior at x = 140, W = 40 px, so the front is expected at x = 170."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.crop import FRONT_SHARE, check_crop
from inference.guides import draw_guides
from inference.pixel_size import PixelSize
from inference.shapes import Landmarks, Vertebra
from tests.inference.spines import mapped, published, straight

SQUARE = PixelSize.of(None)
MILLIMETRES = PixelSize.of((0.5, 0.25))
LEVELS = ("L1", "L2", "L3", "L4")


def tissue(width=300, height=400, low=0.5):
    rng = np.random.default_rng(5)
    noise = 0.1 * rng.standard_normal((height, width))
    return np.clip(low + noise, 0, 1).astype(np.float32)


def check(pixels, landmarks, size=SQUARE, **options):
    return check_crop(pixels, draw_guides(landmarks, size), size, **options)


def margins(found):
    return {name: level.margin for name, level in found.levels.items()}


def test_front_well_inside_is_ok_with_margins_in_mm():
    found = check(tissue(), straight(), MILLIMETRES)
    assert (found.method, found.verdict) == ("field", "ok")
    assert {level.verdict for level in found.levels.values()} == {"ok"}
    expected = dict.fromkeys(LEVELS, (299.5 - 170) * 0.25)
    assert margins(found) == pytest.approx(expected, abs=0.01)
    assert found.levels["L1"].margin_px is None


def test_margins_are_isotropic_pixels_without_spacing():
    found = check(tissue(), straight(), PixelSize.of(None, aspect=2.0))
    assert found.levels["L2"].margin_mm is None
    assert found.levels["L2"].margin_px == pytest.approx(129.5)


def test_front_beyond_the_image_is_cropped_and_the_evidence_says_where():
    found = check(tissue(width=160), straight(), MILLIMETRES)
    assert found.verdict == "cropped"
    assert found.levels["L3"].margin_mm == pytest.approx((159.5 - 170) * 0.25, abs=0.01)
    line = found.evidence["lines"][0]
    assert (line["name"], line["leaves"], line["side"], line["kind"]) == (
        "T12/L1",
        True,
        "right",
        "image",
    )
    assert line["field_end"] == pytest.approx([159.5, 135], abs=1)
    assert line["at"] == pytest.approx([170, 135])


@pytest.mark.parametrize("low", [0.3, 0.0, -0.15])
def test_black_tissue_is_not_the_end_of_the_field_where_the_authors_rule_says_so(low):
    pixels = tissue()
    pixels[:, 150:] = tissue(low=low)[:, 150:]
    found = check(pixels, straight())
    assert found.verdict == "ok"
    assert found.evidence["vertenet"]["verdict"] == ("ok" if low > 0.2 else "cropped")


def test_nothing_but_black_before_the_front_is_unknown():
    """Whether the tissue is clipped or the field ended, nobody can see."""
    pixels = tissue(height=600)
    pixels[:, 150:] = tissue(low=-2.0, height=600)[:, 150:]
    pixels[:, 140:150] *= np.linspace(1, 0, 10, dtype=np.float32)
    found = check(pixels, straight(), MILLIMETRES)
    assert found.verdict == "unknown"
    assert found.levels["L1"].margin is None
    assert found.evidence["unseen"] == ["L1", "L2", "L3", "L4"]
    pixels[500:510, 200:210] = 0.5
    assert check(pixels, straight(), MILLIMETRES).verdict == "ok"


def test_straight_edge_to_black_ends_the_field():
    pixels = tissue()
    pixels[:, 165:] = 0
    found = check(pixels, straight(), MILLIMETRES)
    assert found.verdict == "cropped"
    assert found.evidence["narrowest"]["L1"]["kind"] == "edge"
    assert found.levels["L1"].margin_mm == pytest.approx((164.5 - 170) * 0.25, abs=0.01)


def test_field_that_narrows_crops_the_levels_it_cuts_alone():
    pixels = tissue(height=640)
    pixels[250:, 160:] = 0
    found = check(pixels, straight())
    assert [found.levels[level].verdict for level in LEVELS] == ["ok", "ok", "cropped", "cropped"]


def test_levels_that_lack_lines_are_unknown_and_the_others_are_judged():
    few = Landmarks({v: b for v, b in straight().bodies.items() if v is not Vertebra.L5})
    found = check(tissue(), few)
    assert found.verdict == "unknown"
    assert [found.levels[level].verdict for level in LEVELS] == ["ok", "ok", "ok", "unknown"]
    assert found.evidence["reason"] == "not all lines of L4 can be drawn"
    assert check(tissue(width=160), few).verdict == "cropped"


def test_without_landmarks_nothing_is_known():
    found = check(tissue(), Landmarks({}))
    assert found.verdict == "unknown"
    assert {level.verdict for level in found.levels.values()} == {"unknown"}


def test_authors_rule_answers_by_name():
    assert check(tissue(), straight(), method="vertenet").method == "vertenet"


@pytest.mark.parametrize("name", ["10623583", "10699236"])
def test_mirrored_image_gets_the_same_answer(name):
    width, height, landmarks = published(name)
    pixels = tissue(width, height)
    pixels[:, 330:] = 0
    mirrored = mapped(landmarks, lambda x, y: (width - 1 - x, y))
    one = check(pixels, landmarks, PixelSize.of((0.35, 0.35)))
    other = check(pixels[:, ::-1], mirrored, PixelSize.of((0.35, 0.35)))
    assert one.verdict == other.verdict
    assert margins(one) == pytest.approx(margins(other))
    assert {line["side"] for line in other.evidence["lines"]} == {"left"}


@given(st.floats(0.8, 2.5), st.floats(0.8, 2.5))
def test_margins_in_mm_do_not_depend_on_the_pixels_shape(across, down):
    """The same body on a grid of other pixels: corners and border move along."""
    moved = mapped(straight(), lambda x, y: ((x + 0.5) / across - 0.5, (y + 0.5) / down - 0.5))
    width, height = round(300 / across), round(800 / down)
    grey = np.full((height, width), 0.5, np.float32)
    found = check(grey, moved, PixelSize.of((down, across)))
    exact = width * across - 170.5
    assert margins(found) == pytest.approx(dict.fromkeys(LEVELS, exact), abs=0.02)


@given(st.integers(0, 60), st.integers(0, 60))
def test_margins_do_not_change_when_the_image_grows_behind_and_above(behind, above):
    grown = np.full((600 + above, 300 + behind), 0.5, np.float32)
    moved = mapped(straight(), lambda x, y: (x + behind, y + above))
    before = check(grown[above:, behind:], straight())
    assert margins(check(grown, moved)) == pytest.approx(margins(before))


@given(st.floats(-25, 25))
def test_tilted_spine_has_its_front_beside_it(tilt_deg):
    """Turned around (140, 215), the middle of the spine's front: the front's middle turns along."""
    cos, sin = np.cos(np.radians(tilt_deg)), np.sin(np.radians(tilt_deg))

    def turned(x, y):
        return 140 + (x - 140) * cos - (y - 215) * sin, 215 + (x - 140) * sin + (y - 215) * cos

    found = check(np.full((600, 400), 0.5, np.float32), mapped(straight(), turned))
    expected = [turned(170, 135), turned(170, 295)]
    assert found.evidence["front"][0] == pytest.approx(expected[0], abs=0.02)
    assert found.evidence["front"][-1] == pytest.approx(expected[1], abs=0.02)


def test_front_share_is_what_the_evidence_says():
    found = check(tissue(), straight())
    assert found.evidence["front_share"] == FRONT_SHARE == 0.75
    assert {x for x, _ in found.evidence["front"]} == {170}
