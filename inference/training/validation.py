"""How good weights are, on images that were not trained on."""

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
"""What a corner counts that was not found, or lies further off: about a body's height."""


@dataclass(frozen=True, slots=True)
class Score:
    """``error`` is the mean absolute difference per coordinate in the frame of 512 x 1024, each
    corner by its name; a corner that was not found or lies further off counts as
    ``MISSED_FRAME_PX``. ``found`` is the share of the true corners that were found."""

    error: float
    found: float


@cache
def phantoms(first: int, count: int) -> tuple[Sample, ...]:
    """Consecutive phantoms that show T12 to L5, each drawn when it is first opened."""
    drawn = phantom_samples(range(first, first + count), partial=0.0)
    return tuple(Sample(sample.key, _once(sample.open)) for sample in drawn)


def answers(weights: Path, samples: Sequence[Sample], *, threads: int) -> list[Outcome]:
    """What a file of weights finds.

    A network that finds six bodies by rank does not tell the side of the front where it was
    trained on mirror images too; it is given the side.
    """
    predictor = Predictor.load(weights, threads=threads, runtime="torch")
    outcomes, failures = evaluate(samples, predictor)
    if failures:
        raise ValueError(f"{failures[0].key}: {failures[0].text}")
    return [_with_side(outcome) for outcome in outcomes]


def score(outcomes: Sequence[Outcome]) -> Score:
    """One figure to choose weights by, and how much was found."""
    errors = corner_errors(outcomes).values("absolute_coordinate", "frame_px")
    missed = np.isnan(errors)
    counted = np.where(missed, MISSED_FRAME_PX, np.minimum(errors, MISSED_FRAME_PX))
    if not errors.size:
        return Score(MISSED_FRAME_PX, 0.0)
    return Score(round(float(counted.mean()), 4), round(float(1 - missed.mean()), 4))


def _with_side(outcome: Outcome) -> Outcome:
    if outcome.found is None or outcome.anterior_truth in (None, outcome.anterior_found):
        return outcome
    return replace(outcome, found=outcome.found.flipped())


def _once(
    open_sample: Callable[[], tuple[Image, MarkedImage]],
) -> Callable[[], tuple[Image, MarkedImage]]:
    return cache(open_sample)
