"""Work through samples one by one, keeping each result at once so that a stop loses nothing."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TextIO

import inference
from inference.evaluation.outcome import Outcome, build_outcome
from inference.evaluation.progress import Progress
from inference.evaluation.samples import Sample
from inference.image import UnreadableImage
from inference.pipeline import LandmarkPredictor
from inference.runtime.session import Precision

RULES_ONLY = "the crop rules alone"
Kept = dict[tuple[str, str], Outcome]
"""By a sample's key and version."""


class ResultsMismatch(Exception):
    """The folder holds the results of other weights, or of other code."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An image that could not be evaluated, and why."""

    key: str
    text: str


def evaluate(
    samples: Sequence[Sample],
    predictor: LandmarkPredictor | None,
    *,
    precision: Precision = "f32",
    kept: Path | None = None,
    progress: Progress | None = None,
) -> tuple[list[Outcome], list[Failure]]:
    """Outcomes in the order of the samples.

    Parameters
    ----------
    samples
        What to evaluate on.
    predictor
        The network to ask; ``None`` judges the crop rules on the true landmarks alone.
    precision
        What the network computes with: results of another are not taken for its own.
    kept
        A file of JSON lines: outcomes in it are taken as they are, new ones are added. What failed
        is tried again.
    progress
        Told after each sample.

    Raises
    ------
    ResultsMismatch
        Where ``kept`` holds results of other weights, or of other code.
    """
    source = RULES_ONLY if predictor is None else predictor.model.checksum
    if predictor is not None and precision != "f32":
        source = f"{source} in {precision}"
    source += f" by code {_code_digest()[:12]}"
    earlier = {} if kept is None else _read_kept(kept, source)
    done = {
        sample.key: earlier[sample.key, sample.version]
        for sample in samples
        if (sample.key, sample.version) in earlier
    }
    failures = []
    file = None if kept is None else _reopened(kept, source, earlier)
    try:
        for sample in samples:
            if sample.key not in done:
                try:
                    done[sample.key] = _evaluate_one(sample, predictor)
                    if file is not None:
                        _write_outcome(file, done[sample.key], sample.version)
                except (UnreadableImage, ValueError) as error:
                    failures.append(Failure(sample.key, str(getattr(error, "text", error))))
            if progress is not None:
                progress.step()
    finally:
        if file is not None:
            file.close()
    return [done[sample.key] for sample in samples if sample.key in done], failures


def _evaluate_one(sample: Sample, predictor: LandmarkPredictor | None) -> Outcome:
    image, truth = sample.open()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        prediction = None if predictor is None else predictor.predict(image)
    return build_outcome(sample.key, image, truth, prediction)


@cache
def _code_digest() -> str:
    """Of all our source: what answers and judges differently gives other outcomes."""
    root = Path(inference.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read_kept(path: Path, source: str) -> Kept:
    """The outcomes of an earlier run; its last line may have been cut off."""
    if not path.exists():
        return {}
    found: Kept = {}
    for number, line in enumerate(path.read_text().splitlines()):
        try:
            data = json.loads(line)
        except json.JSONDecodeError:
            continue
        if number == 0:
            if data.get("weights") != source:
                raise ResultsMismatch(
                    f"{path} holds results of {data.get('weights')}, not {source}"
                )
        else:
            version = data.pop("version", "")
            found[data["key"], version] = Outcome.from_dict(data)
    return found


def _reopened(path: Path, source: str, earlier: Kept) -> TextIO:
    """The file with its complete lines alone, open for more."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w") as file:
        _write_line(file, {"weights": source})
        for (_, version), outcome in earlier.items():
            _write_outcome(file, outcome, version)
    fresh.replace(path)
    return path.open("a")


def _write_outcome(file: TextIO, outcome: Outcome, version: str) -> None:
    _write_line(file, {**outcome.to_dict(), "version": version})


def _write_line(file: TextIO, data: dict[str, Any]) -> None:
    file.write(json.dumps(data, allow_nan=False) + "\n")
    file.flush()
