from __future__ import annotations

import numpy as np
import pytest

from inference.training.data.cue_dropout import mask_level_cues
from inference.training.data.samples import PhantomRecipe, draw_example

PLAIN = PhantomRecipe(size=(256, 128), mirrored=0.0, other_view=0.0, masked=0.0, partial=0.0)


@pytest.fixture(scope="module")
def scan():
    example = draw_example(11, PLAIN)
    corners = example.corners.astype(float)
    corners[corners < -1000] = np.nan
    return example.grey, corners


def test_masking_changes_the_image_and_stays_between_black_and_white(scan):
    grey, corners = scan
    for seed in range(20):
        masked = mask_level_cues(np.random.default_rng(seed), grey, corners)
        assert masked.shape == grey.shape
        assert masked.dtype == np.float32
        assert 0 <= masked.min() <= masked.max() <= 1
        assert np.abs(masked - grey).max() > 0.02


def test_equal_random_numbers_give_equal_masking_without_changing_the_input(scan):
    grey, corners = scan
    before = grey.copy()
    first, second = (mask_level_cues(np.random.default_rng(4), grey, corners) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(grey, before)


def test_over_many_maskings_every_part_of_the_image_is_hidden_at_times(scan):
    grey, corners = scan
    hidden = np.zeros_like(grey)
    for seed in range(60):
        hidden += np.abs(mask_level_cues(np.random.default_rng(seed), grey, corners) - grey) > 0.02
    assert hidden.reshape(16, 16, 8, 16).mean((1, 3)).min() > 1
