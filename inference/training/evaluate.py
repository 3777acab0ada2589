"""Accuracy on phantoms that training never saw: ``python -m inference evaluate``."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.frame import Frame
from inference.image import image_of
from inference.phantom import Phantom, generate
from inference.phantom.anatomy import LEVELS
from inference.phantom.export import as_dataset
from inference.phantom.truth import true_landmarks
from inference.predictor import Predictor
from inference.shapes import CORNERS, VERTEBRAE, Prediction
from inference.training.run import TRAINING_SEEDS

VALIDATION_SEEDS: Final = 1_000_000
"""Looked at while the network was made."""
HELD_OUT_SEEDS: Final = 5_000_000
"""Looked at once, for the model card."""
NAMING_TOLERANCE: Final = 0.5
"""A name is right when the body lies nearer to its truth than half a body's height."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One phantom: errors of the corners of rightly named bodies, and how the names did.

    ``frame_px`` absolute differences per coordinate in the 512 x 1024 frame, pooled; ``image_px``
    Euclidean distances in original pixels and ``mm`` the same in mm.
    """

    seed: int
    family: str
    frame_px: NDArray[np.float64]
    image_px: NDArray[np.float64]
    mm: NDArray[np.float64]
    wanted: int
    found: int
    misnamed: int
    side_right: bool
    doubted: bool
    view_doubted: bool


def evaluate(predictor: Predictor, seeds: Iterable[int], **options: Any) -> list[CaseResult]:
    """Predict each seed's phantom and compare with its truth; ``options`` go to ``generate``."""
    return [
        compare(phantom, predictor.predict(image_of(as_dataset(phantom))))
        for phantom in (generate(seed, **options) for seed in seeds)
    ]


def compare(phantom: Phantom, prediction: Prediction) -> CaseResult:
    """Match by name; a body under a wrong name is counted, and its corners left out."""
    truth = true_landmarks(phantom)
    height, width = phantom.pixels.shape
    frame = Frame(width, height, 512, 1024)
    spacing = np.array(phantom.spacing_mm)[::-1]
    frame_px, image_px, mm = [], [], []
    wrong = 0
    for vertebra, body in prediction.landmarks.bodies.items():
        true = phantom.corners[LEVELS.index(vertebra.value)]
        marked = [getattr(body, name) for name in CORNERS]
        seen = [k for k in range(4) if marked[k] is not None]
        b = np.array([marked[k] for k in seen], dtype=float).reshape(-1, 2)
        a = true[seen]
        tall = float(np.linalg.norm(true[2] - true[0]))
        if not seen or np.linalg.norm(a.mean(0) - b.mean(0)) > NAMING_TOLERANCE * tall:
            wrong += 1
            continue
        if vertebra not in truth.bodies:
            continue
        frame_px.append(np.abs(frame.to_frame(a) - frame.to_frame(b)).ravel())
        image_px.append(np.linalg.norm(a - b, axis=1))
        mm.append(np.linalg.norm((a - b) * spacing, axis=1))
    return CaseResult(
        seed=phantom.seed,
        family=phantom.family,
        frame_px=_joined(frame_px),
        image_px=_joined(image_px),
        mm=_joined(mm),
        wanted=len(truth.bodies),
        found=len(prediction.landmarks.bodies),
        misnamed=wrong,
        side_right=prediction.anterior == phantom.anterior,
        doubted=prediction.level_doubt is not None,
        view_doubted=prediction.view_doubt is not None,
    )


def summarize(results: Sequence[CaseResult]) -> dict[str, Any]:
    """The table of the model card."""
    complete = [r for r in results if r.wanted == len(VERTEBRAE)]
    bad = [r for r in results if r.misnamed]
    good = [r for r in complete if not r.misnamed and r.found == r.wanted]
    return {
        "images": len(results),
        "all": _errors(results),
        "families": {
            name: _errors([r for r in results if r.family == name])
            for name in sorted({r.family for r in results})
        },
        "showing_all_six": len(complete),
        "all_six_found_and_named_right": len(good),
        "with_a_wrong_name": len(bad),
        "wrong_names_doubted": sum(r.doubted for r in bad),
        "right_names_doubted": sum(r.doubted for r in good),
        "side_right": sum(r.side_right for r in results),
        "view_doubted": sum(r.view_doubted for r in results),
        "wrong_seeds": [r.seed for r in bad][:20],
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Print the accuracy of weights on unseen phantoms as JSON."""
    parser = argparse.ArgumentParser(prog="python -m inference evaluate", description=main.__doc__)
    parser.add_argument("--weights", type=Path, default=None, help="default: those that ship")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=VALIDATION_SEEDS)
    parser.add_argument(
        "--partial", type=float, default=0.1, help="share of fields ending anywhere"
    )
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(argv)
    if options.seed + options.count > TRAINING_SEEDS:
        parser.error(f"seeds from {TRAINING_SEEDS} upwards are for training")
    predictor = Predictor.load(options.weights, threads=options.threads)
    seeds = range(options.seed, options.seed + options.count)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        table = summarize(evaluate(predictor, seeds, partial=options.partial))
    sys.stdout.write(json.dumps({"model": predictor.model.checksum, **table}, indent=1) + "\n")
    return 0


def _errors(results: Sequence[CaseResult]) -> dict[str, float | int | None]:
    def stats(name: str) -> tuple[float | None, float | None]:
        pooled = _joined([getattr(r, name) for r in results])
        if not pooled.size:
            return None, None
        return round(float(pooled.mean()), 3), round(float(np.median(pooled)), 3)

    frame, image, mm = stats("frame_px"), stats("image_px"), stats("mm")
    return {
        "images": len(results),
        "frame_px_mean": frame[0],
        "frame_px_median": frame[1],
        "image_px_mean": image[0],
        "image_px_median": image[1],
        "mm_mean": mm[0],
        "mm_median": mm[1],
    }


def _joined(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate(parts) if parts else np.empty(0)
