"""Evaluate samples one by one and save each result, so that a run can be resumed."""

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
SavedOutcomes = dict[tuple[str, str], Outcome]
"""Outcomes by key and version of the sample."""


class ResultsMismatch(Exception):
    """Raised when a results file belongs to other weights, precision or code."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An image that could not be evaluated, with the reason."""

    key: str
    text: str


def evaluate(
    samples: Sequence[Sample],
    predictor: LandmarkPredictor | None,
    *,
    precision: Precision = "f32",
    results_file: Path | None = None,
    progress: Progress | None = None,
) -> tuple[list[Outcome], list[Failure]]:
    """Evaluate samples and return their outcomes.

    Parameters
    ----------
    samples
        Images with ground truth.
    predictor
        The network; ``None`` evaluates only the crop rules, on the true landmarks.
    precision
        Precision of the network; saved results of another precision are not reused.
    results_file
        A file of JSON lines. Outcomes in it are reused and new ones are added; images that failed
        are evaluated again.
    progress
        Advanced after each sample.

    Returns
    -------
    outcomes
        Outcomes in the order of the samples, without failures.
    failures
        Images that could not be evaluated.

    Raises
    ------
    ResultsMismatch
        If ``results_file`` has results of other weights, precision or code.
    """
    # Saved results may be reused only if weights, precision and code are unchanged.
    source = RULES_ONLY if predictor is None else predictor.model.checksum
    if predictor is not None and precision != "f32":
        source = f"{source} in {precision}"
    source += f" by code {_code_digest()[:12]}"
    earlier = {} if results_file is None else _read_outcomes(results_file, source)
    outcomes = {
        sample.key: earlier[sample.key, sample.version]
        for sample in samples
        if (sample.key, sample.version) in earlier
    }
    failures = []
    file = None if results_file is None else _reopen(results_file, source, earlier)
    try:
        for sample in samples:
            # Failures are not saved, so that they are tried again in the next run.
            if sample.key not in outcomes:
                try:
                    outcomes[sample.key] = _evaluate_one(sample, predictor)
                    if file is not None:
                        _write_outcome(file, outcomes[sample.key], sample.version)
                except (UnreadableImage, ValueError) as error:
                    failures.append(Failure(sample.key, str(getattr(error, "text", error))))
            if progress is not None:
                progress.step()
    finally:
        if file is not None:
            file.close()
    return [outcomes[sample.key] for sample in samples if sample.key in outcomes], failures


def _evaluate_one(sample: Sample, predictor: LandmarkPredictor | None) -> Outcome:
    image, truth = sample.open()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        prediction = None if predictor is None else predictor.predict(image)
    return build_outcome(sample.key, image, truth, prediction)


@cache
def _code_digest() -> str:
    """Return the SHA-256 of the package, because a change of code may change outcomes."""
    root = Path(inference.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read_outcomes(path: Path, source: str) -> SavedOutcomes:
    """Return the outcomes of an earlier run."""
    if not path.exists():
        return {}
    outcomes: SavedOutcomes = {}
    for number, line in enumerate(path.read_text().splitlines()):
        try:
            data = json.loads(line)
        except json.JSONDecodeError:
            continue  # a run that was interrupted may have left an incomplete line
        if number == 0:
            if data.get("weights") != source:
                raise ResultsMismatch(
                    f"{path} contains results of {data.get('weights')}, not of {source}"
                )
        else:
            version = data.pop("version", "")
            outcomes[data["key"], version] = Outcome.from_dict(data)
    return outcomes


def _reopen(path: Path, source: str, earlier: SavedOutcomes) -> TextIO:
    """Rewrite the file with complete lines only, and open it to append further ones."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w") as file:
        _write_line(file, {"weights": source})
        for (_, version), outcome in earlier.items():
            _write_outcome(file, outcome, version)
    temporary.replace(path)
    return path.open("a")


def _write_outcome(file: TextIO, outcome: Outcome, version: str) -> None:
    _write_line(file, {**outcome.to_dict(), "version": version})


def _write_line(file: TextIO, data: dict[str, Any]) -> None:
    # Each line is flushed at once, so that an interruption loses at most one result.
    file.write(json.dumps(data, allow_nan=False) + "\n")
    file.flush()
