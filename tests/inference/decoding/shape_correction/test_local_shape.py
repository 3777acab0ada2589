"""The frame of a body: independent of position, size and tilt of the spine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.decoding.shape_correction.local_shape import FEATURES, LocalShape
from tests.inference.decoding.shape_correction.columns import column


@given(
    tilt=st.floats(-3, 3), scale=st.floats(0.1, 20), shift=st.tuples(*[st.floats(-500, 500)] * 2)
)
def test_shape_does_not_depend_on_position_size_and_tilt(
    tilt: float, scale: float, shift: tuple[float, float]
) -> None:
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    plain = LocalShape.of(column(), 2)
    moved = LocalShape.of(scale * column() @ turn + shift, 2)
    assert plain is not None
    assert moved is not None
    assert np.allclose(plain.features, moved.features, atol=1e-6)
    assert moved.depth == pytest.approx(scale * plain.depth)
    vectors = np.arange(8.0).reshape(4, 2)
    assert np.allclose(moved.to_pixels(moved.to_local(vectors)), vectors)


def test_spread_is_that_along_and_across_the_body() -> None:
    corners = column()
    turned = corners @ np.array([[0.0, 1.0], [-1.0, 0.0]])  # x becomes y
    wide = np.broadcast_to(np.diag([9.0, 1.0]), (4, 2, 2))
    for points, covariances in ((corners, wide), (turned, wide[:, ::-1, ::-1])):
        shape = LocalShape.of(points, 1)
        assert shape is not None
        assert np.allclose(shape.spreads(covariances) * shape.depth, [3, 1] * 4)


def test_missing_neighbours_have_no_features() -> None:
    corners = column()
    corners[1] = np.nan
    shape = LocalShape.of(corners, 0)
    assert shape is not None
    features = shape.features.reshape(-1, 8)
    assert features.size == FEATURES
    assert np.isnan(features).all(axis=1).tolist() == [True, True, False, True, False]


def test_body_that_is_missing_or_a_point_has_no_frame() -> None:
    corners = column()
    corners[3] = np.nan
    corners[4] = corners[4].mean(axis=0)
    assert LocalShape.of(corners, 3) is None
    assert LocalShape.of(corners, 4) is None
