from __future__ import annotations

import numpy as np
import pytest

from inference.phantom.anatomy import LEVELS
from inference.phantom.bones.vertebral_body import add_body
from inference.phantom.population import sample_spine
from inference.phantom.raster import Grid


@pytest.mark.parametrize("seed", range(6))
def test_bodies_are_stacked_in_cranio_caudal_order(seed: int) -> None:
    spine = sample_spine(np.random.default_rng(seed), odd_count=0.0)
    assert [body.level for body in spine.bodies] == [name for name in LEVELS if name != "L6"]
    heights = [body.center[1] for body in spine.bodies]
    assert heights == sorted(heights)
    for body in spine.bodies:
        superior_posterior, superior_anterior, inferior_posterior, inferior_anterior = (
            body.corners()
        )
        assert superior_anterior[0] > superior_posterior[0]
        assert inferior_anterior[0] > inferior_posterior[0]
        assert inferior_posterior[1] > superior_posterior[1]
        assert inferior_anterior[1] > superior_anterior[1]


@pytest.mark.parametrize("seed", range(3, 11))
def test_landmark_is_the_tip_of_the_rounded_corner(seed: int) -> None:
    """docs/corner-convention.md: half a millimetre inside is bone, half outside is not."""
    grid = Grid(-30, -30, 1200, 1200, 0.05, 0.05)
    body = sample_spine(np.random.default_rng(seed)).body("L3")
    plain = {"center": (0.0, 0.0), "roll_superior": 0.0, "roll_inferior": 0.0, "rims_back": 0.0}
    values = {name: getattr(body, name) for name in body.__slots__}
    body = type(body)(**{**values, **plain, "lip_superior": 0.0, "lip_inferior": 0.0})
    canvas = np.zeros((1200, 1200), np.float32)
    add_body(canvas, grid, body, fill=1.0, endplate=0.0, wall=0.0, shell_mm=0.5)
    for corner in body.corners():
        inward = -corner / np.linalg.norm(corner)
        for step, bone in ((0.5, True), (-0.5, False)):
            column, row = np.rint(grid.to_pixels(corner + step * inward)).astype(int)
            assert (canvas[row, column] > 0.2) == bone


def test_osteophyte_does_not_move_the_landmark() -> None:
    body = sample_spine(np.random.default_rng(4)).body("L2")
    values = {name: getattr(body, name) for name in body.__slots__}
    lipped = type(body)(**{**values, "lip_superior": 6.0})
    assert np.array_equal(lipped.corners(), body.corners())


def test_lordosis_of_the_population_is_that_of_adults() -> None:
    """About 50 degrees between the endplates of L1 and L5, as in supine patients."""
    angles = []
    for seed in range(200):
        spine = sample_spine(np.random.default_rng(seed), odd_count=0.0)
        upper, lower = spine.body("L1").corners(), spine.body("L5").corners()
        top = np.arctan2(*(upper[1] - upper[0])[::-1])
        bottom = np.arctan2(*(lower[3] - lower[2])[::-1])
        angles.append(np.rad2deg(bottom - top))
    assert 25 < np.mean(angles) < 55
    assert 5 < np.std(angles) < 25


def test_some_subjects_have_four_or_six_lumbar_bodies() -> None:
    counts = [
        len(sample_spine(np.random.default_rng(seed), odd_count=1.0).lumbar) for seed in range(40)
    ]
    assert set(counts) == {4, 6}


def test_absent_vertebra_has_no_corners() -> None:
    spine = sample_spine(np.random.default_rng(1), odd_count=0.0)
    missing = np.isnan(spine.corners()).all(axis=(1, 2))
    assert [name for name, gone in zip(LEVELS, missing, strict=True) if gone] == ["L6"]
    with pytest.raises(KeyError):
        spine.body("L6")
