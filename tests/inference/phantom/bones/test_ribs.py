"""Ribs and spinous processes differ from level to level."""

from __future__ import annotations

import numpy as np

from inference.phantom.bones.ribs import add_ribs
from inference.phantom.bones.spinous_processes import add_spinous_process, sample_processes
from inference.phantom.population import sample_spine
from inference.phantom.raster import Grid

GRID = Grid(-160, -280, 320, 420, 1.0, 1.0)


def rib_map(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    spine = sample_spine(rng, odd_count=0.0)
    canvas = np.zeros((GRID.height, GRID.width), np.float32)
    add_ribs(rng, canvas, GRID, spine)
    return canvas


def test_ribs_are_fainter_than_bodies_uneven_and_sometimes_hardly_visible() -> None:
    maps = [rib_map(seed) for seed in range(40)]
    brightest = np.array([np.quantile(ribs, 0.99) for ribs in maps])
    assert all(ribs.min() >= 0 for ribs in maps)
    assert np.median(brightest) < 0.6
    assert (brightest < 0.08).any()
    # The brightness varies along the ribs.
    ribs = maps[int(np.argsort(brightest)[20])]
    inside = ribs[ribs > 0.02]
    assert inside.std() > 0.25 * inside.mean()


def test_no_rib_lies_below_the_first_lumbar_body_behind_the_spine() -> None:
    for seed in range(10):
        behind = rib_map(seed)[-100:, :100]
        assert behind.max() < 0.05


def test_spinous_processes_are_lower_than_a_body_and_differ() -> None:
    heights = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        spine = sample_spine(rng, odd_count=0.0)
        body, style = spine.body("L3"), sample_processes(rng)
        canvas = np.zeros((GRID.height, GRID.width), np.float32)
        add_spinous_process(rng, canvas, GRID, body, 1.0, style)
        tip = canvas[:, : round(160 - body.depth / 2 - 26)]
        rows = np.flatnonzero(tip.max(1) > 0.5 * tip.max())
        heights.append((rows[-1] - rows[0] + 1) / body.posterior)
    assert max(heights) < 1.1
    assert np.std(heights) > 0.05
