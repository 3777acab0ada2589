"""What the correction learns from observations."""

from __future__ import annotations

import numpy as np
import pytest

from inference.decoding.shape_correction.correction import ShapeCorrection, read_correction
from inference.evaluation.corner_correction.fitting import fit_correction
from inference.evaluation.corner_correction.judgement import judge_correction, judgement_text
from inference.evaluation.corner_correction.observations import CornerObservation, observe_corners
from inference.predictor import Predictor
from tests.inference.decoding.shape_correction.columns import column, round_maps


def observed(seed: int, *, wrong: float = 1.0, known: bool = True) -> CornerObservation:
    """Return a column whose corners scatter with the extent of their maps around the truth."""
    rng = np.random.default_rng(seed)
    truth = column() + rng.normal(0, 0.2, (6, 4, 2))
    maps = round_maps() * rng.uniform(0.2, 2, (6, 4, 1, 1))
    error = rng.normal(0, 1, (6, 4, 2)) * np.sqrt(maps[..., 0, :1]) * wrong
    shown = truth if known else np.full_like(truth, np.nan)
    return CornerObservation("ge_de", truth + error, maps, shown, np.array([1.5, 2.0]))


@pytest.fixture(scope="module")
def fitted() -> ShapeCorrection:
    return fit_correction([observed(seed) for seed in range(400)], {})


def mean_errors(correction: ShapeCorrection) -> tuple[float, float]:
    judgement = judge_correction([observed(seed) for seed in range(1000, 1100)], correction)
    return judgement["all"]["before"]["mean"], judgement["all"]["after"]["mean"]


def test_errors_that_the_shape_reveals_are_reduced(fitted: ShapeCorrection) -> None:
    before, after = mean_errors(fitted)
    assert after < 0.8 * before


def test_gross_errors_hardly_influence_the_fit(fitted: ShapeCorrection) -> None:
    outliers = [observed(seed, wrong=15.0) for seed in range(2000, 2020)]
    spoiled = fit_correction([observed(seed) for seed in range(400)] + outliers, {})
    before, after = mean_errors(spoiled)
    assert before - after > 0.6 * (before - mean_errors(fitted)[1])


def test_corners_without_a_known_position_do_not_count(fitted: ShapeCorrection) -> None:
    unknown = [observed(seed, known=False) for seed in range(3000, 3100)]
    again = fit_correction([observed(seed) for seed in range(400)] + unknown, {})
    assert mean_errors(again)[1] == pytest.approx(mean_errors(fitted)[1], rel=0.02)
    assert judge_correction([observed(1), unknown[0]], fitted)["all"]["images"] == 1


def test_a_level_that_was_never_detected_is_reported() -> None:
    one = observed(0)
    one.positions[5] = np.nan
    with pytest.raises(ValueError, match="L5 was detected in none"):
        fit_correction([one], {})


def test_a_corner_whose_position_is_never_known_is_reported() -> None:
    columns = [observed(seed) for seed in range(3)]
    for one in columns:
        one.truth[5, 3] = np.nan
    with pytest.raises(ValueError, match="known in none"):
        fit_correction(columns, {})


def test_judgement_lists_families(fitted: ShapeCorrection) -> None:
    text = judgement_text(judge_correction([observed(1), observed(2)], fitted))
    assert "ge_de, 2: " in text


def test_shipped_correction_reduces_the_error_on_unseen_phantoms() -> None:
    # A paired comparison: the network is run once, and the correction applied or not.
    detector = Predictor.load(threads=1).detector
    observations = list(observe_corners(range(3_100_000, 3_100_060), detector))
    judgement = judge_correction(observations, read_correction())["all"]
    assert judgement["images"] == 60
    assert judgement["after"]["mean"] < judgement["before"]["mean"]
