"""The bundled weights on one real examination (GE Lunar iDXA): a lateral and seven other images."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.image import read_image
from inference.pipeline import analyze
from inference.results import CORNERS, VERTEBRAE
from tests.inference.alterations import alterations

pytestmark = pytest.mark.skipif(
    "VERTEREAD_REAL_DATA" not in os.environ, reason="VERTEREAD_REAL_DATA is not set"
)


@pytest.fixture(scope="module")
def predictor():
    from inference.predictor import Predictor

    return Predictor.load()


@pytest.fixture(scope="module")
def images():
    folder = Path(os.environ["VERTEREAD_REAL_DATA"])
    files = sorted(folder.rglob("*.dcm"), key=lambda path: path.stat().st_size)
    return [read_image(path) for path in files]


@pytest.fixture(scope="module")
def analyses(images, predictor):
    return [analyze(image, predictor) for image in images]


def corner_points(landmarks, back=lambda x, y: (x, y)):
    """Return the corners by vertebra and name, in pixels of the original image."""
    return {
        (vertebra, name): back(*point)
        for vertebra, body in landmarks.bodies.items()
        for name in CORNERS
        if (point := getattr(body, name)) is not None
    }


def test_lateral_has_six_vertebrae_anterior_to_the_right_and_all_lines(analyses):
    lateral = analyses[-1]
    assert lateral.prediction.level_uncertainty is None
    assert list(lateral.prediction.landmarks.bodies) == list(VERTEBRAE)
    assert lateral.prediction.anterior == "right"
    assert lateral.prediction.view_uncertainty is None
    assert len(lateral.measurements.guides) == 13
    l1 = lateral.prediction.landmarks.bodies[VERTEBRAE[1]]
    assert l1.superior_posterior == pytest.approx((290, 1041), abs=12)


def test_lateral_is_not_cropped_and_its_field_ends_at_the_image_border(analyses):
    crop = analyses[-1].measurements.crop
    assert crop.verdict == "ok"
    assert {line["kind"] for line in crop.evidence["lines"]} == {"image"}
    assert min(level.margin_mm for level in crop.levels.values()) > 20


def test_authors_crop_rule_is_wrong_on_the_lateral(analyses):
    """About 100 of the 500 samples are black although nothing is cropped (docs/guides.md)."""
    authors = analyses[-1].measurements.crop.evidence["vertenet"]
    assert authors["verdict"] == "cropped"
    assert authors["1.0"]["outside"] == 0
    assert 60 <= authors["1.0"]["black"] <= 150


def test_every_other_view_is_flagged(analyses):
    assert all(other.prediction.view_uncertainty is not None for other in analyses[:-1])


def test_altered_lateral_gets_the_same_labels_and_corners(images, predictor):
    lateral = images[-1]
    plain = corner_points(predictor.predict(lateral).landmarks)
    per_pixel = np.array([512 / lateral.width, 1024 / lateral.height])
    for name, (pixels, back) in alterations(lateral.pixels).items():
        altered = replace(lateral, pixels=np.ascontiguousarray(pixels, dtype=np.float32))
        answer = predictor.predict(altered)
        altered_points = corner_points(answer.landmarks, back)
        assert answer.level_uncertainty is None, name
        assert altered_points.keys() >= plain.keys(), name  # padding shows one more corner
        moved = [
            np.abs(np.subtract(altered_points[key], plain[key]) * per_pixel).mean() for key in plain
        ]
        assert np.mean(moved) < 1.0, name


def test_lateral_without_l5_keeps_its_labels_and_warns(images, predictor):
    lateral = images[-1]
    plain = predictor.predict(lateral).landmarks
    for rows in (1625, 1690):
        cut = replace(lateral, pixels=np.ascontiguousarray(lateral.pixels[:rows]))
        analysis = analyze(cut, predictor)
        assert "l5_not_visible" in {notice.code for notice in analysis.measurements.warnings}
        for vertebra, body in analysis.prediction.landmarks.bodies.items():
            expected = plain.bodies[vertebra].superior_posterior
            assert body.superior_posterior == pytest.approx(expected, abs=12), (rows, vertebra)
