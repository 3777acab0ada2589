"""Drawing on grids: enlarging, coarser grids, streaks, tubes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from inference.phantom.raster import Grid, add_tube, cloud, enlarge, streaks


@pytest.mark.parametrize("shape", [(40, 30), (41, 97), (8, 200)])
def test_enlarging_is_bilinear_between_the_centres_of_the_outer_pixels(shape) -> None:
    field = np.random.default_rng(1).standard_normal((8, 12)).astype(np.float32)
    rows, columns = np.linspace(0, 7, shape[0]), np.linspace(0, 11, shape[1])
    expected = map_coordinates(field, np.meshgrid(rows, columns, indexing="ij"), order=1)
    assert np.abs(enlarge(field, shape) - expected).max() < 2e-3


def test_field_finer_than_the_shape_is_reduced() -> None:
    field = np.random.default_rng(1).standard_normal((64, 50)).astype(np.float32)
    small = enlarge(field, (16, 20))
    assert small.shape == (16, 20)
    assert small.std() < field.std()
    assert cloud(np.random.default_rng(1), (4, 3), (40, 20)).shape == (4, 3)


def test_coarser_grid_has_the_same_outer_pixel_centres() -> None:
    grid = Grid(-20, 30, 301, 502, 0.25, 0.3)
    coarse = grid.coarsened(1.0)
    assert coarse.xs[[0, -1]] == pytest.approx(grid.xs[[0, -1]], abs=1e-4)
    assert coarse.ys[[0, -1]] == pytest.approx(grid.ys[[0, -1]], abs=1e-4)
    assert 0.95 < coarse.finest_mm < 1.05
    assert grid.coarsened(0.32) is grid


def test_tube_drawn_coarsely_and_enlarged_covers_the_same_pixels() -> None:
    grid = Grid(0, 0, 200, 200, 0.25, 0.25)
    path = np.array([[10.0, 10.0], [25.0, 30.0], [40.0, 38.0]])
    fine = np.zeros((200, 200), np.float32)
    add_tube(fine, grid, path, 5.0, fill=1.0, edge_mm=2.0)
    coarse = grid.coarsened(1.0)
    small = np.zeros((coarse.height, coarse.width), np.float32)
    add_tube(small, coarse, path, 5.0, fill=1.0, edge_mm=2.0)
    assert np.abs(enlarge(small, fine.shape) - fine).mean() < 0.01


@pytest.mark.parametrize("angle", [0.0, np.pi / 2])
def test_streaks_run_at_their_angle(angle: float) -> None:
    field = streaks(np.random.default_rng(2), (120, 120), (30.0, 3.0), angle)
    along_rows = np.abs(np.diff(field[20:-20, 20:-20], axis=1)).mean()
    down = np.abs(np.diff(field[20:-20, 20:-20], axis=0)).mean()
    assert (along_rows < 0.4 * down) == (angle == 0)
