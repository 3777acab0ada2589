"""Evaluation of models on phantoms, for the comparison of all models on the same images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inference.evaluation.evaluation_run import evaluate
from inference.evaluation.labelling import judge_levels
from inference.evaluation.outcome import Outcome
from inference.evaluation.samples import phantom_samples
from inference.evaluation.summary import summarize
from inference.phantom.seeds import TEST_SEEDS
from inference.pipeline import LandmarkPredictor
from studies.registry.representations import EvaluationJSON

PHANTOMS: Final = 24
"""Phantoms of the check of a model; drawing and analysing them takes about ten seconds."""


def evaluate_on_phantoms(predictor: LandmarkPredictor, *, weights: str = "") -> EvaluationJSON:
    """Return the evaluation of a predictor on the same phantoms as every other model.

    Raises
    ------
    ValueError
        A phantom could not be evaluated.
    """
    seeds = range(TEST_SEEDS, TEST_SEEDS + PHANTOMS)
    outcomes, failures = evaluate(list(phantom_samples(seeds, partial=0.0)), predictor)
    if failures:
        raise ValueError(f"{failures[0].key}: {failures[0].text}")
    return summarize_outcomes(f"{PHANTOMS} phantoms", outcomes, weights=weights)


def summarize_outcomes(
    images: str, outcomes: Sequence[Outcome], *, weights: str = ""
) -> EvaluationJSON:
    """Return the row of an evaluation table.

    Parameters
    ----------
    images
        Description of the images.
    outcomes
        Reference standard and prediction of each image.
    weights
        Name of the weights, if a table compares two.
    """
    errors = summarize(outcomes, None)["errors"]["as_named"]["all"]
    pixels, levels = errors["absolute_coordinate"]["frame_px"], judge_levels(outcomes)
    predicted = bool(pixels["n"])
    return {
        "images": images,
        "weights": weights,
        "count": len(outcomes),
        "mean_px": round(pixels["mean"], 2) if predicted else None,
        "median_px": round(pixels["median"], 2) if predicted else None,
        "bodies": levels["bodies"],
        "bodies_right": levels["bodies_right"],
        "bodies_missed": levels["bodies_missed"],
    }
