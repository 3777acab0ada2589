import numpy as np
import pytest

from inference.crop.field_of_view import SIDES, find_field
from inference.geometry.pixel_size import PixelSize
from inference.phantom import generate


def noisy(height=480, width=240, low=0.2, seed=1):
    """Return tissue with noise; values below 0 are clipped to black."""
    rng = np.random.default_rng(seed)
    values = low + 0.1 * rng.standard_normal((height, width))
    return np.clip(values, 0, 1).astype(np.float32)


def ends_of(pixels):
    return {side: set(find_field(pixels).ends[side].tolist()) for side in SIDES}


WHOLE = {"right": {239.5}, "left": {-0.5}, "top": {-0.5}, "bottom": {479.5}}


@pytest.mark.parametrize("low", [0.2, 0.0, -0.15, -0.3])
def test_tissue_clipped_to_black_does_not_end_the_field(low):
    assert ends_of(noisy(low=low)) == WHOLE


@pytest.mark.parametrize("grey", [0.0, 1.0])
@pytest.mark.parametrize("low", [0.2, -0.05])
def test_padding_ends_the_field_at_its_straight_edge(grey, low):
    pixels = noisy(low=low)
    pixels[:, :20] = pixels[:, 200:] = pixels[:30] = pixels[450:] = grey
    assert ends_of(pixels) == {"right": {199.5}, "left": {19.5}, "top": {29.5}, "bottom": {449.5}}


def test_short_sweeps_end_the_field_where_the_edge_jumps():
    """Sweeps of 30 rows are shorter than two bands, but their edges are exact and jump."""
    pixels = noisy(low=0.5)
    for first, last, end in ((0, 400, 210), (400, 430, 190), (430, 480, 225)):
        pixels[first:last, end:] = 0
    right = find_field(pixels).ends["right"]
    assert [right[row] for row in (200, 415, 450)] == [209.5, 189.5, 224.5]


def test_skin_that_runs_straight_for_a_while_does_not_end_the_field():
    """A circle of 2,000 pixels: the outermost column holds for about 120 rows, the next for 25."""
    pixels = noisy(low=0.5)
    for row in range(480):
        pixels[row, int(220 - 2000 + np.sqrt(2000**2 - (row - 240) ** 2)) :] = 0
    assert find_field(pixels).ends["right"].min() > 219 - 16


def test_padding_with_ripples_and_letters_is_detected():
    pixels = noisy()
    pixels[:, 200:] = 2 / 255
    pixels[40:43, 215:220] = 1
    assert ends_of(pixels) == WHOLE | {"right": {199.5}}


def speckled(per_column, height=480, width=240, seed=4):
    """Return black tissue with a given number of specks per column, in random rows."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((height, width), np.float32)
    for column, count in enumerate(per_column):
        pixels[rng.choice(height, count, replace=False), column] = 0.05
    return pixels


def test_specks_that_stop_in_one_column_end_the_field():
    assert ends_of(speckled([12] * 170))["right"] == {169.5}


def test_specks_that_become_fewer_do_not_end_the_field():
    thinning = [max(0, 12 - column // 12) for column in range(240)]
    assert ends_of(speckled(thinning))["right"] == {239.5}


def test_letter_in_black_tissue_does_not_end_the_field():
    pixels = speckled([12] * 80 + [max(0, 12 - column) for column in range(40)])
    pixels[60:90, 150:175] = 0.9
    assert ends_of(pixels)["right"] == {239.5}


def test_field_that_narrows_during_the_scan_ends_in_a_step():
    pixels = noisy()
    pixels[:240, 180:] = 0
    ends = find_field(pixels).ends["right"]
    assert set(ends[:220].tolist()) == {179.5}
    assert set(ends[260:].tolist()) == {239.5}


def test_curved_skin_against_air_does_not_end_the_field():
    y, x = np.mgrid[:480, :240]
    depth = 210 - (y - 240.0) ** 2 / 900 - x
    rng = np.random.default_rng(3)
    pixels = 0.3 * np.sqrt(np.clip(depth / 30, 0, 1)) + 0.02 * rng.standard_normal((480, 240))
    pixels = np.where(depth > 0, np.clip(pixels, 0, 1), 0).astype(np.float32)
    assert ends_of(pixels) == WHOLE


def test_mirrored_and_transposed_images_have_matching_fields():
    pixels = noisy()
    pixels[:, 200:] = 0
    one, mirrored, turned = (find_field(p).ends for p in (pixels, pixels[:, ::-1], pixels.T))
    np.testing.assert_array_equal(mirrored["left"], 239 - one["right"])
    np.testing.assert_array_equal(turned["bottom"], one["right"])


def test_margins_are_distances_to_each_side_and_negative_outside():
    pixels = noisy()
    pixels[:, 200:] = 0
    field = find_field(pixels)
    size = PixelSize.of((0.5, 0.25))
    margins = field.margins(np.array([[100.0, 100.0], [300.0, -10.0]]), size)
    np.testing.assert_allclose(margins[0], [99.5 * 0.25, 100.5 * 0.25, 100.5 * 0.5, 379.5 * 0.5])
    np.testing.assert_allclose(margins[1], [-100.5 * 0.25, 300.5 * 0.25, -9.5 * 0.5, 489.5 * 0.5])
    assert field.end_kind("right", (100.0, 100.0)) == "edge"
    assert field.end_kind("left", (100.0, 100.0)) == "image"


def test_visible_part_extends_to_the_outermost_non_dark_pixels():
    pixels = np.zeros((300, 200), np.float32)
    pixels[50:, 20:120] = np.linspace(0.9, 0, 100, dtype=np.float32)
    pixels[100:103, 150] = 0.5
    field = find_field(pixels)
    assert field.visible == {"right": 150.5, "left": 19.5, "top": 49.5, "bottom": 299.5}
    assert field.ends["right"][100] == 199.5
    assert set(field.visible_part().ends["right"].tolist()) == {150.5}


@pytest.mark.parametrize("pixels", [np.zeros((60, 50)), np.ones((60, 50)), np.zeros((3, 2))])
def test_uniform_images_are_field_throughout(pixels):
    height, width = pixels.shape
    ends = find_field(pixels.astype(np.float32)).ends
    assert (ends["right"] == width - 0.5).all()
    assert (ends["bottom"] == height - 0.5).all()


@pytest.mark.parametrize("seed", range(8))
def test_phantoms_of_black_tissue_fill_their_images(seed):
    phantom = generate(7_000_000 + seed, family="ge_idxa")
    height, width = phantom.pixels.shape
    assert ends_of((phantom.pixels / 255).astype(np.float32)) == {
        "right": {width - 0.5},
        "left": {-0.5},
        "top": {-0.5},
        "bottom": {height - 0.5},
    }
