from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inference.detection.detector import ColumnDetector
from inference.detection.variations import VARIATIONS
from inference.evaluation.calibration.cue_removal import CUES
from inference.evaluation.calibration.observation_file import (
    ObservationsMismatch,
    collect_observations,
)
from inference.evaluation.calibration.observations import Observation
from inference.predictor import Predictor

SEEDS = range(7_900_000, 7_900_005)


class Counting(ColumnDetector):
    """The detector, which counts the images that it is given."""

    images = 0

    def detect(self, image):
        self.images += 1
        return super().detect(image)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.load(threads=1)


def counting(predictor: Predictor) -> Counting:
    return Counting(predictor.detector.config, predictor.detector.session)


def collect(path: Path, detector: ColumnDetector, checksum: str = "a") -> list[Observation]:
    return collect_observations(
        path,
        SEEDS,
        detector,
        checksum=checksum,
        families=["ge_prodigy"],
        variations=VARIATIONS,
    )


def test_interrupted_collection_continues_without_repeating_images(
    predictor: Predictor, tmp_path: Path
) -> None:
    path = tmp_path / "fit.jsonl"
    first = counting(predictor)
    complete = collect(path, first)
    assert first.images == len(SEEDS)
    # The conditions alternate from seed to seed.
    assert len({one.condition for one in complete}) == len(CUES)
    assert all(set(one.variations) == set(VARIATIONS) for one in complete)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]) + lines[-1][:40])
    second = counting(predictor)
    again = collect(path, second)
    assert second.images == 1
    for one, other in zip(complete, again, strict=True):
        assert one.levels == other.levels
        assert len(one.bodies) == len(other.bodies)
        for body, same in zip(one.bodies, other.bodies, strict=True):
            assert body.corners == pytest.approx(same.corners, abs=0.001)
            assert body.level == pytest.approx(same.level, abs=0.001)
    with pytest.raises(ObservationsMismatch, match="Choose another folder"):
        collect(path, second, checksum="b")


def test_levels_are_those_of_the_nearest_true_bodies(predictor: Predictor, tmp_path: Path) -> None:
    (complete, *_) = collect(tmp_path / "fit.jsonl", predictor.detector)
    assert {"L1", "L2", "L3", "L4"} <= set(complete.levels)
    order = [name for name in complete.levels if name]
    rows = [body.center[1] for body in complete.bodies]
    assert rows == sorted(rows)
    assert len(order) == len(set(order))
    assert np.isfinite(complete.end)
