"""What export software changes in an image."""

from __future__ import annotations

import numpy as np
import pytest

from inference.phantom.appearance.alterations import (
    THUMBNAIL_COLUMNS,
    Alterations,
    apply_alterations,
    compress,
    sample_alterations,
)
from inference.phantom.appearance.overlays import draw_overlays
from inference.phantom.generator import draw_phantom, lay_out


@pytest.fixture
def picture() -> tuple[np.ndarray, np.ndarray]:
    """Return grey values of a bright bar in grey noise, and the bone that it is."""
    rng = np.random.default_rng(1)
    bone = np.zeros((300, 200), np.float32)
    bone[:, 80:120] = 0.6
    grey = 0.35 + 0.5 * bone + 0.03 * rng.standard_normal(bone.shape)
    return grey.astype(np.float32), bone


def altered(picture: tuple[np.ndarray, np.ndarray], **changes: object) -> np.ndarray:
    return apply_alterations(np.random.default_rng(2), *picture, Alterations(**changes))


def test_stretched_contrast_makes_soft_tissue_black(picture) -> None:
    grey, bone = altered(picture, stretched=True), picture[1] > 0
    assert np.median(grey[~bone]) < 0.05
    assert np.median(grey[bone]) > 0.6


def test_inverted_image_has_dark_bone(picture) -> None:
    assert np.allclose(altered(picture, inverted=True), 1 - picture[0])


def test_overlays_change_a_small_part_of_the_image(picture) -> None:
    for seed in range(12):
        drawn = draw_overlays(np.random.default_rng(seed), picture[0], 3)
        assert 0 < np.mean(drawn != picture[0]) < 0.25
        assert (drawn.min(), drawn.max()) >= (0, 0)
        assert drawn.max() <= 1


def test_jpeg_leaves_blocks_of_eight_pixels(picture) -> None:
    coarse = compress(np.clip(picture[0], 0, 1), 8)
    steps = np.abs(np.diff(coarse, axis=1)).mean(0)
    assert steps[7::8].mean() > 2 * steps.mean()


def test_every_sample_alters_something_and_each_change_occurs() -> None:
    samples = [sample_alterations(np.random.default_rng(seed)) for seed in range(60)]
    assert all(sample != Alterations() for sample in samples)
    for name in ("stretched", "inverted", "overlays", "jpeg_quality", "thumbnail_columns"):
        assert any(getattr(sample, name) for sample in samples)


def test_thumbnail_has_its_size_and_landmarks_in_its_pixels() -> None:
    layouts = (lay_out(seed, family="altered_export") for seed in range(7_600_000, 7_600_030))
    small = [
        layout
        for layout in layouts
        if layout.scene.alterations and layout.scene.alterations.thumbnail_columns
    ]
    assert small
    phantom = draw_phantom(small[0])
    assert THUMBNAIL_COLUMNS[0] <= phantom.pixels.shape[1] <= THUMBNAIL_COLUMNS[1]
    assert phantom.pixels.dtype == np.uint8
    field = phantom.pixels.shape[1] * phantom.spacing_mm[1]
    assert field == pytest.approx(small[0].scene.field_mm[2], abs=1)
