from __future__ import annotations

import numpy as np

from inference.phantom.bones.implants import METAL, add_implants
from inference.phantom.population import sample_spine
from inference.phantom.raster import Grid


def bone_map_with_implants(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    spine = sample_spine(rng)
    grid = Grid(-80, -300, 160, 450, 1.0, 1.0)
    bone = np.zeros((grid.height, grid.width), np.float32)
    add_implants(rng, bone, grid, spine)
    return bone


def test_few_subjects_carry_implants_and_metal_outshines_bone() -> None:
    brightest = np.array([bone_map_with_implants(seed).max() for seed in range(600)])
    assert 0.01 < np.mean(brightest > 0) < 0.12
    assert brightest.max() > 0.8 * METAL
