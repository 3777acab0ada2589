"""Write what ``predict`` found: sentences, JSON, tables and the progress."""

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
from inference.cli.file_analysis import FileResult, Job
from inference.cli.result_lines import ResultLines
from inference.evaluation.progress import Progress
from inference.geometry.guide_warnings import GUIDE_WARNINGS
from inference.results import Analysis

COMBINED_FORMATS: dict[str, tuple[str, Callable[[Sequence[MarkedImage]], str]]] = {
    "coco": ("landmarks.coco.json", write_coco),
    "makesense": ("landmarks.makesense.csv", write_makesense),
}


class PredictionReport:
    """Write the result of each file in the requested format."""

    def __init__(
        self,
        options: argparse.Namespace,
        files: Sequence[Path],
        lines: ResultLines | None,
        total: int,
    ) -> None:
        self.options, self.files, self.lines = options, files, lines
        # People read sentences; pipes and scripts receive JSON.
        self.sentences = options.format == "json" and sys.stdout.isatty() and not options.json
        self.marked: list[MarkedImage] = []
        self.failed = self.uncertain = 0
        # Sentences on the same terminal would break up the bar.
        silent = lines is not None or not sys.stdout.isatty()
        wanted = silent and (lines is not None or sys.stderr.isatty()) and total > 1
        self.progress = Progress(total, sys.stderr, "files") if wanted else None

    def add(self, result: FileResult) -> None:
        """Write one result."""
        path, analysis = result.job.file, result.analysis
        if analysis is None:
            self.failed += 1
            line: dict[str, Any] = {"file": str(path), "error": result.error}
            sentence = f"{path}: not read. {result.error}"
        else:
            prediction = analysis.prediction
            self.uncertain += bool(prediction.level_uncertainty or prediction.view_uncertainty)
            line = {**analysis.to_dict(), "file": str(path)}
            sentence = _sentence(path, analysis)
        if self.options.format != "json":
            self._add_landmarks(result.job, analysis, sentence)
        else:
            if self.options.out is not None:
                result.job.output_with(".json").write_text(_json(line, indent=1))
            if self.lines is not None:
                self.lines.write(line)
            else:
                _write(sentence + "\n" if self.sentences else _json(line), None)
        if self.progress is not None:
            self.progress.step()

    def _add_landmarks(self, job: Job, analysis: Analysis | None, sentence: str) -> None:
        # Tables contain only landmarks, so errors are printed separately.
        if analysis is None:
            sys.stderr.write(sentence + "\n")
            return
        image = replace(image_from_analysis(analysis), file=_name(job.file, self.files))
        if self.options.format == "vertenet-csv":
            named = self.options.out is not None
            target = job.output_with(".vertenet.csv") if named else None
            _write(write_vertenet_csv(image), target)
        else:
            self.marked.append(image)

    def finish(self, earlier: int) -> int:
        """Write the table of all files, or a summary; return the exit status."""
        if self.options.format in COMBINED_FORMATS:
            name, write = COMBINED_FORMATS[self.options.format]
            _write(write(self.marked), self.options.out and self.options.out / name)
        if self.lines is not None:
            before = f"; {earlier} analysed before" if earlier else ""
            count = "1 file" if len(self.files) == 1 else f"{len(self.files)} files"
            sys.stderr.write(
                f"{count}: {self.failed} not read, {self.uncertain} uncertain"
                f"{before}. Results: {self.lines.path}\n"
            )
        return 1 if self.failed else 0


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
        reason.detail
        for reason in (analysis.prediction.view_uncertainty, analysis.prediction.level_uncertainty)
        if reason is not None
    ]
    warnings = [
        notice.text for notice in analysis.measurements.warnings if notice.code in GUIDE_WARNINGS
    ]
    parts = [
        f"{path}: {vertebrae or 'no vertebrae'}",
        f"anterior {analysis.prediction.anterior}",
        f"{len(analysis.measurements.guides)} lines",
        f"aorta {analysis.measurements.crop.verdict}",
    ]
    notes = [f"Uncertain: {detail}" for detail in uncertain] + warnings
    return ". ".join(["; ".join(parts), *([" ".join(notes)] if notes else [])])


def output_paths(files: Sequence[Path], folder: Path | None) -> list[Path]:
    """Return the output path of each file without its ending, in DIR or next to the file.

    Files with the same name get a number.
    """
    # Files of different folders may share a name.
    taken: set[Path] = set()
    outputs = []
    for path in files:
        output = first = (folder or path.parent) / path.stem
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
