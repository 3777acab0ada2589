"""``python -m inference predict``: files to landmarks, guides and verdicts."""

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

HELP = """Find T12 to L5 on lateral-spine images and draw the guides across the aorta.

DICOM, PNG and JPEG files are read. Each file gives one line of JSON; coordinates are [x, y] in
original image pixels, origin at the top left. A file that cannot be read gives a line with
"error", the others are still done, and the exit status is 1."""
FORMATS = """formats of the landmarks:
  json          all that was found, one line a file (what everything else here reads)
  vertenet-csv  the table of VerteNet's authors, one a file, in their frame of 512 x 1024
  coco          COCO keypoints, one document for all files
  makesense     rows as makesense.ai exports points, one table for all files"""

TOGETHER: dict[str, tuple[str, Callable[[Sequence[MarkedImage]], str]]] = {
    "coco": ("landmarks.coco.json", write_coco),
    "makesense": ("landmarks.makesense.csv", write_makesense),
}


def main(argv: Sequence[str]) -> int:
    """Analyse the files one after the other with one warm network."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.format == "vertenet-csv" and len(options.files) > 1 and options.out is None:
        parser.error("vertenet-csv is one table a file: several files need --out DIR")
    predictor = load_network(options)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
    sentences = options.format == "json" and sys.stdout.isatty() and not options.json
    status = 0
    marked: list[MarkedImage] = []
    for path, place in zip(options.files, _places(options), strict=True):
        try:
            image = read_image_in_sandbox(path)
            analysis = analyze(image, predictor)
        except UnreadableImage as error:
            status = 1
            line: dict[str, Any] = {"file": str(path), "error": error.text}
            said = f"{path}: not read. {error.text}"
        else:
            line = {**analysis.to_dict(), "file": str(path)}
            said = _sentence(path, analysis)
            marked.append(replace(image_from_analysis(analysis), file=_name(path, options.files)))
            if options.overlay:
                picture = draw_overlay(image, analysis)
                picture.save(_ending(place, ".overlay.png"))
        if options.format == "json":
            if options.out is not None:
                _ending(place, ".json").write_text(_json(line, indent=1))
            _write(said + "\n" if sentences else _json(line), None)
        elif "error" in line:
            sys.stderr.write(said + "\n")
        elif options.format == "vertenet-csv":
            target = None if options.out is None else _ending(place, ".vertenet.csv")
            _write(write_vertenet_csv(marked[-1]), target)
    if options.format in TOGETHER:
        name, write = TOGETHER[options.format]
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
        "--out", metavar="DIR", type=Path, help="also write FILE.json, and overlays, into DIR"
    )
    parser.add_argument(
        "--format",
        choices=["json", "vertenet-csv", *TOGETHER],
        default="json",
        help="how landmarks are written (json); with --out into DIR, else to the output",
    )
    parser.add_argument(
        "--json", action="store_true", help="lines of JSON on a terminal too, not sentences"
    )
    parser.add_argument(
        "--overlay",
        action="store_true",
        help="write FILE.overlay.png with corners and guides, into DIR or beside the file",
    )
    add_network_options(parser)
    return parser


def _json(line: dict[str, Any], *, indent: int | None = None) -> str:
    return json.dumps(line, indent=indent, allow_nan=False) + "\n"


def _write(text: str, target: Path | None) -> None:
    """To a file, and say so; without one to the output."""
    if target is None:
        sys.stdout.write(text)
    else:
        target.write_text(text)
        sys.stdout.write(f"{target}\n")
    sys.stdout.flush()


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


def _places(options: argparse.Namespace) -> list[Path]:
    """Where each file's output goes, without its ending: into DIR or beside the file.

    Files that share a name get a number.
    """
    taken: set[Path] = set()
    places = []
    for path in options.files:
        place = first = (options.out or path.parent) / path.stem
        number = 1
        while place in taken:
            number += 1
            place = first.with_name(f"{first.name}-{number}")
        taken.add(place)
        places.append(place)
    return places


def _name(path: Path, files: Sequence[Path]) -> str:
    """What a table calls a file: its name, its whole path where another file bears that name."""
    alone = all(other == path for other in files if other.name == path.name)
    return path.name if alone else str(path)


def _ending(place: Path, ending: str) -> Path:
    return place.with_name(place.name + ending)
