"""Degenerative spines: what is drawn, and that the landmarks stay right."""

from __future__ import annotations

import itertools

import numpy as np

from inference.phantom.anatomy import Spine
from inference.phantom.degeneration import MAX_RIM_DISTANCE_MM, MIN_DISC_MM
from inference.phantom.population import sample_spine


def worn(count: int) -> list[Spine]:
    return [
        sample_spine(np.random.default_rng(seed), odd_count=0.0, degenerative=True)
        for seed in range(count)
    ]


def disc_heights(spine: Spine) -> np.ndarray:
    """Return the distances (discs, 2) in mm between endplates at their posterior and anterior ends.

    The corners are rounded, so they are further apart than the endplates.
    """
    corners = np.array([body.corners() for body in spine.bodies])
    return np.linalg.norm(corners[1:, :2] - corners[:-1, 2:], axis=2)


def test_discs_are_narrowed_to_a_millimetre_and_endplates_never_cross() -> None:
    narrowest = []
    for spine in worn(60):
        for above, below in itertools.pairwise(spine.bodies):
            tilt = (above.tilt + below.tilt) / 2
            gaps = (below.corners()[:2] - above.corners()[2:]) @ [-np.sin(tilt), np.cos(tilt)]
            assert (gaps > 0).all()
        narrowest.append(disc_heights(spine).mean(1)[6:].min())
    assert MIN_DISC_MM <= min(narrowest) < MIN_DISC_MM + 2
    assert np.median(narrowest) < 5


def test_rims_of_rotated_endplates_are_up_to_eight_millimetres_apart() -> None:
    distances = [
        2 * roll
        for spine in worn(60)
        for body in spine.bodies
        for roll in (body.roll_superior, body.roll_inferior)
    ]
    assert MAX_RIM_DISTANCE_MM - 0.5 < max(distances) <= MAX_RIM_DISTANCE_MM


def test_osteophytes_bridges_gas_and_sclerosis_occur_at_all_corners() -> None:
    spines = worn(60)
    bodies = [body for spine in spines for body in spine.bodies]
    for name in (
        "lip_superior",
        "lip_inferior",
        "lip_superior_posterior",
        "lip_inferior_posterior",
        "sclerosis_superior",
        "sclerosis_inferior",
    ):
        assert sum(getattr(body, name) > 0.5 for body in bodies) > 0.05 * len(bodies)
    assert {side for spine in spines for _, side in spine.bridges} == {"anterior", "posterior"}
    assert any(spine.vacuum for spine in spines)


def test_slips_move_all_bodies_above_along_the_endplate() -> None:
    steps = []
    for spine in worn(60):
        corners = np.array([body.corners() for body in spine.bodies])
        for k in range(9, len(spine.bodies) - 2):
            way = corners[k + 1, 1] - corners[k + 1, 0]
            gap = corners[k, 2:].mean(0) - corners[k + 1, :2].mean(0)
            steps.append(float(gap @ way / np.linalg.norm(way)))
    assert max(steps) > 5
    assert min(steps) < -3


def test_wedge_and_biconcave_fractures_occur_side_by_side() -> None:
    pairs = 0
    for spine in worn(60):
        wedged = [body.anterior < 0.76 * body.posterior for body in spine.bodies]
        fish = [
            body.concavity_superior + body.concavity_inferior > 0.25 * body.posterior
            for body in spine.bodies
        ]
        pairs += any(
            (wedged[k] and fish[k + 1]) or (fish[k] and wedged[k + 1])
            for k in range(len(wedged) - 1)
        )
    assert pairs > 8
