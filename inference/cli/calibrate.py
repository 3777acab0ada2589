"""Command ``python -m inference calibrate``: fit and judge the probabilities of level labels."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from inference.cli.fitting_options import add_fitting_options, read_constants
from inference.cli.network_option import add_network_options, load_predictor
from inference.cli.option_types import share
from inference.decoding.level_calibration import Calibration, read_calibration
from inference.decoding.view_agreement import CLEAR
from inference.detection.variations import VARIATIONS
from inference.evaluation.calibration.calibration_tables import (
    count_judgements,
    limits_text,
    parts_of,
    reliability_csv,
    reliability_of,
    summarize_judgements,
    summary_text,
)
from inference.evaluation.calibration.cue_contributions import cues_text, measure_cues
from inference.evaluation.calibration.cue_removal import CUES
from inference.evaluation.calibration.fitting import fit_calibration
from inference.evaluation.calibration.judgement import judge
from inference.evaluation.calibration.observation_file import (
    ObservationsMismatch,
    collect_observations,
)
from inference.evaluation.calibration.observations import Observation
from inference.evaluation.calibration.reliability_figure import draw_reliability
from inference.evaluation.progress import Progress
from inference.phantom.families import FAMILIES
from inference.phantom.population import ODD_COUNT
from inference.predictor import Predictor

FIT_SEEDS: Final = 7_000_000
"""First seed of the phantoms to which the calibration is fitted."""
TEST_SEEDS: Final = 7_500_000
"""First seed of the phantoms on which it is evaluated."""
FIT_ODD_COUNT: Final = 0.2
LIMITS: Final = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
"""Limits of the probability for which flagged images are counted."""
HELP = """Calibrate the probabilities of level labels on phantoms, and evaluate them on others.

One fifth of the phantoms show all cues to the levels. In one fifth each, the ribs, the pelvis or
both are hidden, or the ends of the spine are cut off. The network is run once per image; its
results are stored in DIR, from which an interrupted run continues."""
EPILOG = """files in DIR:
  level_calibration.json           the fitted constants; to use them, copy this file to
                                   inference/decoding
  calibration.json                 figures on the held-out phantoms, by condition and family
  reliability.png, reliability.svg reliability diagrams
  reliability.csv                  their bins
  cues.json                        what each cue tells alone and besides the others; not written
                                   with --constants
  fit.jsonl, test.jsonl            detections of the network"""


def main(argv: Sequence[str]) -> int:
    """Collect observations, fit, evaluate and write the files; print the figures."""
    options = _parser().parse_args(argv)
    predictor = load_predictor(options)
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        fit = [] if options.constants else _fit_observations(options, predictor)
        calibration = _calibration(options, predictor, argv, fit)
        test = _observations("test", options.test_seed, options.test, options, predictor)
    except ObservationsMismatch as error:
        sys.exit(str(error))
    _report(options, calibration, test)
    if fit:
        cues = measure_cues(fit, test)
        _write_json(options.out / "cues.json", cues)
        sys.stdout.write(cues_text(cues))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inference calibrate",
        description=HELP,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_fitting_options(parser, fit=(1200, FIT_SEEDS), test=(800, TEST_SEEDS))
    parser.add_argument(
        "--variations",
        action="store_true",
        help="also analyse a variation of every image, and evaluate labels that use it if needed",
    )
    parser.add_argument(
        "--families",
        metavar="NAME",
        nargs="+",
        choices=sorted(FAMILIES),
        default=sorted(FAMILIES),
        help="scanner families (default: all)",
    )
    parser.add_argument(
        "--fit-odd-count",
        metavar="SHARE",
        type=share,
        default=FIT_ODD_COUNT,
        help="share of the phantoms for fitting with four or six lumbar bodies; each counts as in "
        f"the population, where it is {ODD_COUNT} (%(default)s)",
    )
    add_network_options(parser)
    return parser


def _fit_observations(options: argparse.Namespace, predictor: Predictor) -> list[Observation]:
    return _observations(
        "fit", options.fit_seed, options.fit, options, predictor, odd_count=options.fit_odd_count
    )


def _calibration(
    options: argparse.Namespace,
    predictor: Predictor,
    argv: Sequence[str],
    observations: Sequence[Observation],
) -> Calibration:
    """Return the constants to evaluate; fitted ones are written to the folder."""
    if options.constants is not None:
        return read_constants(options.constants, read_calibration)
    origin = {
        "command": shlex.join(["python", "-m", "inference", "calibrate", *argv]),
        "weights": {"name": predictor.model.name, "sha256": predictor.model.checksum},
        "seeds": [options.fit_seed, options.fit_seed + options.fit - 1],
        "families": options.families,
        "conditions": list(CUES),
        "odd_count": options.fit_odd_count,
    }
    path = options.out / "level_calibration.json"
    _write_json(path, fit_calibration(observations, origin).to_dict())
    # What is judged is what is stored, with its rounding.
    return read_calibration(path)


def _observations(
    name: str,
    first: int,
    count: int,
    options: argparse.Namespace,
    predictor: Predictor,
    *,
    odd_count: float = ODD_COUNT,
) -> list[Observation]:
    return collect_observations(
        options.out / f"{name}.jsonl",
        range(first, first + count),
        predictor.detector,
        checksum=predictor.model.checksum,
        families=options.families,
        variations=VARIATIONS if options.variations else {},
        odd_count=odd_count,
        progress=Progress(count, sys.stderr),
    )


def _report(
    options: argparse.Namespace, calibration: Calibration, test: Sequence[Observation]
) -> None:
    judgements = judge(test, calibration)
    summaries = {"one view": summarize_judgements(judgements)}
    if options.variations:
        varied = judge(test, calibration, clear=CLEAR, variations=list(VARIATIONS))
        summaries["with variations"] = summarize_judgements(varied)
    _write_json(options.out / "calibration.json", summaries)
    (options.out / "reliability.csv").write_text(reliability_csv(summaries["one view"]))
    draw_reliability(
        [options.out / "reliability.png", options.out / "reliability.svg"],
        {name: reliability_of(members) for name, members in parts_of(judgements)},
    )
    for title, summary in summaries.items():
        sys.stdout.write(f"{title}\n{summary_text(summary)}\n")
    by_limit = {
        limit: count_judgements(judge(test, calibration, min_probability=limit)) for limit in LIMITS
    }
    sys.stdout.write(limits_text(by_limit))


def _write_json(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n")
