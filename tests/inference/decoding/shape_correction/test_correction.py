"""How far corners are moved by the shape of their column."""

from __future__ import annotations

import numpy as np
import pytest

from inference.decoding.shape_correction.correction import (
    SATURATION,
    LevelCorrection,
    ShapeCorrection,
    read_correction,
)
from inference.decoding.shape_correction.local_shape import FEATURES, LocalShape
from inference.network.weights_header import read_header
from inference.predictor import SHIPPED_WEIGHTS
from tests.inference.decoding.shape_correction.columns import column, round_maps


@pytest.fixture
def correction() -> ShapeCorrection:
    """Return a correction with random coefficients around the shape of `column`."""
    rng = np.random.default_rng(0)
    levels = []
    for body in range(6):
        shape = LocalShape.of(column(), body)
        assert shape is not None
        levels.append(
            LevelCorrection(
                np.nan_to_num(shape.features),
                np.full(FEATURES, 0.05),
                rng.normal(0, 0.1, (FEATURES + 1, 8)),
            )
        )
    return ShapeCorrection(tuple(levels), {"made": "for a test"})


def uneven() -> np.ndarray:
    return column() + np.random.default_rng(1).normal(0, 1.5, (6, 4, 2))


def test_corners_whose_maps_have_no_extent_stay(correction: ShapeCorrection) -> None:
    assert np.array_equal(correction.apply(uneven(), round_maps(0.0)), uneven())


def test_shift_is_proportional_to_the_extent_of_the_map(correction: ShapeCorrection) -> None:
    narrow = correction.apply(uneven(), round_maps(1.0)) - uneven()
    wide = correction.apply(uneven(), round_maps(9.0)) - uneven()
    assert np.abs(narrow).max() > 0.05
    assert np.allclose(wide, 3 * narrow)


def test_correction_does_not_depend_on_position_size_and_tilt(correction: ShapeCorrection) -> None:
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    plain = correction.apply(uneven(), round_maps())
    moved = correction.apply(3 * uneven() @ turn + (50, -20), 9 * round_maps())
    assert np.allclose(moved, 3 * plain @ turn + (50, -20))


def test_an_unusual_shape_does_not_move_corners_without_limit(correction: ShapeCorrection) -> None:
    deformed = uneven()
    deformed[2, 1] += (0, 15)  # half a body height: a severe fracture
    spread = float(np.sqrt(round_maps()[0, 0, 0, 0]))
    for body, level in enumerate(correction.levels):
        # Two coordinates of a corner move together.
        most = np.hypot(*(np.abs(level.coefficients) * SATURATION).sum(axis=0).reshape(4, 2).T)
        shift = np.linalg.norm((correction.apply(deformed, round_maps()) - deformed)[body], axis=1)
        assert (shift <= most * spread).all()


def test_missing_bodies_stay_missing_and_do_not_matter(correction: ShapeCorrection) -> None:
    corners, maps = uneven(), round_maps()
    corners[5], maps[5] = np.nan, np.nan
    corrected = correction.apply(corners, maps)
    assert np.isnan(corrected[5]).all()
    assert np.isfinite(corrected[:5]).all()
    # Bodies beyond the reach of the missing one are corrected as before.
    assert np.allclose(corrected[:3], correction.apply(uneven(), round_maps())[:3])


def test_correction_can_be_stored(correction: ShapeCorrection) -> None:
    again = ShapeCorrection.from_dict(correction.to_dict())
    assert again.origin == correction.origin
    assert np.allclose(
        again.apply(uneven(), round_maps()), correction.apply(uneven(), round_maps()), atol=1e-2
    )


def test_incomplete_coefficients_are_refused(correction: ShapeCorrection) -> None:
    data = correction.to_dict()
    data["levels"]["L3"]["coefficients"].pop()
    with pytest.raises(ValueError, match="L3"):
        ShapeCorrection.from_dict(data)


def test_shipped_correction_belongs_to_the_bundled_weights() -> None:
    assert read_correction().origin["weights"]["sha256"] == read_header(SHIPPED_WEIGHTS).checksum
