"""Command ``python -m inference predict``: landmarks, guides and crop check of image files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from inference.cli.file_analysis import (
    FileResult,
    Job,
    NetworkSettings,
    analyze_file,
    analyze_files,
    suitable_processes,
)
from inference.cli.network_option import add_network_options, load_network, read_checksum
from inference.cli.option_types import positive, shard
from inference.cli.prediction_report import COMBINED_FORMATS, PredictionReport, output_paths
from inference.cli.result_lines import ResultLines, ResultLinesError, shard_of
from inference.network.weights_header import CheckpointError
from inference.runtime.session import RuntimeUnavailable

HELP = """Detect T12 to L5 on lateral-spine images and draw guides across the aorta.

Files may be DICOM, PNG or JPEG. The output has one line of JSON per file; coordinates are [x, y] in
original image pixels with the origin at the top left. For a file that cannot be read, the line has
an "error"; the others are still processed, and the exit status is 1."""
FORMATS = """formats of the landmarks:
  json          all results, one line per file; the input format of the other commands
  vertenet-csv  the table of VerteNet's authors, one per file, in pixels of 512 x 1024
  coco          COCO keypoints, one document for all files
  makesense     point export of makesense.ai, one table for all files"""


def main(argv: Sequence[str]) -> int:
    """Analyse the files, in several processes if there are many; return 1 if a file failed."""
    options = _options(argv)
    files = shard_of(options.files, options.shard)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
    processes = options.processes or suitable_processes(len(files))
    network = load_network(options) if processes == 1 else None
    checksum = network.model.checksum if network is not None else read_checksum(options)
    with _result_lines(options, checksum) as lines:
        done = lines.done if lines is not None else frozenset()
        outputs = zip(files, output_paths(files, options.out), strict=True)
        jobs = [Job(f, path, options.overlay) for f, path in outputs if str(f) not in done]
        results: Iterator[FileResult]
        if network is not None:
            results = (analyze_file(job, network) for job in jobs)
        else:
            results = _from_processes(jobs, options, processes)
        report = PredictionReport(options, files, lines, len(jobs))
        for result in results:
            report.add(result)
    return report.finish(len(files) - len(jobs))


def _from_processes(
    jobs: Sequence[Job], options: argparse.Namespace, processes: int
) -> Iterator[FileResult]:
    """Yield results of several processes; exit with a message if they cannot work."""
    settings = NetworkSettings(options.weights, options.precision, options.threads)
    try:
        yield from analyze_files(jobs, settings, processes)
    except (CheckpointError, RuntimeUnavailable) as error:
        sys.exit(f"The weights cannot be used: {error}")
    except BrokenProcessPool:
        sys.exit(
            "A process ended unexpectedly, probably because memory ran out. Use fewer --processes; "
            "with --results and --resume, completed files are not analysed again."
        )


@contextmanager
def _result_lines(options: argparse.Namespace, checksum: str) -> Iterator[ResultLines | None]:
    if options.results is None:
        yield None
        return
    try:
        lines = ResultLines(options.results, checksum=checksum, resume=options.resume)
    except ResultLinesError as error:
        sys.exit(str(error))
    with lines:
        yield lines


def _options(argv: Sequence[str]) -> argparse.Namespace:
    """Return the options; ``files`` are those of the arguments and of ``--files-from``."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.files_from is not None:
        with options.files_from as listed:
            options.files += [Path(name) for line in listed if (name := line.rstrip("\r\n"))]
    if not options.files:
        parser.error("name at least one file, or a list of files with --files-from")
    if options.format == "vertenet-csv" and len(options.files) > 1 and options.out is None:
        parser.error("vertenet-csv is one table per file, so several files need --out DIR")
    if options.resume and options.results is None:
        parser.error("--resume continues a file of results, so it needs --results FILE")
    if options.results is not None and options.format != "json":
        parser.error("--results contains JSON, so it cannot be used with --format")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inference predict",
        description=HELP,
        epilog=FORMATS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="DICOM, PNG or JPEG")
    parser.add_argument(
        "--files-from",
        metavar="LIST",
        type=argparse.FileType("r", encoding="utf-8"),
        help="also analyse the files in LIST, one path per line; - reads the list from a pipe",
    )
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
    parser.add_argument(
        "--results",
        metavar="FILE",
        type=Path,
        help="write all results to FILE, one line of JSON per file, and show the progress",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue FILE: files with a result are not analysed again",
    )
    parser.add_argument(
        "--shard",
        metavar="I/N",
        type=shard,
        default=(1, 1),
        help="analyse every N-th file only, beginning with file I: one part of N for array jobs",
    )
    parser.add_argument(
        "--processes",
        metavar="N",
        type=positive,
        help="processes that analyse files at the same time (one per processor for many files)",
    )
    add_network_options(parser)
    return parser
