from __future__ import annotations

import numpy as np
import pytest

from inference.decoding.column_geometry import BODY_TERMS, STEP_TERMS, measure_column
from inference.decoding.vertebrae import DetectedBody
from tests.inference.decoding.test_vertebrae import body


def tilted(x: float, y: float, degrees: float, size: float = 20.0) -> DetectedBody:
    upright = body(x, y, size=size)
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = (upright.corners - upright.center) @ turn + upright.center
    return DetectedBody(corners, 0.9, 0.9, np.empty(0))


def mirrored(one: DetectedBody) -> DetectedBody:
    return DetectedBody(one.corners * (-1, 1), 0.9, 0.9, np.empty(0))


def test_tilt_is_positive_where_anterior_is_lower() -> None:
    geometry = measure_column([tilted(50, 20, 10), tilted(50, 45, 30)])
    assert geometry.bodies[:, BODY_TERMS.index("tilt_deg")] == pytest.approx([10, 30])
    assert geometry.steps[0, STEP_TERMS.index("turn_deg")] == pytest.approx(20)


def test_mirrored_column_has_the_same_geometry() -> None:
    column = [tilted(50, 20, -5), tilted(52, 45, 10, size=24), tilted(50, 75, 35)]
    plain, reversed_ = measure_column(column), measure_column([mirrored(b) for b in column])
    assert reversed_.bodies == pytest.approx(plain.bodies)
    assert reversed_.steps == pytest.approx(plain.steps)


def test_size_of_the_subject_does_not_matter() -> None:
    column = [body(50, 20), body(50, 46, size=22), body(52, 74, size=24)]
    larger = [DetectedBody(b.corners * 3, 0.9, 0.9, np.empty(0)) for b in column]
    assert measure_column(larger).bodies == pytest.approx(measure_column(column).bodies)
    assert measure_column(larger).steps == pytest.approx(measure_column(column).steps)


def test_coinciding_corners_give_finite_values() -> None:
    flat = DetectedBody(np.full((4, 2), 5.0), 0.9, 0.9, np.empty(0))
    geometry = measure_column([flat, body(50, 20)])
    assert np.isfinite(geometry.bodies).all()
    assert np.isfinite(geometry.steps).all()
