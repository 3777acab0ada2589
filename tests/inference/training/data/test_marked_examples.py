from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.annotations.marked_images import MarkedImage
from inference.geometry.input_transform import Frame
from inference.network.configuration import LITE, VERTENET
from inference.results import Landmarks, Vertebra
from inference.training.data.augment import Augmentation
from inference.training.data.marked_examples import (
    ROWS,
    anterior_side,
    known_map,
    prepare_marked_example,
)
from inference.training.recipes import RECIPES
from tests.inference.spines import mapped, straight

WIDTH, HEIGHT = 240, 420
IMAGE = np.random.default_rng(0).uniform(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
SMALL_LITE = replace(LITE, input_size=(256, 128))
QUIET = Augmentation(chance=0.0, mirror=0.0)


def marked(landmarks: Landmarks, **more: object) -> MarkedImage:
    return MarkedImage("a.png", WIDTH, HEIGHT, landmarks, **more)


def without(vertebra: str) -> Landmarks:
    bodies = {v: body for v, body in straight().bodies.items() if v != vertebra}
    return Landmarks(bodies)


def test_landmarks_are_transformed_to_the_input_frame() -> None:
    example, _ = prepare_marked_example(IMAGE, marked(straight()), SMALL_LITE)
    frame = Frame(WIDTH, HEIGHT, 128, 256)
    expected = frame.to_frame(straight().as_array())
    assert np.abs(example.corners[ROWS] - expected).max() < 1e-4
    assert example.visible.sum() == 6
    assert (example.anterior_right, example.view) == (1, 1)
    assert np.array_equal(example.grey, frame.resize(IMAGE, antialias=True))


def test_anterior_side_on_the_left_is_mirrored_to_the_right() -> None:
    left = mapped(straight(), lambda x, y: (WIDTH - 1 - x, y))
    assert (anterior_side(straight()), anterior_side(left)) == ("right", "left")
    one, _ = prepare_marked_example(IMAGE, marked(straight()), SMALL_LITE)
    other, _ = prepare_marked_example(IMAGE[:, ::-1].copy(), marked(left), SMALL_LITE)
    assert np.abs(one.corners - other.corners).max() < 1e-3
    assert np.abs(one.grey - other.grey).max() < 1e-5


def test_region_beyond_the_marked_bodies_is_unknown() -> None:
    _, known = prepare_marked_example(IMAGE, marked(straight()), SMALL_LITE)
    rows = np.flatnonzero(known.any(axis=1)) * 4 * HEIGHT / 256
    assert rows.min() == pytest.approx(100, abs=8)
    assert rows.max() == pytest.approx(330, abs=8)
    assert known[len(known) // 2].all()


def test_gap_between_marked_bodies_is_unknown() -> None:
    corners = straight().as_array()
    complete = known_map(corners, np.ones(6, bool), (420, 240))
    incomplete = known_map(corners, np.arange(6) != 2, (420, 240))
    lost = np.flatnonzero((complete - incomplete).any(axis=1)) * 4
    assert lost.min() >= 170
    assert lost.max() <= 220


def test_corner_outside_the_image_is_computed_from_the_other_three() -> None:
    cut = straight().moved(Vertebra.L5, "inferior_anterior", None)
    inside, _ = prepare_marked_example(IMAGE, marked(cut), SMALL_LITE)
    assert inside.visible.sum() == 5
    narrow = IMAGE[:, :130]
    example, _ = prepare_marked_example(
        narrow, replace(marked(straight().within(130, HEIGHT)), width=130), SMALL_LITE
    )
    assert example.visible.sum() == 0
    low = straight().moved(Vertebra.L5, "inferior_anterior", None)
    tilted = low.moved(Vertebra.L5, "superior_anterior", (140.0, 318.0))
    cropped, _ = prepare_marked_example(
        IMAGE[:328], replace(marked(tilted), height=328), SMALL_LITE
    )
    assert cropped.visible.sum() == 6


def test_image_without_landmarks_has_no_known_region() -> None:
    example, known = prepare_marked_example(IMAGE, marked(Landmarks({})), SMALL_LITE)
    assert not example.visible.any()
    assert not known.any()


@given(st.integers(0, 2**32), st.sampled_from(sorted(RECIPES)), st.sampled_from([LITE, VERTENET]))
def test_augmented_landmarks_retain_their_order_and_stay_in_the_image(seed, recipe, config) -> None:
    config = replace(config, input_size=(256, 128))
    rng = np.random.default_rng(seed)
    plan = RECIPES[recipe].augmentation
    example, known = prepare_marked_example(IMAGE, marked(straight()), config, plan, rng)
    assert example.grey.shape == (256, 128)
    assert example.grey.dtype == np.float32
    assert 0 <= example.grey.min() <= example.grey.max() <= 1
    assert example.visible.sum() == 6
    corners = example.corners[ROWS]
    assert (corners > -0.5).all()
    assert (corners < (127.5, 255.5)).all()
    assert (np.diff(corners.mean(axis=1)[:, 1]) > 0).all()
    forward = np.sign(corners[:, 1, 0] - corners[:, 0, 0])
    assert (forward == (1 if example.anterior_right else -1)).all()
    assert known.shape == (64, 32)
    for x, y in corners.mean(axis=1) / 4:
        assert known[int(y), int(x)] == 1


@given(st.integers(0, 2**32))
def test_augmented_landmarks_follow_the_image(seed) -> None:
    spots = np.zeros_like(IMAGE)
    for x, y in straight().as_array().reshape(-1, 2).astype(int):
        spots[y - 2 : y + 3, x - 2 : x + 3] = 1
    plan = replace(QUIET, chance=0.5, brightness=0.0, contrast=(1.0, 1.0), mirror=0.5, trim=0.1)
    example, _ = prepare_marked_example(
        spots, marked(straight()), SMALL_LITE, plan, np.random.default_rng(seed)
    )
    for x, y in np.rint(example.corners[ROWS]).reshape(-1, 2).astype(int):
        assert example.grey[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].max() > 0.4
