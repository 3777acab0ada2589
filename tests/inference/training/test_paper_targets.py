from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inference.decoding.vertebrae import decode_ranked
from inference.training.data.marked_examples import mirror_image
from inference.training.data.samples import Example, PhantomRecipe, draw_example
from inference.training.paper_targets import add_peak, overlap_radius, ranked_loss, ranked_targets

EXAMPLE = draw_example(7, PhantomRecipe(size=(256, 128), partial=0.0, mirrored=0.0, other_view=0.0))


def maps_of(example: Example) -> dict[str, np.ndarray]:
    """Return the maps of a network that predicts an example exactly."""
    arrays = ranked_targets(example)
    heat = arrays["heat"]
    reg, wh = np.zeros((2, *heat.shape), np.float32), np.zeros((8, *heat.shape), np.float32)
    for center, corners in zip(arrays["center"], arrays["corners"], strict=True):
        x, y = np.floor(center).astype(int)
        reg[:, y, x] = center - (x, y)
        wh[:, y, x] = (center - corners).ravel()
    return {"hm": heat[None], "reg": reg, "wh": wh}


def test_decoding_the_targets_gives_the_true_corners() -> None:
    bodies = decode_ranked(maps_of(EXAMPLE))
    assert len(bodies) == 6
    decoded = np.array([body.corners for body in bodies])
    expected = ranked_targets(EXAMPLE)["corners"] * 4
    assert np.abs(decoded - expected).max() < 1e-3


def test_corners_of_a_mirror_image_are_named_by_image_side() -> None:
    corners = ranked_targets(mirror_image(EXAMPLE))["corners"]
    assert (corners[:, 1, 0] > corners[:, 0, 0]).all()
    assert (corners[:, 3, 0] > corners[:, 2, 0]).all()


def test_loss_of_an_exact_prediction_is_near_zero() -> None:
    batch = {k: torch.from_numpy(v)[None] for k, v in ranked_targets(EXAMPLE).items()}
    result = {k: torch.from_numpy(v)[None] for k, v in maps_of(EXAMPLE).items()}
    parts = ranked_loss(result, batch)
    assert parts["reg"] < 1e-6
    assert parts["wh"] < 1e-6
    assert parts["hm"] < 0.5


def test_image_without_bodies_trains_only_the_heat_map() -> None:
    empty = replace(EXAMPLE, visible=np.zeros_like(EXAMPLE.visible))
    batch = {k: torch.from_numpy(v)[None] for k, v in ranked_targets(empty).items()}
    result = {k: torch.from_numpy(v)[None] for k, v in maps_of(EXAMPLE).items()}
    assert set(ranked_loss(result, batch)) == {"hm", "total"}


@given(st.integers(1, 60), st.integers(1, 60))
def test_radius_is_that_of_the_smallest_root(height: int, width: int) -> None:
    radius = overlap_radius(height, width)
    assert 0 < radius < height + width
    assert radius == pytest.approx(overlap_radius(width, height))


@given(st.floats(1, 30), st.floats(1, 60), st.integers(0, 9))
def test_peak_is_one_at_its_cell_and_zero_beyond_its_radius(
    x: float, y: float, radius: int
) -> None:
    heat = np.zeros((64, 32), np.float32)
    add_peak(heat, np.array([x, y], np.float32), radius)
    column, row = int(np.float32(x)), int(np.float32(y))
    assert heat[row, column] == 1
    rows, columns = np.nonzero(heat)
    assert np.abs(rows - row).max() <= radius
    assert np.abs(columns - column).max() <= radius
