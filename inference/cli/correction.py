"""Command ``python -m inference correction``: fit and judge the correction of corners."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from inference.cli.fitting_options import add_fitting_options, read_constants
from inference.cli.network_option import add_network_options, load_predictor
from inference.decoding.shape_correction.correction import read_correction
from inference.evaluation.corner_correction.fitting import fit_correction
from inference.evaluation.corner_correction.judgement import judge_correction, judgement_text
from inference.evaluation.corner_correction.observations import CornerObservation, observe_corners
from inference.evaluation.progress import Progress
from inference.phantom.seeds import CORRECTION_SEEDS
from inference.predictor import Predictor

FIT_SEEDS: Final = 20_600_000
"""First seed of the phantoms to which the correction is fitted."""
HELP = """Fit the correction of corners by the shape of the column to phantoms of all families, and
judge it on others. The network must have a second stage. It must not have been trained on the
phantoms for fitting, because its errors would be too small: the default seeds are images 600,000
onwards of train --seed 1."""
EPILOG = """files in DIR:
  shape_correction.json   the fitted constants; to use them, copy this file to
                          inference/decoding/shape_correction; not written with --constants
  correction.json         errors with and without the correction, by family"""


def main(argv: Sequence[str]) -> int:
    """Fit, judge and write the files; print the errors."""
    options = _parser().parse_args(argv)
    predictor = load_predictor(options)
    if predictor.detector.second_stage is None:
        sys.exit("The weights have no second stage, whose corners could be corrected.")
    options.out.mkdir(parents=True, exist_ok=True)
    # What is judged is what is stored, with its rounding.
    path = options.constants or _fit(options, predictor, argv)
    correction = read_constants(path, read_correction)
    test = _observations(options.test_seed, options.test, predictor)
    judgement = judge_correction(test, correction)
    text = json.dumps(judgement, indent=1, allow_nan=False)
    (options.out / "correction.json").write_text(text + "\n")
    sys.stdout.write(judgement_text(judgement))
    return 0


def _fit(options: argparse.Namespace, predictor: Predictor, argv: Sequence[str]) -> Path:
    """Fit constants and return the file to which they were written."""
    origin = {
        "command": shlex.join(["python", "-m", "inference", "correction", *argv]),
        "weights": {"name": predictor.model.name, "sha256": predictor.model.checksum},
        "seeds": [options.fit_seed, options.fit_seed + options.fit - 1],
    }
    observations = _observations(options.fit_seed, options.fit, predictor)
    try:
        correction = fit_correction(observations, origin)
    except ValueError as error:
        sys.exit(f"The correction cannot be fitted: {error}.")
    path: Path = options.out / "shape_correction.json"
    path.write_text(json.dumps(correction.to_dict(), allow_nan=False) + "\n")
    return path


def _observations(first: int, count: int, predictor: Predictor) -> list[CornerObservation]:
    progress = Progress(count, sys.stderr)
    observations = []
    for one in observe_corners(range(first, first + count), predictor.detector):
        observations.append(one)
        progress.step()
    return observations


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inference correction",
        description=HELP,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_fitting_options(parser, fit=(6000, FIT_SEEDS), test=(1000, CORRECTION_SEEDS))
    add_network_options(parser)
    return parser
