"""``python -m inference evaluate``: how well weights and crop rules do where truth is known."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.annotations.marked_images import FormatError
from inference.cli.network_option import add_network_options, load_network
from inference.cli.option_types import natural, positive, share
from inference.evaluation.error_figure import draw_evaluation
from inference.evaluation.evaluation_run import Failure, ResultsMismatch, evaluate
from inference.evaluation.progress import Progress
from inference.evaluation.samples import Sample, phantom_samples, read_samples
from inference.evaluation.summary import summarize
from inference.evaluation.tables import errors_csv, images_csv, text_table
from inference.phantom.seeds import EVALUATION_SEEDS, TRAINING_SEEDS

HELP = """Compare what the network finds with known landmarks.

Truth is a makesense CSV, a COCO keypoint file or a JSON as predict and phantom write it, with the
images beside it (or in a folder "images" there); folders of these are taken whole, several sources
together. Without --truth, phantoms are drawn that no training draws or chooses weights by.

Errors are told by both definitions in use (absolute difference per coordinate, and distance), in
the image's pixels, in the frame of 512 x 1024 and in mm; then names, side and crop check."""
EPILOG = """with --out DIR:
  evaluation.json   every figure            evaluation.csv   the errors, one a row
  images.csv        one row an image        evaluation.png   distribution, six worst images
  images.jsonl      every finished image: a run that was stopped goes on from there"""


def main(argv: Sequence[str]) -> int:
    """Evaluate, print a table (or JSON), write files; 1 where an image could not be used."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        samples = _samples(options, parser)
    except FormatError as error:
        sys.exit(f"The truth cannot be used: {error}")
    predictor = None if options.rules_only else load_network(options)
    kept = None
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        kept = options.out / "images.jsonl"
    try:
        outcomes, failures = evaluate(
            samples,
            predictor,
            precision=options.precision,
            results_file=kept,
            progress=Progress(len(samples), sys.stderr),
        )
    except ResultsMismatch as error:
        sys.exit(f"{error}: choose another folder")
    summary = summarize(outcomes, None if predictor is None else predictor.model)
    summary["precision"] = None if predictor is None else options.precision
    summary["failures"] = [{"key": one.key, "text": one.text} for one in failures]
    as_json = json.dumps(summary, indent=1, allow_nan=False) + "\n"
    if options.out is not None:
        (options.out / "evaluation.json").write_text(as_json)
        (options.out / "evaluation.csv").write_text(errors_csv(summary))
        (options.out / "images.csv").write_text(images_csv(outcomes))
        if summary["worst"]:
            images = _worst_images(summary, samples)
            draw_evaluation(options.out / "evaluation.png", summary, outcomes, images)
    sys.stdout.write(as_json if options.json else text_table(summary))
    _complain(failures)
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inference evaluate",
        description=HELP,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--truth", metavar="PATH", nargs="+", type=Path, help="truth files, or folders of them"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="write JSON, CSV and a picture")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    add_network_options(parser)
    parser.add_argument(
        "--rules-only",
        action="store_true",
        help="ask no network: judge the crop rules on the true landmarks",
    )
    phantoms = parser.add_argument_group("phantoms")
    phantoms.add_argument(
        "--phantoms", metavar="N", type=positive, help="how many (200 without --truth)"
    )
    phantoms.add_argument(
        "--seed",
        metavar="S",
        type=natural,
        default=EVALUATION_SEEDS,
        help="the first seed (%(default)s)",
    )
    phantoms.add_argument(
        "--partial",
        metavar="SHARE",
        type=share,
        default=0.1,
        help="how many fields end anywhere (%(default)s)",
    )
    phantoms.add_argument(
        "--padded",
        metavar="SHARE",
        type=share,
        default=0.0,
        help="how many are padded with black in front of the spine (%(default)s)",
    )
    return parser


def _samples(options: argparse.Namespace, parser: argparse.ArgumentParser) -> list[Sample]:
    samples = read_samples(options.truth or [])
    if samples and not any(sample.marked for sample in samples):
        raise FormatError(f"{options.truth[0]}: no corner of T12 to L5 is marked on any image")
    count = options.phantoms
    if count is None:
        count = 0 if options.truth else 200
    if options.seed + count > TRAINING_SEEDS:
        parser.error(f"seeds from {TRAINING_SEEDS} upwards are for training")
    seeds = range(options.seed, options.seed + count)
    samples += phantom_samples(seeds, partial=options.partial, padded=options.padded)
    if not samples:
        parser.error("there is nothing to evaluate on")
    return samples


def _worst_images(summary: Mapping[str, Any], samples: Sequence[Sample]) -> dict[str, Any]:
    keys = {worst["key"] for worst in summary["worst"]}
    return {sample.key: sample.open()[0] for sample in samples if sample.key in keys}


def _complain(failures: Sequence[Failure]) -> None:
    for failure in failures:
        sys.stderr.write(f"{failure.key}: not evaluated. {failure.text}\n")
