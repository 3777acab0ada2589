"""Tone of a scanner's images: blur at reduced resolution, sharpening, windows, motion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from inference.phantom.appearance.tone import (
    add_motion,
    apply_window,
    blur_widely,
    equalize_contrast,
    keep_edges_only,
    reduce_by,
    sharpen,
)
from inference.phantom.raster import Array, Grid, cloud

GRID = Grid(0, 0, 200, 320, 0.5, 0.6)


@pytest.fixture
def raw() -> Array:
    """Return a bright column of bodies and discs in uneven soft tissue."""
    rng = np.random.default_rng(1)
    image = 0.5 + 0.1 * cloud(rng, (GRID.height, GRID.width), (8, 5))
    image += bone()
    return np.asarray(image, np.float32)


def bone() -> Array:
    image = np.zeros((GRID.height, GRID.width), np.float32)
    image[:, 80:140] = 0.1
    for top in range(10, 300, 50):
        image[top : top + 38, 80:140] = 0.6
    return image


@pytest.mark.parametrize("sigma_mm", [1.0, 4.0, 9.0])
def test_blur_at_reduced_resolution_is_nearly_a_gaussian(raw: Array, sigma_mm: float) -> None:
    sigma = (sigma_mm / GRID.row_mm, sigma_mm / GRID.column_mm)
    exact = gaussian_filter(raw, sigma, truncate=4)
    difference = np.abs(blur_widely(raw, GRID, sigma_mm) - exact)[20:-20, 20:-20]
    assert difference.mean() < 0.01
    assert difference.max() < 0.06


def test_reduced_pixels_are_means_of_their_blocks() -> None:
    field = np.arange(30, dtype=np.float32).reshape(5, 6)
    assert reduce_by(field, 2).tolist() == [
        [3.5, 5.5, 7.5],
        [15.5, 17.5, 19.5],
        [24.5, 26.5, 28.5],
    ]


def test_sharpening_raises_edges_and_leaves_flat_parts() -> None:
    step = np.zeros((GRID.height, GRID.width), np.float32)
    step[:, 100:] = 1
    sharp = sharpen(step, GRID, 0.5, 3.0)
    assert sharp.max() > 1.15
    assert sharp[100, 10] == pytest.approx(0, abs=0.01)
    assert sharp[100, 190] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("clip_soft", [0.0, 1.0])
def test_window_shows_bodies_and_clips_soft_tissue_if_it_should(
    raw: Array, clip_soft: float
) -> None:
    for seed in range(10):
        grey = apply_window(np.random.default_rng(seed), raw, bone(), clip_soft=clip_soft)
        bodies, soft = grey[bone() > 0.5], grey[bone() < 0.05]
        assert 0.2 < np.median(bodies) < 0.95
        assert np.median(soft) < np.median(bodies)
        assert ((soft == 0).mean() < 0.2) == (clip_soft == 0) or np.median(soft) < 0.45


def test_edges_only_reduce_the_contrast_of_bodies(raw: Array) -> None:
    contrasts = []
    for seed in range(6):
        grey = keep_edges_only(np.random.default_rng(seed), raw, GRID)
        assert 0 <= grey.min() <= grey.max() <= 1
        contrasts.append(grey[bone() > 0.5].mean() - grey[bone() == 0].mean())
    whole = raw[bone() > 0.5].mean() - raw[bone() == 0].mean()
    assert np.mean(contrasts) < whole


def test_equalised_contrast_keeps_the_size_and_evens_the_brightness(raw: Array) -> None:
    shaded = raw * np.linspace(0.5, 2, GRID.height, dtype=np.float32)[:, None]
    evened = equalize_contrast(np.random.default_rng(3), shaded, GRID)
    assert evened.shape == raw.shape

    def unevenness(image: Array) -> float:
        rows = image.mean(1)
        return float((rows[-80:].mean() - rows[:80].mean()) / image.std())

    assert abs(unevenness(evened)) < 0.75 * abs(unevenness(shaded))


def test_motion_shifts_rows_by_at_most_two_pixels(raw: Array) -> None:
    moved = add_motion(np.random.default_rng(8), raw)
    assert moved.shape == raw.shape
    assert (moved[: GRID.height // 5 - 1] == raw[: GRID.height // 5 - 1]).mean() > 0.9
