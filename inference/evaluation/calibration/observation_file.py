"""A file of observations that an interrupted run continues, so that no image is analysed twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import inference
from inference.detection.detector import ColumnDetector
from inference.detection.variations import Variation
from inference.evaluation.calibration.observations import Observation, observe
from inference.evaluation.progress import Progress
from inference.phantom.population import ODD_COUNT

DETECTION_CODE: Final = (
    "decoding/corners.py",
    "decoding/vertebrae.py",
    "detection",
    "evaluation/calibration/cue_removal.py",
    "evaluation/calibration/observations.py",
    "phantom",
    "polarity.py",
)
"""Code that determines observations; the code that labels them may change."""


class ObservationsMismatch(Exception):
    """Raised when a file has observations of other weights, families or code."""


def collect_observations(
    path: Path,
    seeds: Sequence[int],
    detector: ColumnDetector,
    *,
    checksum: str,
    families: Sequence[str],
    variations: Mapping[str, Variation],
    odd_count: float = ODD_COUNT,
    progress: Progress | None = None,
) -> list[Observation]:
    """Return one observation per seed; those in the file are read, the others are added to it.

    Parameters
    ----------
    path
        File of JSON lines; it need not exist.
    seeds
        Seeds of the phantoms.
    detector, checksum
        The network and the SHA-256 of its weights.
    families, variations, odd_count
        As for `observe`.
    progress
        Advanced after each image.

    Raises
    ------
    ObservationsMismatch
        If the file belongs to other weights, families or code.
    """
    header = {
        "weights": checksum,
        "families": list(families),
        "odd_count": odd_count,
        "variations": {name: repr(one) for name, one in variations.items()},
        "code": _detection_digest(),
    }
    by_seed = _read(path, header)
    # The file is rewritten with complete lines only: an interruption may have cut off the last one.
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w") as file:
        _write(file, header)
        for seed, observation in by_seed.items():
            _write(file, {"seed": seed, **observation.to_dict()})
    temporary.replace(path)
    with path.open("a") as file:
        for seed in seeds:
            if seed not in by_seed:
                (one,) = observe(
                    [seed],
                    detector,
                    families=families,
                    variations=variations,
                    odd_count=odd_count,
                )
                document = one.to_dict()
                _write(file, {"seed": seed, **document})
                # As it would be read from the file, so that a repeated run gives the same result.
                by_seed[seed] = Observation.from_dict(document)
            if progress is not None:
                progress.step()
    return [by_seed[seed] for seed in seeds]


def _read(path: Path, header: Mapping[str, Any]) -> dict[int, Observation]:
    if not path.exists():
        return {}
    lines = path.read_text().splitlines(keepends=True)
    if not lines or json.loads(lines[0]) != header:
        raise ObservationsMismatch(
            f"{path} has observations of other weights, families or code. Choose another folder."
        )
    documents = [json.loads(line) for line in lines[1:] if line.endswith("\n")]
    return {document["seed"]: Observation.from_dict(document) for document in documents}


def _write(file: Any, data: Mapping[str, Any]) -> None:
    # Each line is flushed at once, so that an interruption loses at most one image.
    file.write(json.dumps(data, allow_nan=False) + "\n")
    file.flush()


@cache
def _detection_digest() -> str:
    root = Path(inference.__file__).parent
    digest = hashlib.sha256()
    for name in DETECTION_CODE:
        path = root / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
