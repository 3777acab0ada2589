import json

import pytest

from inference.results import VERTEBRAE, Body, Landmarks, LevelPosterior, Vertebra

BODY = Body((10.0, 20.0), (30.0, 21.0), (11.0, 40.0), None, 0.9)


def spine(*names):
    return Landmarks({Vertebra(name): BODY for name in names})


def test_landmarks_survive_a_round_trip_through_json():
    landmarks = spine("L3", "T12")
    assert Landmarks.from_dict(json.loads(json.dumps(landmarks.to_dict()))) == landmarks


def test_landmarks_are_ordered_from_cranial_to_caudal():
    assert list(spine("L3", "T12").bodies) == [Vertebra.T12, Vertebra.L3]


def test_missing_vertebra_is_null():
    assert spine("L1").to_dict()["T12"] is None


def test_positive_shift_relabels_caudally_and_drops_bodies_below_l5():
    assert list(spine(*VERTEBRAE).shifted(1).bodies) == list(VERTEBRAE[1:])
    assert list(spine("T12", "L1").shifted(-1).bodies) == [Vertebra.T12]


def test_two_flips_cancel_out():
    flipped = spine("L1").flipped()
    assert flipped.corner(Vertebra.L1, "superior_posterior") == (30.0, 21.0)
    assert flipped.flipped() == spine("L1")


def test_moving_a_corner_leaves_the_others():
    moved = spine("L1").moved(Vertebra.L1, "inferior_anterior", (5.0, 6.0))
    assert moved.corner(Vertebra.L1, "inferior_anterior") == (5.0, 6.0)
    assert moved.corner(Vertebra.L1, "superior_anterior") == (30.0, 21.0)
    with pytest.raises(KeyError):
        spine("L1").moved(Vertebra.L2, "inferior_anterior", None)
    with pytest.raises(KeyError):
        spine("L1").moved(Vertebra.L1, "confidence", None)


def test_corner_outside_the_image_is_left_out():
    inside = spine("L1").within(width=30, height=40)
    assert inside.corner(Vertebra.L1, "superior_anterior") is None
    assert inside.corner(Vertebra.L1, "inferior_posterior") is None
    assert inside.corner(Vertebra.L1, "superior_posterior") == (10.0, 20.0)


def test_runner_up_is_the_second_most_probable_labelling():
    assert LevelPosterior({0: 0.8, 1: 0.15, -1: 0.03}, 0.02).runner_up == (1, 0.15)
    assert LevelPosterior({0: 0.8, 1: 0.05}, 0.15).runner_up == (None, 0.15)
    assert LevelPosterior({0: 1.0}).runner_up is None


def test_probabilities_are_rounded_and_impossible_shifts_left_out():
    posterior = LevelPosterior({-1: 0.00001, 0: 0.91234, 1: 0.08}, 0.00765, views=2)
    assert posterior.to_dict() == {
        "probability": 0.9123,
        "runner_up": {"shift": 1, "probability": 0.08},
        "shifts": {"0": 0.9123, "1": 0.08},
        "other_count": 0.0076,
        "views": 2,
    }
