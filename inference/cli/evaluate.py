"""Command ``python -m inference evaluate``: evaluate weights and crop rules."""

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
from inference.phantom.families import FAMILIES
from inference.phantom.seeds import EVALUATION_SEEDS, TRAINING_SEEDS

HELP = """Compare the network's landmarks with a reference standard.

The reference standard is a makesense CSV file, a COCO keypoint file or a JSON file as written by
predict and phantom, with the images in the same folder (or in its folder "images"). Of a folder,
all such files are read; several sources can be combined. Without --reference, the network is
evaluated on phantoms that are used neither for training nor for selecting weights.

Errors are reported by both common definitions (absolute difference per coordinate, and distance),
in image pixels, in pixels of 512 x 1024 and in mm, followed by labels, side and crop check."""
EPILOG = """with --out DIR:
  evaluation.json   all results             evaluation.csv   errors, one per row
  images.csv        one row per image       evaluation.png   distribution, six worst images
  images.jsonl      finished images, from which an interrupted run continues"""


def main(argv: Sequence[str]) -> int:
    """Evaluate, print a table or JSON, and write files; return 1 if an image failed."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        samples = _samples(options, parser)
    except FormatError as error:
        sys.exit(f"The reference standard cannot be used: {error}")
    predictor = None if options.rules_only else load_network(options)
    results_file = None
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        # Finished images are stored, so that an interrupted run continues.
        results_file = options.out / "images.jsonl"
    try:
        outcomes, failures = evaluate(
            samples,
            predictor,
            precision=options.precision,
            results_file=results_file,
            progress=Progress(len(samples), sys.stderr),
        )
    except ResultsMismatch as error:
        sys.exit(f"{error}. Choose another folder.")
    summary = summarize(outcomes, None if predictor is None else predictor.model)
    summary["precision"] = None if predictor is None else options.precision
    summary["failures"] = [{"key": failure.key, "text": failure.text} for failure in failures]
    as_json = json.dumps(summary, indent=1, allow_nan=False) + "\n"
    if options.out is not None:
        (options.out / "evaluation.json").write_text(as_json)
        (options.out / "evaluation.csv").write_text(errors_csv(summary))
        (options.out / "images.csv").write_text(images_csv(outcomes))
        if summary["worst"]:
            images = _worst_images(summary, samples)
            draw_evaluation(options.out / "evaluation.png", summary, outcomes, images)
    sys.stdout.write(as_json if options.json else text_table(summary))
    _report_failures(failures)
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inference evaluate",
        description=HELP,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--reference",
        "--truth",
        dest="reference",
        metavar="PATH",
        nargs="+",
        type=Path,
        help="files with the reference standard, or folders (--truth is the earlier name)",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for JSON, CSV and a figure")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    add_network_options(parser)
    parser.add_argument(
        "--rules-only",
        action="store_true",
        help="only evaluate the crop rules, on the reference landmarks",
    )
    phantoms = parser.add_argument_group("phantoms")
    phantoms.add_argument(
        "--phantoms",
        metavar="N",
        type=positive,
        help="number of phantoms (200 without --reference)",
    )
    phantoms.add_argument(
        "--seed",
        metavar="S",
        type=natural,
        default=EVALUATION_SEEDS,
        help="first seed (%(default)s)",
    )
    phantoms.add_argument(
        "--partial",
        metavar="SHARE",
        type=share,
        default=0.1,
        help="share of fields that end at a random position (%(default)s)",
    )
    phantoms.add_argument(
        "--padded",
        metavar="SHARE",
        type=share,
        default=0.0,
        help="share with black padding anterior to the spine (%(default)s)",
    )
    phantoms.add_argument(
        "--family",
        metavar="NAME",
        nargs="+",
        choices=list(FAMILIES),
        help=f"only these families, in equal shares: {', '.join(FAMILIES)} (default: all, by their "
        "shares)",
    )
    return parser


def _samples(options: argparse.Namespace, parser: argparse.ArgumentParser) -> list[Sample]:
    samples = read_samples(options.reference or [])
    # Check before the network is loaded and the images are processed.
    if samples and not any(sample.marked for sample in samples):
        raise FormatError(
            f"{options.reference[0]}: no corner of T12 to L5 is marked on any image. "
            "Mark them first."
        )
    count = options.phantoms
    if count is None:
        count = 0 if options.reference else 200
    # Phantoms that were used for training would give optimistic results.
    if options.seed + count > TRAINING_SEEDS:
        parser.error(f"seeds from {TRAINING_SEEDS} upwards are reserved for training")
    seeds = range(options.seed, options.seed + count)
    family = tuple(options.family) if options.family else None
    samples += phantom_samples(seeds, partial=options.partial, padded=options.padded, family=family)
    if not samples:
        parser.error("there are no images to evaluate")
    return samples


def _worst_images(summary: Mapping[str, Any], samples: Sequence[Sample]) -> dict[str, Any]:
    keys = {worst["key"] for worst in summary["worst"]}
    return {sample.key: sample.open()[0] for sample in samples if sample.key in keys}


def _report_failures(failures: Sequence[Failure]) -> None:
    for failure in failures:
        sys.stderr.write(f"{failure.key}: not evaluated. {failure.text}\n")
