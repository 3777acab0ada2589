"""Patches of the second stage: where they are cut, and the corners that their maps show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.decoding.corner_patches import (
    DEPTHS,
    HEIGHTS,
    PRIOR_SPREAD,
    PatchFrames,
    cut_corner_patches,
    locate_in_patches,
)

SIZE = 96
MAP = 48


def body(
    center: tuple[float, float], *, depth: float = 40, height: float = 30, tilt_deg: float = 0
) -> NDArray[np.float64]:
    """Return corners (1, 4, 2) of a rectangular body."""
    angle = np.deg2rad(tilt_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]]) * (depth / 2, height / 2)
    return (corners @ turn + center)[None]


coordinates = st.floats(-200, 700)
bodies = st.builds(
    body,
    st.tuples(coordinates, coordinates),
    depth=st.floats(6, 200),
    height=st.floats(6, 200),
    tilt_deg=st.floats(-80, 80),
)


@given(bodies, st.tuples(coordinates, coordinates))
def test_points_return_from_a_patch_unchanged(
    corners: NDArray[np.float64], point: tuple[float, float]
) -> None:
    frames = PatchFrames.around(corners)
    points = np.array([[point]])
    there = frames.to_patch(points, SIZE)
    assert np.allclose(frames.to_input(there, SIZE), points, atol=1e-6)


@given(bodies)
def test_a_body_of_any_size_and_tilt_has_the_same_place(corners: NDArray[np.float64]) -> None:
    on_patch = PatchFrames.around(corners).to_patch(corners, SIZE)
    middle = (SIZE - 1) / 2
    expected = [
        (middle + x * SIZE / 4 / DEPTHS, middle + y * SIZE / 4 / HEIGHTS)
        for y in (-1, 1)
        for x in (-1, 1)
    ]
    assert np.allclose(on_patch[0], expected, atol=1e-6)


def test_collapsed_body_still_has_a_patch() -> None:
    corners = np.full((1, 4, 2), 50.0)
    frames = PatchFrames.around(corners)
    assert np.isfinite(frames.to_patch(corners, SIZE)).all()
    assert np.isfinite(cut_corner_patches(np.eye(100, dtype=np.float32), frames, SIZE)).all()


@pytest.mark.parametrize("tilt_deg", [0, 35, -70])
def test_patch_shows_what_lies_at_its_points(tilt_deg: float) -> None:
    grey = np.zeros((300, 200), np.float32)
    grey[148:153, 112:117] = 1  # a bright square whose centre is (114, 150)
    corners = body((105, 140), depth=48, height=40, tilt_deg=tilt_deg)
    frames = PatchFrames.around(corners)
    patch = cut_corner_patches(grey, frames, SIZE)[0]
    weights = patch - patch.min()
    ys, xs = np.mgrid[:SIZE, :SIZE]
    center = [(weights * xs).sum(), (weights * ys).sum()] / weights.sum()
    assert np.allclose(center, frames.to_patch(np.array([[[114.0, 150.0]]]), SIZE)[0, 0], atol=0.15)


def test_patch_does_not_depend_on_contrast_and_brightness() -> None:
    grey = np.random.default_rng(0).random((200, 120)).astype(np.float32)
    frames = PatchFrames.around(body((60, 100)))
    patch = cut_corner_patches(grey, frames, SIZE)
    assert abs(float(patch.mean())) < 1e-3
    assert np.allclose(patch, cut_corner_patches(0.2 * grey + 0.3, frames, SIZE), atol=1e-4)


def test_patch_of_a_uniform_image_is_grey() -> None:
    patch = cut_corner_patches(
        np.full((64, 64), 0.7, np.float32), PatchFrames.around(body((30, 30))), SIZE
    )
    assert np.abs(patch).max() < 1e-3


def test_border_is_repeated_outside_the_image() -> None:
    grey = np.tile(np.linspace(0, 1, 80, dtype=np.float32), (80, 1))
    patch = cut_corner_patches(grey, PatchFrames.around(body((40, 0))), SIZE)[0]
    assert np.allclose(patch, patch[-1], atol=1e-3)


def maps_with_peaks(*peaks: tuple[int, int]) -> NDArray[np.float32]:
    logits = np.zeros((1, 4, MAP, MAP), np.float32)
    for x, y in peaks:
        logits[:, :, y, x] = 20
    return logits


def test_corner_is_where_its_map_peaks() -> None:
    first = np.full((1, 4, 2), 20.0)
    assert np.allclose(
        locate_in_patches(maps_with_peaks((24, 17)), first).positions, (24, 17), atol=0.01
    )


def test_of_two_equal_peaks_the_one_near_the_first_stage_counts() -> None:
    logits = maps_with_peaks((10, 10), (40, 40))
    first = np.full((1, 4, 2), 12.0)
    assert np.allclose(locate_in_patches(logits, first).positions, (10, 10), atol=0.1)


def test_map_without_a_peak_keeps_the_corner_of_the_first_stage() -> None:
    first = np.array([[[20.0, 22.0]] * 4])
    located = locate_in_patches(np.zeros((1, 4, MAP, MAP), np.float32), first).positions
    assert np.abs(located - first).max() < 1.0


def test_covariances_are_those_of_the_maps_in_the_directions_of_the_patch() -> None:
    ys, xs = np.mgrid[:MAP, :MAP]
    tilted = -(((xs - 24) + (ys - 20)) ** 2) / 64 - ((xs - 24) - (ys - 20)) ** 2 / 4
    logits = np.broadcast_to(tilted.astype(np.float32), (1, 4, MAP, MAP))
    located = locate_in_patches(logits, np.full((1, 4, 2), (24.0, 20.0)))
    # Variances of 32 / 2 along (1, 1) and 2 / 2 along (1, -1), narrowed by the Gaussian around the
    # first stage.
    spread = (PRIOR_SPREAD * MAP) ** 2
    along, across = (1 / (1 / value + 1 / spread) for value in (16.0, 1.0))
    expected = np.array([[along + across, along - across], [along - across, along + across]]) / 2
    assert np.allclose(located.covariances, expected, rtol=0.02)
    frames = PatchFrames.around(body((60, 100)))
    points = np.random.default_rng(0).multivariate_normal((24, 20), expected, 4000)
    in_input = frames.to_input(points[None], MAP)[0]
    converted = frames.covariances_to_input(located.covariances, MAP)[0, 0]
    assert np.allclose(np.cov(in_input.T), converted, rtol=0.15)
