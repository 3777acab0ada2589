"""How much a correction of a case is expected to teach the network."""

from __future__ import annotations

from typing import Final

from inference.results import VERTEBRAE, Prediction

LEVEL_UNCERTAINTY_GAIN: Final = 1.0
"""Added if the level labelling is uncertain: as much as six bodies without any confidence."""


def expected_gain(prediction: Prediction) -> float:
    """Return the expected gain of correcting a case, from 0; larger is more useful.

    Uncertainty sampling: one minus the mean confidence of T12 to L5, with 0 for a body that was
    not detected, plus `LEVEL_UNCERTAINTY_GAIN` if the level labelling is uncertain, plus the
    disagreement of a variation of the image, which is analysed if the labels are not clear.
    """
    bodies = prediction.landmarks.bodies
    confidences = [bodies[v].confidence or 0.0 if v in bodies else 0.0 for v in VERTEBRAE]
    gain = 1 - sum(confidences) / len(confidences)
    if prediction.level_uncertainty is not None:
        gain += LEVEL_UNCERTAINTY_GAIN
    return round(gain + (prediction.disagreement or 0.0), 6)
