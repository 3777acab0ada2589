"""Phantoms for practice: all levels and walls inside the field, groups in turn, exact plaques."""

from __future__ import annotations

import numpy as np
import pytest

from inference.phantom import generate
from inference.phantom.anatomy import LEVELS
from inference.phantom.families import CLASSIC
from studies.analytics.scale import group_of, sum_grades
from studies.practice.instructions.example_images import example_layout
from studies.practice.phantoms import (
    find_seeds,
    practice_layout,
    practice_phantom,
    practice_pixels,
    reference_plaques,
)


def test_layout_is_that_of_the_generated_phantom():
    layout = practice_layout(5_000_001)
    phantom = generate(5_000_001, family=CLASSIC, partial=0.0, odd_count=0.0)
    assert layout.grades == phantom.aac24
    assert np.array_equal(layout.corners, phantom.corners, equal_nan=True)
    assert (layout.grid.height, layout.grid.width) == phantom.pixels.shape
    assert (layout.front_mm, layout.ends_mm) == (phantom.front_mm, phantom.ends_mm)


def test_stored_seeds_keep_their_layout():
    """Practice sets store seeds, and readings of them were graded against these references."""
    layout = practice_layout(5_007_010)
    assert (layout.grid.width, layout.grid.height) == (635, 1332)
    assert layout.corners[LEVELS.index("L2"), 1] == pytest.approx([428.401, 753.709], abs=0.001)
    layout = example_layout(6_000_397)
    assert layout.grades["L3_posterior"] == 0


def test_groups_come_in_turn_and_every_wall_is_inside_the_field():
    phantoms = find_seeds(sequence=7, used=[], number=6)
    totals = [sum_grades(layout.grades.values()) for _, layout in phantoms]
    groups = [group_of(total, (2, 6)) for total in totals]
    assert groups == ["moderate", "high", "low"] * 2
    for seed, layout in phantoms:
        assert min(*layout.front_mm.values(), *layout.ends_mm.values()) >= 2
        assert practice_phantom(seed).image["width"] == layout.grid.width


def test_used_seeds_are_not_returned_again():
    first = [seed for seed, _ in find_seeds(sequence=7, used=[], number=3)]
    more = [seed for seed, _ in find_seeds(sequence=7, used=first, number=3)]
    assert not set(first) & set(more)


def test_sequence_ends_when_its_seeds_are_used_up(monkeypatch):
    monkeypatch.setattr("studies.practice.phantoms.SEEDS_PER_SEQUENCE", 12)
    found_seeds = find_seeds(sequence=1, used=[], number=50)
    assert 0 < len(found_seeds) <= 12


@pytest.mark.parametrize("sequence", [1, 2])
def test_plaques_lie_on_bright_pixels_of_the_image(sequence):
    """The plaques are drawn where the image has them, also in a mirrored image."""
    phantoms = find_seeds(sequence=sequence, used=[], number=6)
    differences = []
    for seed, _ in phantoms:
        phantom = generate(seed, family=CLASSIC, partial=0.0, odd_count=0.0)
        for plaque in reference_plaques(seed):
            points = np.rint(np.array(plaque["points"])).astype(int)
            on = phantom.pixels[points[:, 1], points[:, 0]].mean()
            away = round(6 / phantom.spacing_mm[1])
            last = phantom.pixels.shape[1] - 1
            columns = [np.clip(points[:, 0] + step, 0, last) for step in (-away, away)]
            beside = [phantom.pixels[points[:, 1], column].mean() for column in columns]
            differences.append(on - min(beside))
    assert np.mean(np.array(differences) > 0) > 0.9


def test_cached_image_is_the_drawn_one(settings):
    seed = find_seeds(sequence=3, used=[], number=1)[0][0]
    assert practice_pixels(seed) == practice_pixels(seed)
    assert practice_phantom(seed) == practice_phantom(seed)
