from __future__ import annotations

from dataclasses import replace

import numpy as np

from inference.network.configuration import RefinerPlan
from inference.training.data.corner_patches import patch_targets
from inference.training.data.samples import Example, PhantomRecipe, draw_example

PLAN = RefinerPlan(size=32)
ORDINARY = PhantomRecipe(size=(256, 128), mirrored=0.0, other_view=0.0, partial=0.0, cropped=0.0)


def targets(example: Example, *, count: int = 4, seed: int = 0) -> dict[str, np.ndarray]:
    return patch_targets(example, PLAN, count, np.random.default_rng(seed))


def test_corners_lie_near_those_of_the_simulated_first_stage() -> None:
    result = targets(draw_example(4, ORDINARY), count=6)
    assert result["patches"].shape == (6, 32, 32)
    distance = np.linalg.norm(result["patch_corners"] - result["patch_first"], axis=-1)
    known = result["patch_known"]
    assert known.mean() > 0.9
    # In cells of 1 / 16 of a patch, which is 1.8 depths of a body wide.
    assert 0.05 < np.median(distance[known]) < 1.0


def test_same_randomness_gives_the_same_patches() -> None:
    example = draw_example(4, ORDINARY)
    first, second, other = targets(example), targets(example), targets(example, seed=1)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert not np.array_equal(first["patches"], other["patches"])


def test_image_with_fewer_bodies_leaves_patches_empty() -> None:
    example = draw_example(4, ORDINARY)
    visible = np.zeros_like(example.visible)
    visible[np.flatnonzero(example.visible)[3]] = True
    result = targets(replace(example, visible=visible))
    assert result["patch_known"][0].any()
    assert not result["patch_known"][1:].any()
    assert not result["patches"][1:].any()


def test_mirrored_images_and_other_views_have_no_patches() -> None:
    mirrored = draw_example(7, replace(ORDINARY, mirrored=1.0))
    other = draw_example(7, replace(ORDINARY, other_view=1.0))
    for example in (mirrored, other):
        assert not targets(example)["patch_known"].any()


def test_corners_outside_the_image_are_not_trained_on() -> None:
    example = draw_example(4, ORDINARY)
    body = int(np.flatnonzero(example.visible)[3])
    corners = example.corners.copy()
    corners[body] += (256 - corners[body, 0, 0], 0)
    corners[body, 0] = (-3, corners[body, 0, 1])
    visible = np.zeros_like(example.visible)
    visible[body] = True
    result = targets(replace(example, corners=corners, visible=visible), count=1)
    assert not result["patch_known"][0, 0]
