from __future__ import annotations

import numpy as np
import pytest

from inference.evaluation.calibration.cue_removal import CUES, cut_ends, hide_pelvis, hide_ribs
from inference.phantom import Phantom, generate
from inference.phantom.anatomy import LEVELS


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return generate(7_900_000, family="ge_prodigy", partial=0.0, mirrored=0.0, odd_count=0.0)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def changed(before: Phantom, after: Phantom) -> np.ndarray:
    return np.abs(after.pixels.astype(int) - before.pixels.astype(int)) > 2


def test_hidden_ribs_leave_bodies_and_pelvis_unchanged(phantom: Phantom) -> None:
    difference = changed(phantom, hide_ribs(phantom, rng()))
    t10 = phantom.corners[LEVELS.index("T10")]
    # The edge of the hidden region is soft, so the middle of a body is compared.
    (x, y), reach = t10.mean(axis=0).astype(int), int(np.ptp(t10[:, 0]) / 5)
    inside = difference[y - reach : y + reach, x - reach : x + reach]
    below = int(phantom.corners[LEVELS.index("L3")][:, 1].max())
    assert difference.any()
    assert inside.mean() < 0.02
    assert not difference[below:].any()


def test_hidden_pelvis_leaves_everything_above_l4_unchanged(phantom: Phantom) -> None:
    difference = changed(phantom, hide_pelvis(phantom, rng()))
    l4 = int(phantom.corners[LEVELS.index("L4")][:2, 1].max())
    assert difference[l4 + 40 :].any()
    assert not difference[:l4].any()


def test_cut_image_keeps_its_landmarks_on_the_anatomy(phantom: Phantom) -> None:
    for seed in range(6):
        cut = cut_ends(phantom, np.random.default_rng(seed))
        offset = phantom.corners[0, 0, 1] - cut.corners[0, 0, 1]
        rows = slice(round(offset), round(offset) + cut.pixels.shape[0])
        assert np.array_equal(cut.pixels, phantom.pixels[rows])
        l2 = cut.corners[LEVELS.index("L2")].mean(axis=0)
        assert 0 < l2[1] < cut.pixels.shape[0]


def test_every_removal_leaves_the_phantom_itself_unchanged(phantom: Phantom) -> None:
    before = phantom.pixels.copy()
    for removal in CUES.values():
        if removal is not None:
            removal(phantom, rng())
    assert np.array_equal(phantom.pixels, before)
