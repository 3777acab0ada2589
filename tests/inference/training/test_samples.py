from __future__ import annotations

import numpy as np

from inference.training.samples import Recipe, draw_example, targets

SMALL = Recipe(size=(256, 128))


def test_same_seed_gives_the_same_example() -> None:
    first, second = draw_example(5, SMALL), draw_example(5, SMALL)
    assert np.array_equal(first.grey, second.grey)
    assert np.array_equal(first.corners, second.corners)


def test_heat_peaks_where_the_visible_bodies_are() -> None:
    example = draw_example(7, Recipe(size=(256, 128), mirrored=0.0, other_view=0.0))
    arrays = targets(example)
    assert arrays["body"].sum() == example.visible.sum() >= 4
    for k in np.flatnonzero(arrays["body"]):
        x, y = np.rint(arrays["center"][k]).astype(int)
        assert arrays["heat"][min(y, 63), min(x, 31)] > 0.99


def test_mirrored_images_and_other_views_train_no_bodies() -> None:
    mirrored = targets(draw_example(7, Recipe(size=(256, 128), mirrored=1.0, other_view=0.0)))
    other = targets(draw_example(7, Recipe(size=(256, 128), other_view=1.0)))
    assert (mirrored["front"], mirrored["view"]) == (0, 1)
    assert other["view"] == 0
    assert not mirrored["body"].any()
    assert not other["body"].any()


def test_grey_values_stay_between_black_and_white() -> None:
    for seed in range(8):
        grey = draw_example(seed, SMALL).grey
        assert grey.dtype == np.float32
        assert grey.min() >= 0
        assert grey.max() <= 1
