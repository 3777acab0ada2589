from __future__ import annotations

import itertools

import numpy as np
import pytest

from inference.phantom.aorta import CELLS, GROUP_SHARES, Aorta, grade, sample_aorta, sample_grades
from inference.phantom.population import sample_spine


def aortas(count: int) -> list[Aorta]:
    sampled = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        sampled.append(sample_aorta(rng, sample_spine(rng)))
    return sampled


def test_summed_plaques_have_the_reference_grade() -> None:
    """Kauppila 1997: the calcified share of each wall's length in the level."""
    for aorta in aortas(40):
        for cell in CELLS:
            level, wall = cell.split("_")
            share = sum(
                plaque.end - plaque.start
                for plaque in aorta.plaques
                if plaque.level == level and plaque.wall == wall
            )
            assert grade(share) == aorta.grades[cell]


def test_plaques_of_a_wall_do_not_overlap() -> None:
    for aorta in aortas(40):
        for cell in CELLS:
            level, wall = cell.split("_")
            pieces = sorted(
                (plaque.start, plaque.end)
                for plaque in aorta.plaques
                if plaque.level == level and plaque.wall == wall
            )
            assert all(0 <= start < end <= 1 + 1e-9 for start, end in pieces)
            assert all(a[1] <= b[0] + 1e-9 for a, b in itertools.pairwise(pieces))


@pytest.mark.parametrize(("share", "expected"), [(1 / 3, 1), (2 / 3, 2), (0.0, 0), (1.0, 3)])
def test_boundary_belongs_to_the_lower_grade(share: float, expected: int) -> None:
    assert grade(share) == expected


def test_groups_have_the_published_prevalence() -> None:
    rng = np.random.default_rng(5)
    totals = np.array([sum(sample_grades(rng).values()) for _ in range(3000)])
    shares = [np.mean(totals <= 1), np.mean((totals >= 2) & (totals <= 5)), np.mean(totals >= 6)]
    assert shares == pytest.approx(GROUP_SHARES, abs=0.03)
    assert totals.max() <= 24


def test_anterior_wall_lies_in_front_of_the_posterior_one() -> None:
    for aorta in aortas(10):
        assert np.all(aorta.anterior[:, 0] > aorta.posterior[:, 0])
