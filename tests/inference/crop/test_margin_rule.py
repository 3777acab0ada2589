"""Tests use a straight spine: anterior at x = 140, W = 40 px, or 30 mm at 0.75 mm per pixel.

The wall is expected 24 mm anterior to T12/L1 and 1 mm closer at each guide below, so the margin of
a level is smallest at its upper guide.
"""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.crop.aortic_wall import WALL_MM, WIDTH_MM
from inference.crop.margin_rule import check_crop
from inference.geometry.guides import draw_guides
from inference.geometry.outer_lines import estimate_outer_lines
from inference.geometry.pixel_size import PixelSize
from inference.phantom.families import CLASSIC
from inference.phantom.ground_truth import true_landmarks
from inference.phantom.raster import Grid
from inference.phantom.scene import sample_scene
from inference.results import Landmarks, Vertebra
from tests.inference.spines import mapped, published, straight

SQUARE = PixelSize.of(None)
MILLIMETRES = PixelSize.of((1.5, 0.75))
LEVELS = ("L1", "L2", "L3", "L4")
UPPER = dict(zip(LEVELS, WALL_MM.values(), strict=False))
"""Expected distance of the wall at each level's upper guide, in mm: 24, 23, 22, 21."""


def tissue(width=300, height=400, low=0.5):
    rng = np.random.default_rng(5)
    noise = 0.1 * rng.standard_normal((height, width))
    return np.clip(low + noise, 0, 1).astype(np.float32)


def check(pixels, landmarks, size=SQUARE, **options):
    return check_crop(pixels, draw_guides(landmarks, size), size, **options)


def expected_margins(end):
    """Return the margins in mm if the field ends at column `end`."""
    return {level: (end - 140) * 0.75 - distance for level, distance in UPPER.items()}


def verdicts(result):
    return [result.levels[level].verdict for level in LEVELS]


def margins(result):
    return {name: level.margin for name, level in result.levels.items()}


def test_wall_well_inside_the_field_is_ok_with_margins_in_mm():
    result = check(tissue(), straight(), MILLIMETRES)
    assert (result.method, result.verdict) == ("field", "ok")
    assert {level.verdict for level in result.levels.values()} == {"ok"}
    assert margins(result) == pytest.approx(expected_margins(299.5), abs=0.01)
    assert result.levels["L1"].margin_px is None


def test_without_spacing_distances_are_scaled_by_the_mean_width():
    """24 mm is 24 / 30.3 of W; margins are isotropic pixels."""
    result = check(tissue(), straight(), PixelSize.of(None, aspect=2.0))
    assert result.levels["L2"].margin_mm is None
    expected = {level: 159.5 - 40 * distance / WIDTH_MM for level, distance in UPPER.items()}
    assert margins(result) == pytest.approx(expected, abs=0.01)


def test_wall_well_outside_the_field_is_cropped_with_evidence():
    result = check(tissue(width=160), straight(), MILLIMETRES)
    assert result.verdict == "cropped"
    assert margins(result) == pytest.approx(expected_margins(159.5), abs=0.01)
    line = result.evidence["lines"][0]
    assert (line["name"], line["leaves"], line["side"], line["kind"]) == (
        "T12/L1",
        True,
        "right",
        "image",
    )
    assert line["field_end"] == pytest.approx([159.5, 135], abs=1)
    assert line["at"] == pytest.approx([172, 135])


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (182, ["ok", "ok", "ok", "ok"]),
        (181, ["borderline", "ok", "ok", "ok"]),
        (176, ["borderline"] * 4),
        (168, ["borderline"] * 4),
        (166, ["cropped", "borderline", "borderline", "borderline"]),
        (162, ["cropped"] * 4),
    ],
)
def test_field_that_ends_near_the_expected_wall_is_borderline(width, expected):
    """The range is from 4.2 mm (1.5 x 2.8) closer to 7 mm (2.5 x 2.8) further away."""
    result = check(tissue(width=width), straight(), MILLIMETRES)
    assert verdicts(result) == expected
    worst = next(v for v in ("cropped", "borderline", "ok") if v in expected)
    assert result.verdict == worst
    assert result.evidence["borderline"] == [
        level for level, v in zip(LEVELS, expected, strict=True) if v == "borderline"
    ]
    assert margins(result) == pytest.approx(expected_margins(width - 0.5), abs=0.01)


def test_evidence_contains_the_borderline_range():
    result = check(tissue(), straight(), MILLIMETRES)
    firsts = [result.evidence[name][0][0] for name in ("front_near", "front", "front_far")]
    assert firsts == pytest.approx([172 - 4.2 / 0.75, 172, 172 + 7 / 0.75], abs=0.01)


def test_field_that_ends_just_below_a_level_is_not_borderline():
    """Horizontal lines run along the lower border, so all three curves lie inside."""
    result = check(tissue(height=300), straight(), MILLIMETRES)
    assert result.levels["L4"].verdict == "ok"
    assert result.levels["L4"].margin_mm == pytest.approx((299.5 - 295) * 1.5)


def test_decided_verdicts_are_correct_on_phantom_anatomy():
    """No pixels are drawn: the field is the image, and the landmarks are the reference standard."""
    counts = Counter(verdict_and_truth(seed) for seed in range(20_200_000, 20_200_250))
    false = counts["ok", True] + counts["cropped", False]
    right = counts["ok", False] + counts["cropped", True]
    assert false / (false + right) <= 0.01
    assert counts["cropped", True] >= 0.95 * (counts["cropped", True] + counts["ok", True])
    whole = right + false + counts["borderline", False] + counts["borderline", True]
    assert whole / counts.total() > 0.85
    assert right + false > 0.75 * whole


def verdict_and_truth(seed):
    """Return the verdict on one phantom, and whether part of its aortic wall lies outside."""
    scene = sample_scene(np.random.default_rng(seed), family=CLASSIC)
    left, top, width, height = scene.field_mm
    grid = Grid(left, top, round(width / 2), round(height / 2), 2.0, 2.0)
    corners = grid.to_pixels(scene.spine.corners())
    pixels = np.full((grid.height, grid.width), 0.5, np.float32)
    landmarks = true_landmarks(SimpleNamespace(pixels=pixels, corners=corners))
    front = grid.to_pixels(np.concatenate(list(scene.aorta.front.values())))
    outside = (front < -0.5) | (front > np.array([grid.width, grid.height]) - 0.5)
    return check(pixels, landmarks, PixelSize.of((2.0, 2.0))).verdict, bool(outside.any())


@pytest.mark.parametrize("low", [0.3, 0.0, -0.15])
def test_black_tissue_is_cropped_by_the_authors_rule_only(low):
    pixels = tissue()
    pixels[:, 150:] = tissue(low=low)[:, 150:]
    result = check(pixels, straight())
    assert result.verdict == "ok"
    assert result.evidence["vertenet"]["verdict"] == ("ok" if low > 0.2 else "cropped")


def test_black_up_to_the_expected_wall_is_unknown():
    """Clipped tissue and the end of the field cannot be told apart."""
    pixels = tissue(height=600)
    pixels[:, 150:] = tissue(low=-2.0, height=600)[:, 150:]
    pixels[:, 140:150] *= np.linspace(1, 0, 10, dtype=np.float32)
    result = check(pixels, straight(), MILLIMETRES)
    assert result.verdict == "unknown"
    assert result.levels["L1"].margin is None
    assert result.evidence["unseen"] == ["L1", "L2", "L3", "L4"]
    pixels[500:510, 200:210] = 0.5
    assert check(pixels, straight(), MILLIMETRES).verdict == "ok"


def test_straight_edge_to_black_ends_the_field():
    pixels = tissue()
    pixels[:, 160:] = 0
    result = check(pixels, straight(), MILLIMETRES)
    assert result.verdict == "cropped"
    assert result.evidence["narrowest"]["L1"]["kind"] == "edge"
    assert margins(result) == pytest.approx(expected_margins(159.5), abs=0.01)


def test_field_that_narrows_crops_only_the_affected_levels():
    pixels = tissue(height=640)
    pixels[250:, 155:] = 0
    result = check(pixels, straight())
    assert verdicts(result) == ["ok", "ok", "cropped", "cropped"]


def test_levels_without_all_lines_are_unknown_and_the_others_are_checked():
    few = Landmarks({v: b for v, b in straight().bodies.items() if v is not Vertebra.L5})
    result = check(tissue(), few)
    assert result.verdict == "unknown"
    assert verdicts(result) == ["ok", "ok", "ok", "unknown"]
    assert result.evidence["reason"] == "not all lines of L4 can be drawn"
    assert check(tissue(width=155), few).verdict == "cropped"
    close = check(tissue(width=180), few)
    assert (close.verdict, *verdicts(close)) == ("unknown", *["borderline"] * 3, "unknown")


def check_with_estimates(pixels, landmarks, size=SQUARE):
    guides = draw_guides(landmarks, size)
    return check_crop(pixels, guides, size, outer=estimate_outer_lines(landmarks, guides))


def down_to(last):
    bodies = straight().bodies
    return Landmarks({v: body for v, body in bodies.items() if v.value <= last or v.value == "T12"})


def test_l4_is_checked_to_its_end_where_l5_is_not_visible():
    """L4 ends at y = 290 and guide L4/L5 lies at 295."""
    few = down_to("L4")
    result = check_with_estimates(tissue(), few)
    assert (result.verdict, result.evidence["borderline"]) == ("ok", [])
    complete = check(tissue(), straight())
    assert margins(result) == margins(complete)
    # Only lines that follow from landmarks are part of the evidence.
    assert [line["name"] for line in result.evidence["lines"]][-1] == "L3/L4"
    near_the_end = check_with_estimates(tissue(height=298), few)
    assert verdicts(near_the_end) == ["ok", "ok", "ok", "borderline"]
    within_the_disc = check_with_estimates(tissue(height=293), few)
    assert verdicts(within_the_disc) == ["ok", "ok", "ok", "cropped"]
    assert within_the_disc.evidence["narrowest"]["L4"]["side"] == "bottom"
    assert within_the_disc.levels["L4"].margin == pytest.approx(-2.5)


def test_field_that_ends_below_l3_crops_l4():
    few = down_to("L3")
    assert verdicts(check_with_estimates(tissue(height=270), few)) == ["ok", "ok", "ok", "cropped"]


def test_bodies_that_were_not_detected_leave_their_level_unknown():
    result = check_with_estimates(tissue(), down_to("L3"))
    assert verdicts(result) == ["ok", "ok", "ok", "unknown"]
    assert result.verdict == "unknown"
    assert result.evidence["reason"] == "not all lines of L4 can be drawn"
    assert "L4" not in result.evidence["narrowest"]


def test_without_landmarks_all_levels_are_unknown():
    result = check(tissue(), Landmarks({}))
    assert result.verdict == "unknown"
    assert {level.verdict for level in result.levels.values()} == {"unknown"}


def test_authors_rule_is_selected_by_name():
    assert check(tissue(), straight(), method="vertenet").method == "vertenet"


@pytest.mark.parametrize("name", ["10623583", "10699236"])
def test_mirrored_image_has_the_same_verdict(name):
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
    """The same anatomy on another pixel grid: corners and border are transformed alike."""
    moved = mapped(straight(), lambda x, y: ((x + 0.5) / across - 0.5, (y + 0.5) / down - 0.5))
    width, height = round(260 / across), round(800 / down)
    grey = np.full((height, width), 0.5, np.float32)
    result = check(grey, moved, PixelSize.of((down, across)))
    expected = {level: width * across - 140.5 - distance for level, distance in UPPER.items()}
    assert margins(result) == pytest.approx(expected, abs=0.02)


@given(st.integers(0, 60), st.integers(0, 60))
def test_margins_do_not_change_if_the_image_is_extended_behind_and_above(behind, above):
    grown = np.full((600 + above, 300 + behind), 0.5, np.float32)
    moved = mapped(straight(), lambda x, y: (x + behind, y + above))
    before = check(grown[above:, behind:], straight())
    assert margins(check(grown, moved)) == pytest.approx(margins(before))


@given(st.floats(-25, 25))
def test_expected_wall_of_a_tilted_spine_is_tilted_alike(tilt_deg):
    """The spine is rotated around (140, 215), the middle of its anterior border."""
    cos, sin = np.cos(np.radians(tilt_deg)), np.sin(np.radians(tilt_deg))

    def turned(x, y):
        return 140 + (x - 140) * cos - (y - 215) * sin, 215 + (x - 140) * sin + (y - 215) * cos

    result = check(np.full((600, 400), 0.5, np.float32), mapped(straight(), turned))
    scale = 40 / WIDTH_MM
    expected = [turned(140 + 24 * scale, 135), turned(140 + 20 * scale, 295)]
    assert result.evidence["front"][0] == pytest.approx(expected[0], abs=0.02)
    assert result.evidence["front"][-1] == pytest.approx(expected[1], abs=0.02)
