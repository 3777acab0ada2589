from __future__ import annotations

import numpy as np
import pytest

from inference.bench.landmarks import compare_bodies
from inference.decoding.vertebrae import DetectedBody


def body(x: float, y: float, shift: float = 0.0) -> DetectedBody:
    square = np.array([[-9.0, -9.0], [9.0, -9.0], [-9.0, 9.0], [9.0, 9.0]])
    return DetectedBody(square + np.array([x + shift, y]), 1.0, 1.0, np.empty(0))


def test_distances_are_those_of_matching_corners() -> None:
    shift = compare_bodies([body(50, 50), body(50, 90)], [body(50, 90, 0.5), body(50, 50)])
    assert sorted(shift.distances) == pytest.approx([0] * 4 + [0.5] * 4)
    assert shift.unmatched == 0
    assert shift.percentile(100) == pytest.approx(0.5)


def test_body_of_only_one_set_is_unmatched() -> None:
    assert compare_bodies([body(50, 50), body(50, 90)], [body(50, 50)]).unmatched == 2
    assert compare_bodies([body(50, 50)], []).distances.size == 0
