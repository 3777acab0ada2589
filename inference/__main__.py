"""Command line: ``python -m inference predict | phantom | train | evaluate``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from inference.image import UnreadableImage, read_image
from inference.overlay import draw_overlay
from inference.phantom.export import write_phantoms
from inference.pipeline import Predicts, analyze
from inference.shapes import Analysis

PREDICT_HELP = """Find T12 to L5 on lateral-spine images and draw the guides across the aorta.

DICOM, PNG and JPEG files are read. Each file gives one line of JSON; coordinates are [x, y] in
original image pixels, origin at the top left. A file that cannot be read gives a line with
"error", the others are still done, and the exit status is 1."""
PHANTOM_HELP = """Draw synthetic lateral-spine scans with known answers.

Writes N DICOM files and a truth JSON beside each. The same seed gives the same files."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] in (["train"], ["evaluate"]):
        return _pass_on(arguments[0], arguments[1:])
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def predict(options: argparse.Namespace) -> int:
    """Analyse the files one after the other with one warm network."""
    predictor = _load(options.weights, options.threads)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
    readable = sys.stdout.isatty() and not options.json
    status = 0
    for place, path in enumerate(options.files):
        try:
            image = read_image(path)
            analysis = analyze(image, predictor)
        except UnreadableImage as error:
            status = 1
            line: dict[str, Any] = {"file": str(path), "error": error.text}
            text = f"{path}: not read. {error.text}"
        else:
            line = {**analysis.to_dict(), "file": str(path)}
            text = _sentence(path, analysis)
            if options.overlay:
                picture = draw_overlay(image, analysis)
                picture.save(_beside(path, place, options, ".overlay.png"))
        if options.out is not None:
            target = _beside(path, place, options, ".json")
            target.write_text(json.dumps(line, indent=1, allow_nan=False) + "\n")
        written = text if readable else json.dumps(line, allow_nan=False)
        sys.stdout.write(written + "\n")
        sys.stdout.flush()
    return status


def phantom(options: argparse.Namespace) -> int:
    """Write phantoms and say where."""
    paths = write_phantoms(options.count, options.seed, options.out)
    sys.stdout.write(f"{len(paths)} phantoms in {options.out}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inference",
        description="Vertebrae, guides and crop check on lateral-spine DXA. For research, not for "
        "diagnosis.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_predict(commands)
    _add_phantom(commands)
    commands.add_parser("train", help="train weights on phantoms (train --help says more)")
    commands.add_parser("evaluate", help="measure weights on unseen phantoms")
    return parser


def _add_predict(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "predict",
        help="find vertebrae and guides on images",
        description=PREDICT_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("files", metavar="FILE", nargs="+", type=Path, help="DICOM, PNG or JPEG")
    command.add_argument(
        "--weights", metavar="PATH", type=Path, help="weights to use (default: those that ship)"
    )
    command.add_argument(
        "--out", metavar="DIR", type=Path, help="also write FILE.json, and overlays, into DIR"
    )
    command.add_argument(
        "--json", action="store_true", help="lines of JSON on a terminal too, not sentences"
    )
    command.add_argument(
        "--overlay",
        action="store_true",
        help="write FILE.overlay.png with corners and guides, into DIR or beside the file",
    )
    command.add_argument("--threads", metavar="N", type=int, help="processor threads to use")
    command.set_defaults(run=predict)


def _add_phantom(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "phantom",
        help="draw synthetic scans with known answers",
        description=PHANTOM_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--count", metavar="N", type=int, default=10, help="how many (10)")
    command.add_argument("--seed", metavar="S", type=int, default=0, help="the first seed (0)")
    command.add_argument("--out", metavar="DIR", type=Path, required=True, help="where to")
    command.set_defaults(run=phantom)


def _load(weights: Path | None, threads: int | None) -> Predicts:
    """The network, and with it torch; unusable weights end the program with one line."""
    from inference.predictor import Predictor
    from inference.vertenet.checkpoint import CheckpointError

    try:
        return Predictor.load(weights, threads=threads)
    except (CheckpointError, OSError) as error:
        sys.exit(f"The weights cannot be used: {error}")


def _pass_on(command: str, arguments: list[str]) -> int:
    """Hand the rest of the command line to the training package, which loads torch."""
    if command == "train":
        from inference.training.run import main as run
    else:
        from inference.training.evaluate import main as run
    return run(arguments)


def _sentence(path: Path, analysis: Analysis) -> str:
    found = ", ".join(vertebra.value for vertebra in analysis.prediction.landmarks.bodies)
    doubts = [
        doubt.detail
        for doubt in (analysis.prediction.view_doubt, analysis.prediction.level_doubt)
        if doubt is not None
    ]
    parts = [
        f"{path}: {found or 'no vertebra'}",
        f"anterior {analysis.prediction.anterior}",
        f"{len(analysis.measurements.guides)} lines",
        f"aorta {analysis.measurements.crop.verdict}",
    ]
    return "; ".join(parts) + "".join(f". In doubt: {doubt}" for doubt in doubts)


def _beside(path: Path, place: int, options: argparse.Namespace, ending: str) -> Path:
    """Where a file's output goes: in DIR, numbered where two files share a name, or beside it."""
    if options.out is None:
        return path.with_name(path.stem + ending)
    twins = [earlier for earlier in options.files[:place] if earlier.stem == path.stem]
    number = f"-{len(twins) + 1}" if twins else ""
    target: Path = options.out / f"{path.stem}{number}{ending}"
    return target


if __name__ == "__main__":
    sys.exit(main())
