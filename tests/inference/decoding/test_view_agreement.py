from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.decoding.level_labels import label_by_sequence
from inference.decoding.view_agreement import average_votes, measure_disagreement
from inference.network.configuration import LEVEL_CLASSES
from tests.inference.decoding.test_level_labels import RANGE, column, probability_of, votes

SIX = ("T12", "L1", "L2", "L3", "L4", "L5")
SHIFTED = ("T11", "T12", "L1", "L2", "L3", "L4")


def averaged_probability(*views: tuple[str, ...]) -> float:
    bodies = column(votes(*SIX, strength=2.0), RANGE)
    others = [column(votes(*names, strength=2.0), RANGE) for names in views]
    labels = label_by_sequence(average_votes(bodies, others), LEVEL_CLASSES, views=1 + len(others))
    return probability_of(labels)


def test_views_that_disagree_lower_the_probability() -> None:
    assert averaged_probability(SHIFTED) < averaged_probability(SIX) - 0.05


def test_votes_stay_log_probabilities() -> None:
    bodies = column(votes(*SIX), RANGE)
    averaged = average_votes(bodies, [column(votes(*SHIFTED), RANGE)])
    assert [np.exp(body.level).sum() for body in averaged] == pytest.approx([1.0] * 6)


def test_body_that_a_variation_does_not_show_keeps_its_votes() -> None:
    bodies = column(votes(*SIX), RANGE)
    fewer = column(votes(*SHIFTED[:5]), range(20, 145, 25))
    averaged = average_votes(bodies, [fewer])
    assert averaged[5].level == pytest.approx(bodies[5].level)
    assert averaged[0].level != pytest.approx(bodies[0].level)


def test_corners_are_those_of_the_image_itself() -> None:
    bodies = column(votes(*SIX), RANGE)
    moved = column(votes(*SIX), [y + 3 for y in RANGE])
    assert np.array_equal(average_votes(bodies, [moved])[0].corners, bodies[0].corners)


def test_disagreement_is_the_mean_distance_of_corners_in_half_heights() -> None:
    bodies = column(votes(*SIX), RANGE)
    height = bodies[0].height
    assert measure_disagreement(bodies, [bodies]) == 0
    moved = column(votes(*SIX), [y + 0.1 * height for y in RANGE])
    assert measure_disagreement(bodies, [moved]) == pytest.approx(0.2)
    assert measure_disagreement(bodies, [bodies, moved]) == pytest.approx(0.1)


def test_body_that_a_variation_does_not_show_disagrees_most() -> None:
    bodies = column(votes(*SIX), RANGE)
    assert measure_disagreement(bodies, [bodies[:3]]) == pytest.approx(0.5)
    assert measure_disagreement(bodies, [[]]) == 1
    assert measure_disagreement([], [bodies]) == 1


def test_corners_of_a_mirrored_view_may_have_changed_sides() -> None:
    bodies = column(votes(*SIX), RANGE)
    swapped = [replace(body, corners=body.corners[[1, 0, 3, 2]]) for body in bodies]
    assert measure_disagreement(bodies, [swapped]) == pytest.approx(0)
