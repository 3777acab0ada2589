from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from inference.landmarks import CORNERS, VERTEBRAE, Landmarks
from inference.polarity import is_bone_dark
from tests.inference.spines import straight


def drawn(landmarks: Landmarks, body: float, disc: float) -> np.ndarray:
    """Return the bodies of `straight` as boxes on a background as grey as the discs."""
    pixels = np.full((700, 300), disc, np.float32)
    for corners in landmarks.as_array():
        if np.isfinite(corners).all():
            (left, top), (right, bottom) = corners.min(0), corners.max(0)
            pixels[round(top) : round(bottom) + 1, round(left) : round(right) + 1] = body
    return pixels


def test_bodies_darker_than_discs_mean_dark_bone() -> None:
    spine = straight()
    assert not is_bone_dark(drawn(spine, 0.6, 0.5), spine.as_array())
    assert is_bone_dark(drawn(spine, 0.5, 0.6), spine.as_array())


def test_bright_surroundings_do_not_make_bone_dark() -> None:
    spine = straight()
    pixels = drawn(spine, 0.3, 0.2)
    left, right = spine.as_array()[..., 0].min(), spine.as_array()[..., 0].max()
    pixels[:, : int(left)] = pixels[:, int(right) + 1 :] = 0.9
    assert not is_bone_dark(pixels, spine.as_array())


@pytest.mark.parametrize("left_out", [VERTEBRAE[1::2], VERTEBRAE[1:], VERTEBRAE])
def test_bone_is_assumed_bright_without_a_disc_between_two_bodies(left_out) -> None:
    spine = straight()
    few = Landmarks({v: body for v, body in spine.bodies.items() if v not in left_out})
    assert not is_bone_dark(drawn(spine, 0.2, 0.8), few.as_array())


def test_some_bright_discs_do_not_make_bone_dark() -> None:
    """Calcified or fused discs can be brighter than the bodies."""
    spine = straight()
    pixels = drawn(spine, 0.5, 0.4)
    corners = spine.as_array()
    for above, below in pairwise(corners[1:5]):
        top, bottom = round(above[2:, 1].max()) + 1, round(below[:2, 1].min())
        pixels[top:bottom] = 0.8
    assert not is_bone_dark(pixels, corners)


def test_one_missing_corner_leaves_the_other_discs_to_decide() -> None:
    spine = straight().moved(VERTEBRAE[0], CORNERS[0], None)
    assert is_bone_dark(drawn(straight(), 0.2, 0.8), spine.as_array())
