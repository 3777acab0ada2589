from dataclasses import replace

import pytest

from inference.evaluation.labelling import (
    judge_labels,
    judge_levels,
    level_group,
    level_shift,
)
from inference.results import Landmarks, Vertebra
from tests.inference.evaluation.cases import outcome
from tests.inference.spines import straight


def test_bodies_near_their_true_position_are_labelled_correctly():
    assert set(judge_labels(outcome(by=(5, 8))).values()) == {"right"}


@pytest.mark.parametrize("by", [-1, 1, 2])
def test_shift_of_labels_is_detected(by):
    moved = outcome(predicted=straight().shifted(by))
    assert level_shift(moved) == by
    verdicts = list(judge_labels(moved).values())
    assert verdicts.count("wrong") == 6 - abs(by)
    assert verdicts.count("missed") == abs(by)


def test_body_between_two_levels_counts_as_missed():
    """Levels are 40 px apart and bodies 30 px high: 20 px is beyond the tolerance."""
    assert set(judge_labels(outcome(by=(0, 20))).values()) == {"missed"}
    assert level_shift(outcome(by=(0, 20))) is None


def test_body_cut_by_the_image_border_is_matched_by_its_visible_corners():
    """Only the superior corners of L5 are in the image."""

    def cut(landmarks):
        whole = landmarks.bodies[Vertebra.L5]
        part = replace(whole, inferior_posterior=None, inferior_anterior=None)
        return Landmarks({**landmarks.bodies, Vertebra.L5: part})

    near = outcome(predicted=cut(outcome(by=(4, 4)).predicted))
    far = outcome(predicted=cut(outcome(by=(0, 20)).predicted))
    assert judge_labels(replace(near, truth=cut(near.truth)))[Vertebra.L5] == "right"
    assert judge_labels(replace(far, truth=cut(far.truth)))[Vertebra.L5] == "missed"


def test_labels_are_counted_over_images():
    few = Landmarks({v: b for v, b in straight().bodies.items() if v is not Vertebra.L5})
    levels = judge_levels(
        [
            outcome(),
            outcome(levels_uncertain=True),
            outcome(predicted=straight().shifted(1), levels_uncertain=True),
            outcome(predicted=straight().shifted(-1)),
            outcome(predicted=few),
            outcome(predicted=None),
        ]
    )
    assert (levels["images"], levels["bodies"], levels["bodies_right"]) == (5, 30, 17)
    assert (levels["bodies_wrong"], levels["bodies_missed"]) == (10, 3)
    assert levels["accuracy"] == 17 / 30
    assert (levels["images_all_right"], levels["all_right_but_uncertain"]) == (2, 1)
    assert (levels["images_with_a_wrong_name"], levels["of_these_uncertain"]) == (2, 1)
    assert levels["shifts"] == {"-1": 1, "0": 3, "1": 1}
    assert levels["vertebrae"]["L5"] == {"right": 2, "missed": 2, "wrong": 1}


def test_uncertainty_flags_are_judged_by_whether_levels_are_identifiable():
    levels = judge_levels(
        [
            outcome(levels_knowable=True),
            outcome(levels_knowable=True, levels_uncertain=True),
            outcome(levels_knowable=True, predicted=straight().shifted(1), levels_uncertain=True),
            outcome(levels_knowable=False),
            outcome(levels_knowable=False, levels_uncertain=True),
        ]
    )
    assert levels["knowable"] == {
        "images": 3,
        "right": 2,
        "right_but_uncertain": 1,
        "wrong_or_unknowable": 3,
        "of_these_uncertain": 2,
        "end_missing": 0,
        "end_missing_right": 0,
        "end_missing_right_but_uncertain": 0,
    }


def without(vertebra):
    """Return the straight spine without one body, as truth and as prediction."""
    bodies = {v: b for v, b in straight().bodies.items() if v is not vertebra}
    return {"truth": Landmarks(bodies), "predicted": Landmarks(bodies), "levels_knowable": False}


def test_right_labels_without_l5_need_no_flag_but_wrong_ones_do():
    l5_outside = without(Vertebra.L5)
    shifted = {**l5_outside, "predicted": straight().shifted(1)}
    knowable = judge_levels(
        [
            replace(outcome(), **l5_outside),
            replace(outcome(levels_uncertain=True), **l5_outside),
            replace(outcome(), **shifted),
        ]
    )["knowable"]
    assert knowable["end_missing"] == 3
    assert knowable["end_missing_right"] == 2
    assert knowable["end_missing_right_but_uncertain"] == 1
    assert (knowable["wrong_or_unknowable"], knowable["of_these_uncertain"]) == (1, 0)


def test_missing_scored_level_and_unusual_number_of_lumbar_vertebrae_need_a_flag():
    for unknowable in (
        replace(outcome(), **without(Vertebra.L3)),
        replace(outcome(lumbar=4), **without(Vertebra.L5)),
        outcome(levels_knowable=False, lumbar=6),
    ):
        assert level_group(unknowable) == "unknowable"


def test_uncertainty_flags_are_not_judged_where_identifiability_is_unknown():
    assert judge_levels([outcome()])["knowable"] is None
