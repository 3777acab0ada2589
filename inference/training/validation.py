"""Validation of weights on images that are not trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from inference.annotations.marked_images import MarkedImage
from inference.evaluation.errors import corner_errors
from inference.evaluation.evaluation_run import evaluate
from inference.evaluation.outcome import Outcome
from inference.evaluation.samples import Sample, phantom_samples
from inference.image import Image
from inference.predictor import Predictor

MISSED_FRAME_PX: Final = 64.0
"""Error assigned to a missing corner, and upper limit of errors: about the height of a body."""


@dataclass(frozen=True, slots=True)
class Score:
    """Accuracy of weights.

    Attributes
    ----------
    error
        Mean absolute coordinate difference of corners by label, in pixels of the 512 x 1024 frame;
        errors of missing corners are ``MISSED_FRAME_PX``, which is also the upper limit.
    detected
        Share of true corners that were predicted.
    """

    error: float
    detected: float


@cache
def phantoms(first: int, count: int) -> tuple[Sample, ...]:
    """Return phantoms of consecutive seeds that show T12 to L5.

    Each one is drawn when it is first opened and then cached.
    """
    drawn = phantom_samples(range(first, first + count), partial=0.0)
    return tuple(Sample(sample.key, _once(sample.open)) for sample in drawn)


def predict_outcomes(weights: Path, samples: Sequence[Sample], *, threads: int) -> list[Outcome]:
    """Return the outcomes of a weights file on samples.

    A network that labels six bodies by rank cannot determine the anterior side if it is trained on
    mirror images. Predictions with the wrong side are therefore mirrored.

    Parameters
    ----------
    weights
        The weights file.
    samples
        Images with ground truth.
    threads
        Number of CPU threads.

    Raises
    ------
    ValueError
        If an image cannot be evaluated.
    """
    # torch, because a new file of weights would be compiled by OpenVINO at each validation.
    predictor = Predictor.load(weights, threads=threads, runtime="torch")
    outcomes, failures = evaluate(samples, predictor)
    if failures:
        raise ValueError(f"{failures[0].key}: {failures[0].text}")
    return [_with_true_side(outcome) for outcome in outcomes]


def score_outcomes(outcomes: Sequence[Outcome]) -> Score:
    """Return the error by which weights are selected, and the share of detected corners."""
    errors = corner_errors(outcomes).values("absolute_coordinate", "frame_px")
    # Missing corners count, so that weights cannot improve by predicting fewer bodies.
    missed = np.isnan(errors)
    counted = np.where(missed, MISSED_FRAME_PX, np.minimum(errors, MISSED_FRAME_PX))
    if not errors.size:
        return Score(MISSED_FRAME_PX, 0.0)
    return Score(round(float(counted.mean()), 4), round(float(1 - missed.mean()), 4))


def _with_true_side(outcome: Outcome) -> Outcome:
    if outcome.predicted is None or outcome.anterior_truth in (None, outcome.anterior_found):
        return outcome
    # The side is judged separately; corners are compared as if it were known.
    return replace(outcome, predicted=outcome.predicted.flipped())


def _once(
    open_sample: Callable[[], tuple[Image, MarkedImage]],
) -> Callable[[], tuple[Image, MarkedImage]]:
    return cache(open_sample)
