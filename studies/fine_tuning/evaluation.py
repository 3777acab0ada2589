"""Evaluation of models on the same phantoms, and the comparison before and after fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from inference.evaluation.comparison import Comparison
from inference.evaluation.evaluation_run import evaluate
from inference.evaluation.labelling import judge_levels
from inference.evaluation.outcome import Outcome
from inference.evaluation.samples import phantom_samples
from inference.evaluation.summary import summarize
from inference.phantom.seeds import TEST_SEEDS
from inference.pipeline import LandmarkPredictor
from studies.fine_tuning.patients import Patients
from studies.registry.representations import EvaluationJSON

PHANTOMS: Final = 24
"""Phantoms of the check of a model; drawing and analysing them takes about ten seconds."""

COLUMNS: Final = (
    "| corners | number | patients | missed before / after | mean before, px | mean after, px "
    "| difference, px | 95 % interval |"
)
EXPLANATION: Final = (
    "The means are over corners that both weights predicted, each compared by its label. The "
    "difference is after minus before; its interval is a bootstrap over patients."
)
BIAS: Final = (
    "Neither set of corners is unbiased. The other corners keep the position from the network that "
    "analysed the case, which favours weights close to that network, usually those before. People "
    "correct corners where the network erred, which favours the weights after. Only landmarks that "
    "were marked without the network's proposal would give an unbiased comparison."
)


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


def comparison_json(comparison: tuple[Comparison, Comparison]) -> dict[str, Any]:
    """Return the comparison on corrected and on other corners as JSON."""
    corrected, other = (
        {**asdict(part), "interval_px": list(part.interval_px) if part.interval_px else None}
        for part in comparison
    )
    return {"corrected": corrected, "other": other}


def describe_comparison(
    before: Sequence[Outcome],
    after: Sequence[Outcome],
    comparison: tuple[Comparison, Comparison],
    patients: Patients,
) -> str:
    """Return the section of the model card that compares the weights before and after."""
    rows = [
        (name, summarize_outcomes("", outcomes))
        for name, outcomes in (("before", before), ("after", after))
    ]
    lines = [
        "## Before and after, on the held-out images",
        "",
        "| weights | images | mean, px | median, px | levels correct | vertebrae missed |",
        "|---|---|---|---|---|---|",
        *(
            f"| {name} | {row['count']} | {row['mean_px']} | {row['median_px']} "
            f"| {row['bodies_right']} of {row['bodies']} | {row['bodies_missed']} |"
            for name, row in rows
        ),
        "",
        "Errors are absolute differences per coordinate in the 512 x 1024 frame.",
        "",
        "### Corners that people corrected, and the others",
        "",
        COLUMNS,
        "|---|---|---|---|---|---|---|---|",
        *(
            _comparison_row(name, part)
            for name, part in zip(("corrected", "others"), comparison, strict=True)
        ),
        "",
        EXPLANATION,
        "",
        BIAS,
        "",
        "### Independence",
        "",
        _independence(patients),
        "",
    ]
    return "\n".join(lines)


def _comparison_row(name: str, part: Comparison) -> str:
    interval = "-"
    if part.interval_px:
        interval = f"{part.interval_px[0]:+.2f} to {part.interval_px[1]:+.2f}"
    if part.before_px is None or part.after_px is None or part.difference_px is None:
        means = "- | - | -"
    else:
        means = f"{part.before_px:.2f} | {part.after_px:.2f} | {part.difference_px:+.2f}"
    return (
        f"| {name} | {part.corners} | {part.patients} | {part.missed_before} / {part.missed_after} "
        f"| {means} | {interval} |"
    )


def _independence(patients: Patients) -> str:
    before = len(patients.trained_before)
    again = "was" if before == 1 else "were"
    counted = (
        f"Of {len(patients.codes)} patients, {before} {again} already used to train or select the "
        "initial weights; these are in the training part only. "
        if before
        else "The platform knows of no patient who was used to train the initial weights. "
    )
    return (
        f"{counted}Patients of two studies count as one if they share an image. One patient under "
        "different pseudonyms in two studies, without a shared image, cannot be recognised and may "
        "be in two parts."
    )
