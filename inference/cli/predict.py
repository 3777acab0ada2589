"""Command ``python -m inference predict``: landmarks, guides and crop check of image files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inference.annotations.coco import write_coco
from inference.annotations.makesense import write_makesense
from inference.annotations.marked_images import MarkedImage
from inference.annotations.vertenet_csv import write_vertenet_csv
from inference.annotations.verteread_json import image_from_analysis
from inference.cli.network_option import add_network_options, load_network
from inference.image import UnreadableImage
from inference.overlay import draw_overlay
from inference.pipeline import analyze
from inference.results import Analysis
from inference.sandboxed_image import read_image_in_sandbox

HELP = """Detect T12 to L5 on lateral-spine images and draw guides across the aorta.

Files may be DICOM, PNG or JPEG. Each file gives one line of JSON; coordinates are [x, y] in
original image pixels with the origin at the top left. A file that cannot be read gives a line with
"error"; the others are still processed, and the exit status is 1."""
FORMATS = """formats of the landmarks:
  json          all results, one line per file; the input format of the other commands
  vertenet-csv  the table of VerteNet's authors, one per file, in pixels of 512 x 1024
  coco          COCO keypoints, one document for all files
  makesense     point export of makesense.ai, one table for all files"""

COMBINED_FORMATS: dict[str, tuple[str, Callable[[Sequence[MarkedImage]], str]]] = {
    "coco": ("landmarks.coco.json", write_coco),
    "makesense": ("landmarks.makesense.csv", write_makesense),
}


def main(argv: Sequence[str]) -> int:
    """Analyse the files one after another with one network; return 1 if a file failed."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.format == "vertenet-csv" and len(options.files) > 1 and options.out is None:
        parser.error("vertenet-csv is one table per file, so several files need --out DIR")
    predictor = load_network(options)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
    # People read sentences; pipes and scripts receive JSON.
    sentences = options.format == "json" and sys.stdout.isatty() and not options.json
    status = 0
    marked: list[MarkedImage] = []
    for path, output in zip(options.files, _output_paths(options), strict=True):
        try:
            # In a sandbox, so that a crafted file ends one process instead of the whole run.
            image = read_image_in_sandbox(path)
            analysis = analyze(image, predictor)
        # One unreadable file must not stop the others.
        except UnreadableImage as error:
            status = 1
            line: dict[str, Any] = {"file": str(path), "error": error.text}
            sentence = f"{path}: not read. {error.text}"
        else:
            line = {**analysis.to_dict(), "file": str(path)}
            sentence = _sentence(path, analysis)
            marked.append(replace(image_from_analysis(analysis), file=_name(path, options.files)))
            if options.overlay:
                picture = draw_overlay(image, analysis)
                picture.save(_with_ending(output, ".overlay.png"))
        if options.format == "json":
            if options.out is not None:
                _with_ending(output, ".json").write_text(_json(line, indent=1))
            _write(sentence + "\n" if sentences else _json(line), None)
        # Tables contain only landmarks, so errors are printed separately.
        elif "error" in line:
            sys.stderr.write(sentence + "\n")
        elif options.format == "vertenet-csv":
            target = None if options.out is None else _with_ending(output, ".vertenet.csv")
            _write(write_vertenet_csv(marked[-1]), target)
    if options.format in COMBINED_FORMATS:
        name, write = COMBINED_FORMATS[options.format]
        _write(write(marked), options.out and options.out / name)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inference predict",
        description=HELP,
        epilog=FORMATS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="DICOM, PNG or JPEG")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="also write FILE.json and overlays to DIR"
    )
    parser.add_argument(
        "--format",
        choices=["json", "vertenet-csv", *COMBINED_FORMATS],
        default="json",
        help="format of the landmarks (json); written to DIR with --out, otherwise to the output",
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON instead of sentences on a terminal"
    )
    parser.add_argument(
        "--overlay",
        action="store_true",
        help="write FILE.overlay.png with corners and guides, to DIR or next to the file",
    )
    add_network_options(parser)
    return parser


def _json(line: dict[str, Any], *, indent: int | None = None) -> str:
    return json.dumps(line, indent=indent, allow_nan=False) + "\n"


def _write(text: str, target: Path | None) -> None:
    """Write a text to a file and print its path, or print the text without a file."""
    if target is None:
        sys.stdout.write(text)
    else:
        target.write_text(text)
        sys.stdout.write(f"{target}\n")
    # Results of long runs appear in a pipe as soon as they are available.
    sys.stdout.flush()


def _sentence(path: Path, analysis: Analysis) -> str:
    """Return the result of one file as a sentence."""
    vertebrae = ", ".join(vertebra.value for vertebra in analysis.prediction.landmarks.bodies)
    uncertain = [
        doubt.detail
        for doubt in (analysis.prediction.view_doubt, analysis.prediction.level_doubt)
        if doubt is not None
    ]
    parts = [
        f"{path}: {vertebrae or 'no vertebrae'}",
        f"anterior {analysis.prediction.anterior}",
        f"{len(analysis.measurements.guides)} lines",
        f"aorta {analysis.measurements.crop.verdict}",
    ]
    return "; ".join(parts) + "".join(f". Uncertain: {detail}" for detail in uncertain)


def _output_paths(options: argparse.Namespace) -> list[Path]:
    """Return the output path of each file without its ending, in DIR or next to the file.

    Files with the same name get a number.
    """
    # Files of different folders may share a name.
    taken: set[Path] = set()
    outputs = []
    for path in options.files:
        output = first = (options.out or path.parent) / path.stem
        number = 1
        # A name with a number may belong to another file, so every candidate is checked.
        while output in taken:
            number += 1
            output = first.with_name(f"{first.name}-{number}")
        taken.add(output)
        outputs.append(output)
    return outputs


def _name(path: Path, files: Sequence[Path]) -> str:
    """Return a file's name in a table: the full path if another file has the same name."""
    unique = all(other == path for other in files if other.name == path.name)
    return path.name if unique else str(path)


def _with_ending(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
