from __future__ import annotations

import json

import numpy as np
import pytest

from inference.decoding.level_calibration import Calibration
from inference.decoding.level_cues import cue_values, describe_column
from inference.decoding.level_sequences import list_sequences
from inference.evaluation.calibration.fitting import POSITIONS, fit_calibration, true_rows
from inference.network.configuration import LEVEL_CLASSES
from tests.inference.evaluation.calibration.columns import LEVELS, TILT_DEG, observation


@pytest.fixture(scope="module")
def fitted() -> Calibration:
    rng = np.random.default_rng(5)
    observations = [
        observation(rng, vote_noise=float(rng.uniform(0.5, 5)), variations=1) for _ in range(120)
    ]
    return fit_calibration(observations, {"command": "a test"})


def test_distributions_are_those_of_the_columns(fitted: Calibration) -> None:
    tilts = fitted.bodies.mean[:, 0]
    for level in ("L3", "L5", "S1"):
        assert tilts[POSITIONS.index(level)] == pytest.approx(TILT_DEG[level], abs=0.6)
    turn = fitted.steps.mean[POSITIONS.index("L5"), 0]
    assert turn == pytest.approx(TILT_DEG["S1"] - TILT_DEG["L5"], abs=0.8)


def test_column_with_space_below_ends_at_the_sacrum(fitted: Calibration) -> None:
    assert fitted.last_level.argmax() == 0
    assert fitted.last_level.sum() == pytest.approx(1)


def test_informative_cues_get_weight_and_none_a_negative_one(fitted: Calibration) -> None:
    assert min(fitted.weights.values()) >= 0
    assert fitted.weights["sacral angle"] > 0
    assert fitted.weights["lower third"] > 0


def test_sacral_angle_tells_where_the_column_turns_into_the_sacrum(fitted: Calibration) -> None:
    one = observation(np.random.default_rng(6))
    sequences = list_sequences(len(one.bodies), (), LEVEL_CLASSES)
    values = cue_values(describe_column(one.bodies, (), one.end), sequences, fitted)
    best = int(values["sacral angle"].argmax())
    assert sequences.positions[best, -1] == POSITIONS.index("S1")


def test_calibration_survives_its_file(fitted: Calibration) -> None:
    copy = Calibration.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert copy.to_dict() == fitted.to_dict()
    assert copy.origin == {"command": "a test"}


def test_same_observations_give_the_same_constants() -> None:
    def fit() -> dict[str, object]:
        rng = np.random.default_rng(7)
        return fit_calibration([observation(rng) for _ in range(20)], {}).to_dict()

    assert fit() == fit()


def test_true_sequence_names_the_study_levels_and_counts_the_lumbar_bodies() -> None:
    sequences = list_sequences(4, (), LEVEL_CLASSES)
    true = true_rows(sequences, ("L3", "L4", "L5", "S1"))
    assert [names for names, one in zip(sequences.names, true, strict=True) if one] == [
        ("L3", "L4", "L5", "S1")
    ]


def test_false_detection_that_shifts_the_labels_leaves_no_true_sequence() -> None:
    sequences = list_sequences(4, (), LEVEL_CLASSES)
    assert not true_rows(sequences, ("L3", "", "L4", "L5")).any()


def test_false_detection_beyond_the_others_may_have_any_label() -> None:
    sequences = list_sequences(4, (), LEVEL_CLASSES)
    true = true_rows(sequences, ("", "T12", "L1", "L2"))
    assert sequences.names[int(np.flatnonzero(true)[0])] == ("T11", "T12", "L1", "L2")


def test_more_subjects_with_six_lumbar_bodies_do_not_make_them_more_probable() -> None:
    def weight_of_the_usual_count(subjects: int, with_six: int) -> float:
        rng = np.random.default_rng(11)
        six = (*LEVELS[:-1], "L6", "S1")
        return fit_calibration(
            [
                *(observation(rng, vote_noise=4) for _ in range(subjects - with_six)),
                *(observation(rng, six, lumbar=6, vote_noise=4) for _ in range(with_six)),
            ],
            {},
        ).weights["usual count"]

    as_in_the_population = weight_of_the_usual_count(300, 12)
    drawn_more_often = weight_of_the_usual_count(300, 60)
    assert drawn_more_often == pytest.approx(as_in_the_population, abs=0.8)
