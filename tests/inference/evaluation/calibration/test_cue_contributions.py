from __future__ import annotations

import numpy as np

from inference.decoding.level_cues import CUES
from inference.evaluation.calibration.cue_contributions import PRIORS, cues_text, measure_cues
from inference.evaluation.calibration.fitting import fit_calibration
from inference.evaluation.calibration.observations import Observation
from tests.inference.evaluation.calibration.columns import observation


def columns(seed: int, count: int) -> list[Observation]:
    """Return columns with a sacrum, whose tilts are exact and whose votes are poor."""
    rng = np.random.default_rng(seed)
    return [observation(rng, vote_noise=8.0) for _ in range(count)]


def test_each_cue_is_measured_alone_and_besides_the_others() -> None:
    figures = measure_cues(columns(1, 40), columns(2, 40))
    assert set(figures) == {*CUES, "all cues"} - PRIORS
    # The columns turn into the sacrum at their last body; all bodies have the same size.
    assert figures["sacral angle"]["alone"]["share_right"] > 0.9
    size_alone = figures["relative size"]["alone"]["share_right"]
    assert size_alone < figures["sacral angle"]["alone"]["share_right"] - 0.2
    assert figures["all cues"]["share_right"] >= figures["sacral angle"]["alone"]["share_right"]
    assert "sacral angle" in cues_text(figures)


def test_cues_that_are_not_used_have_no_weight() -> None:
    weights = fit_calibration(columns(3, 20), {}, cues={"sacral angle", "usual count"}).weights
    assert weights["sacral angle"] > 0
    assert all(weights[name] == 0 for name in CUES if name not in ("sacral angle", "usual count"))
