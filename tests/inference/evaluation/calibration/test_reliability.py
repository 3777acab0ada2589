from __future__ import annotations

import numpy as np
import pytest

from inference.evaluation.calibration.reliability import measure_reliability
from inference.evaluation.calibration.reliability_figure import draw_reliability


def test_brier_score_of_a_worked_example() -> None:
    """Brier 1950: mean of (0.9 - 1)^2, (0.8 - 1)^2, (0.3 - 0)^2 and (0.6 - 0)^2."""
    reliability = measure_reliability([0.9, 0.8, 0.3, 0.6], [True, True, False, False])
    assert reliability.brier == pytest.approx((0.01 + 0.04 + 0.09 + 0.36) / 4)
    assert reliability.brier_of_share == 0.25


def test_calibrated_probabilities_have_a_small_calibration_error() -> None:
    rng = np.random.default_rng(1)
    probabilities = rng.uniform(0, 1, 20_000)
    right = rng.random(20_000) < probabilities
    calibrated = measure_reliability(probabilities, list(right))
    assert calibrated.calibration_error < 0.01
    overconfident = measure_reliability(np.sqrt(probabilities), list(right))
    assert overconfident.calibration_error > 0.1
    assert overconfident.brier > calibrated.brier


def test_bins_have_the_interval_of_their_share() -> None:
    reliability = measure_reliability([0.97] * 10, [True] * 9 + [False])
    (part,) = reliability.bins
    assert (part.count, part.share_right) == (10, 0.9)
    # Wilson's 95 % interval of 9 of 10 (Newcombe, Stat Med 1998;17:857).
    assert (round(part.low, 3), round(part.high, 3)) == (0.596, 0.982)


def test_certainty_is_in_the_last_bin() -> None:
    assert len(measure_reliability([0.995, 1.0], [True, True]).bins) == 1


def test_no_images_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least one image"):
        measure_reliability([], [])


def test_figure_is_written_in_both_formats_and_repeatable(tmp_path) -> None:
    parts = {"all": measure_reliability([0.3, 0.9, 0.95], [False, True, True])}
    paths = [tmp_path / "a.png", tmp_path / "a.svg", tmp_path / "b.svg"]
    draw_reliability(paths, parts)
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    assert "<svg" in paths[1].read_text()
