"""Osteophytes, bridges, gas, sclerosis and doubled endplates in the bone map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.phantom.anatomy import BodyShape, Spine
from inference.phantom.bones.discs import add_discs
from inference.phantom.bones.pelvis import add_pelvis
from inference.phantom.bones.vertebral_body import add_body
from inference.phantom.population import sample_spine
from inference.phantom.raster import Grid

GRID = Grid(-60, -60, 480, 480, 0.25, 0.25)


@pytest.fixture
def spine() -> Spine:
    """Return a spine whose L3 is centred and not tilted, without osteophytes."""
    plain = {"rims_back": 0.0, "dents": (), "lip_superior": 0.0, "lip_inferior": 0.0}
    sampled = sample_spine(np.random.default_rng(4), odd_count=0.0)
    return replace(
        sampled,
        bodies=tuple(
            replace(body, roll_superior=0.0, roll_inferior=0.0, **plain) for body in sampled.bodies
        ),
    )


def drawn(body: BodyShape) -> np.ndarray:
    canvas = np.zeros((GRID.height, GRID.width), np.float32)
    add_body(canvas, GRID, body, fill=0.4, endplate=0.3, wall=0.1, shell_mm=0.8)
    return canvas


def discs(spine: Spine) -> np.ndarray:
    canvas = np.zeros((GRID.height, GRID.width), np.float32)
    add_discs(np.random.default_rng(5), canvas, GRID, spine, 0.4, 0.0)
    return canvas


@pytest.mark.parametrize(
    ("name", "corner"),
    [
        ("lip_superior_posterior", 0),
        ("lip_superior", 1),
        ("lip_inferior_posterior", 2),
        ("lip_inferior", 3),
    ],
)
def test_osteophyte_extends_the_bone_at_its_corner_only(spine, name: str, corner: int) -> None:
    body = spine.body("L3")
    added = drawn(replace(body, **{name: 5.0})) - drawn(body)
    rows, columns = np.nonzero(np.abs(added) > 0.05)
    tip = GRID.to_pixels(body.corners()[corner])
    distance = np.hypot(columns - tip[0], rows - tip[1]) * 0.25
    assert rows.size > 20
    assert np.quantile(distance, 0.9) < 8


def test_doubled_endplate_has_two_rims_at_their_distance(spine) -> None:
    body = replace(spine.body("L3"), tilt=0.0, center=(0.0, 0.0), roll_superior=4.0)
    column = drawn(body)[:, 240]
    peaks = [
        row
        for row in range(1, 240)
        if column[row] > 0.15 and column[row] >= column[row - 1] and column[row] > column[row + 1]
    ]
    assert (peaks[-1] - peaks[0]) * 0.25 == pytest.approx(8, abs=1.2)


def test_sclerotic_endplate_is_brighter(spine) -> None:
    body = spine.body("L3")
    hard = drawn(replace(body, sclerosis_superior=1.5))
    assert hard.max() > 1.2 * drawn(body).max()


def test_gas_darkens_a_disc_and_a_bridge_joins_two_bodies(spine) -> None:
    k = [body.level for body in spine.bodies].index("L3")
    below = GRID.to_pixels(
        (spine.bodies[k].corners()[2:].mean(0) + spine.bodies[k + 1].corners()[:2].mean(0)) / 2
    )
    x, y = np.rint(below).astype(int)
    window = (slice(y - 14, y + 15), slice(x - 30, x + 31))
    assert (discs(replace(spine, vacuum=(k,))) - discs(spine))[window].min() < -0.1
    for side, corner in (("anterior", 1), ("posterior", 0)):
        bridged = discs(replace(spine, bridges=((k, side),))) - discs(spine)
        start = GRID.to_pixels(spine.bodies[k].corners()[corner + 2])
        end = GRID.to_pixels(spine.bodies[k + 1].corners()[corner])
        rows = range(round(start[1]), round(end[1]) + 1)
        near = slice(round(min(start[0], end[0])) - 36, round(max(start[0], end[0])) + 37)
        assert all(bridged[row, near].max() > 0.05 for row in rows)


def test_obscuring_pelvis_covers_l5_with_at_least_the_brightness_of_a_body(spine) -> None:
    grid = Grid(-120, -60, 240, 260, 1.0, 1.0)
    column, row = np.rint(grid.to_pixels(np.array(spine.body("L5").center))).astype(int)
    values: dict[bool, list[float]] = {False: [], True: []}
    for obscured, centres in values.items():
        for seed in range(30):
            canvas = np.zeros((grid.height, grid.width), np.float32)
            add_pelvis(np.random.default_rng(seed), canvas, grid, spine, obscured=obscured)
            centres.append(float(canvas[row, column]))
    assert np.median(values[True]) > 0.5
    assert np.median(values[True]) > 2 * np.median(values[False])
