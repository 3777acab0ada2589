from dataclasses import replace

import pytest

from inference.evaluation.labelling import judge_labels, judge_levels, shift
from inference.results import Landmarks, Vertebra
from tests.inference.evaluation.cases import outcome
from tests.inference.spines import straight


def test_bodies_near_their_truth_are_rightly_named():
    assert set(judge_labels(outcome(by=(5, 8))).values()) == {"right"}


@pytest.mark.parametrize("by", [-1, 1, 2])
def test_shifted_names_are_seen_with_their_shift(by):
    moved = outcome(found=straight().shifted(by))
    assert shift(moved) == by
    judged = list(judge_labels(moved).values())
    assert judged.count("wrong") == 6 - abs(by)
    assert judged.count("missed") == abs(by)


def test_body_between_two_levels_counts_as_missed():
    """Levels are 40 px apart, bodies 30 px tall: 20 px away is no body's place."""
    assert set(judge_labels(outcome(by=(0, 20))).values()) == {"missed"}
    assert shift(outcome(by=(0, 20))) is None


def test_body_that_the_image_cuts_through_is_found_by_what_shows_of_it():
    """Of L5 only the superior corners, which differ little in height, are in the image."""

    def cut(landmarks):
        whole = landmarks.bodies[Vertebra.L5]
        part = replace(whole, inferior_posterior=None, inferior_anterior=None)
        return Landmarks({**landmarks.bodies, Vertebra.L5: part})

    near = outcome(found=cut(outcome(by=(4, 4)).found))
    far = outcome(found=cut(outcome(by=(0, 20)).found))
    assert judge_labels(replace(near, truth=cut(near.truth)))[Vertebra.L5] == "right"
    assert judge_labels(replace(far, truth=cut(far.truth)))[Vertebra.L5] == "missed"


def test_counts_over_images():
    few = Landmarks({v: b for v, b in straight().bodies.items() if v is not Vertebra.L5})
    found = judge_levels(
        [
            outcome(),
            outcome(level_doubted=True),
            outcome(found=straight().shifted(1), level_doubted=True),
            outcome(found=straight().shifted(-1)),
            outcome(found=few),
            outcome(found=None),
        ]
    )
    assert (found["images"], found["bodies"], found["bodies_right"]) == (5, 30, 17)
    assert (found["bodies_wrong"], found["bodies_missed"]) == (10, 3)
    assert found["accuracy"] == 17 / 30
    assert (found["images_all_right"], found["all_right_but_doubted"]) == (2, 1)
    assert (found["images_with_a_wrong_name"], found["of_these_doubted"]) == (2, 1)
    assert found["shifts"] == {"-1": 1, "0": 3, "1": 1}
    assert found["vertebrae"]["L5"] == {"right": 2, "missed": 2, "wrong": 1}


def test_doubts_are_judged_by_what_the_image_shows():
    found = judge_levels(
        [
            outcome(levels_knowable=True),
            outcome(levels_knowable=True, level_doubted=True),
            outcome(levels_knowable=True, found=straight().shifted(1), level_doubted=True),
            outcome(levels_knowable=False),
            outcome(levels_knowable=False, level_doubted=True),
        ]
    )
    assert found["knowable"] == {
        "images": 3,
        "right": 2,
        "right_but_doubted": 1,
        "wrong_or_unknowable": 3,
        "of_these_doubted": 2,
    }


def test_nothing_is_said_of_doubts_where_nobody_knows_what_can_be_known():
    assert judge_levels([outcome()])["knowable"] is None
