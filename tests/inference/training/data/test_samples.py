from __future__ import annotations

import numpy as np

from inference.phantom.families import CLASSIC, DEMANDING
from inference.phantom.scene import sample_scene
from inference.training.data import samples
from inference.training.data.samples import (
    MAX_CROP_SHARE,
    PhantomRecipe,
    all_body_targets,
    crop_and_resize,
    draw_example,
)

SMALL = PhantomRecipe(size=(256, 128))


def test_same_seed_gives_the_same_example() -> None:
    first, second = draw_example(5, SMALL), draw_example(5, SMALL)
    assert np.array_equal(first.grey, second.grey)
    assert np.array_equal(first.corners, second.corners)


def test_heat_peaks_where_the_visible_bodies_are() -> None:
    example = draw_example(7, PhantomRecipe(size=(256, 128), mirrored=0.0, other_view=0.0))
    arrays = all_body_targets(example)
    assert arrays["body"].sum() == example.visible.sum() >= 4
    for k in np.flatnonzero(arrays["body"]):
        x, y = np.rint(arrays["center"][k]).astype(int)
        assert arrays["heat"][min(y, 63), min(x, 31)] > 0.99


def test_mirrored_images_and_other_views_do_not_train_bodies() -> None:
    mirrored = all_body_targets(
        draw_example(7, PhantomRecipe(size=(256, 128), mirrored=1.0, other_view=0.0))
    )
    other = all_body_targets(draw_example(7, PhantomRecipe(size=(256, 128), other_view=1.0)))
    assert (mirrored["anterior_right"], mirrored["view"]) == (0, 1)
    assert other["view"] == 0
    assert not mirrored["body"].any()
    assert not other["body"].any()


def test_grey_values_stay_between_black_and_white() -> None:
    for seed in range(8):
        grey = draw_example(seed, SMALL).grey
        assert grey.dtype == np.float32
        assert grey.min() >= 0
        assert grey.max() <= 1


def test_neighbouring_seeds_share_a_subject_but_not_an_image() -> None:
    recipe = PhantomRecipe(size=(256, 128), other_view=0.0, cropped=0.0, uses=2)
    first, second, third = (draw_example(seed, recipe) for seed in (10, 11, 12))
    assert np.array_equal(first.corners, second.corners)
    assert not np.array_equal(first.grey, second.grey)
    assert not np.array_equal(first.corners, third.corners)


def test_corners_follow_the_image_when_it_is_cropped() -> None:
    plain = {"size": (256, 128), "other_view": 0.0, "mirrored": 0.0, "masked": 0.0}
    whole = draw_example(21, PhantomRecipe(**plain, cropped=0.0))
    cut = draw_example(21, PhantomRecipe(**plain, cropped=1.0))
    scale = (cut.corners[5] - cut.corners[4]) / (whole.corners[5] - whole.corners[4])
    assert np.all((scale[:, 1] > 1) & (scale[:, 1] < 1 / (1 - 2 * MAX_CROP_SHARE)))
    dots = np.zeros((256, 128), np.float32)
    dots[100:103, 40:43] = 1
    seen, corners = crop_and_resize(
        np.random.default_rng(3), dots, np.full((17, 4, 2), (41.0, 101.0))
    )
    rows, columns = np.indices(seen.shape)
    middle = [(seen * columns).sum() / seen.sum(), (seen * rows).sum() / seen.sum()]
    assert np.allclose(middle, corners[0, 0], atol=0.05)


def test_share_of_demanding_families_is_that_of_the_recipe(monkeypatch):
    drawn = []

    # An example does not name its family, so the choice is noted on its way to the real function.
    def note_family(rng, *, family, **options):
        drawn.append(family)
        return sample_scene(rng, family=family, **options)

    monkeypatch.setattr(samples, "sample_scene", note_family)
    for demanding, families in ((0.0, CLASSIC), (1.0, DEMANDING)):
        drawn.clear()
        recipe = PhantomRecipe(size=(64, 32), other_view=0.0, uses=1, demanding=demanding)
        for seed in range(8):
            draw_example(seed, recipe)
        assert set(drawn) <= set(families)
        assert len(drawn) == 8
