import json
from dataclasses import replace

import pytest

from inference.pipeline import analyze
from inference.results import (
    Body,
    Landmarks,
    LevelPosterior,
    ModelInfo,
    Prediction,
    Uncertainty,
    Vertebra,
)
from tests.inference.spines import grey_image, straight

MODEL = ModelInfo("stand-in", "0" * 64, "trained on synthetic images, for demonstration", True)


class StandIn:
    """A predictor that returns the same landmarks for every image."""

    model = MODEL

    def __init__(self, landmarks, anterior="right", level_uncertainty=None):
        bodies = tuple(landmarks.bodies.values())
        self.prediction = Prediction(landmarks, anterior, 0.97, level_uncertainty, None, bodies)

    def predict(self, image):
        return self.prediction


def test_result_has_the_keys_of_the_contract():
    document = analyze(grey_image(spacing_mm=(1.0, 0.5)), StandIn(straight())).to_dict()
    assert set(document) >= {
        "file",
        "width",
        "height",
        "spacing_mm",
        "spacing_source",
        "anterior",
        "model",
        "landmarks",
        "names",
        "level_doubt",
        "guides",
        "crop",
        "morphometry",
        "warnings",
    }
    assert document["spacing_mm"] == [1.0, 0.5]
    assert document["landmarks"]["L1"]["superior_posterior"] == [100.0, 140.0]
    assert set(document["guides"][0]) == {"name", "kind", "posterior", "anterior", "end"}
    assert document["crop"]["levels"]["L1"]["margin_mm"] == pytest.approx(
        159.5 * 0.5 - 24, abs=0.01
    )
    assert document["morphometry"]["L2"]["posterior_height_mm"] == 30
    assert document["model"]["synthetic"] is True
    json.dumps(document, allow_nan=False)


def test_corner_outside_the_image_is_null_in_landmarks_and_bodies():
    analysis = analyze(grey_image(width=130), StandIn(straight()))
    document = analysis.to_dict()
    assert document["landmarks"]["L1"]["superior_anterior"] is None
    assert analysis.prediction.bodies[1] == analysis.prediction.landmarks.bodies[Vertebra.L1]
    assert document["guides"] == []
    assert document["crop"]["verdict"] == "unknown"


def test_level_uncertainty_is_included():
    uncertainty = Uncertainty("seventh_body", "A seventh body of similar strength lies above T12.")
    document = analyze(grey_image(), StandIn(straight(), level_uncertainty=uncertainty)).to_dict()
    assert document["level_doubt"] == {"reason": uncertainty.reason, "detail": uncertainty.detail}


def test_probabilities_of_the_labels_are_included():
    stand_in = StandIn(straight())
    assert analyze(grey_image(), stand_in).to_dict()["names"] is None
    names = LevelPosterior({0: 0.9, 1: 0.1})
    stand_in.prediction = replace(stand_in.prediction, names=names)
    assert analyze(grey_image(), stand_in).to_dict()["names"] == names.to_dict()


def test_image_without_landmarks_gives_a_result():
    document = analyze(grey_image(), StandIn(Landmarks({}))).to_dict()
    assert set(document["landmarks"].values()) == {None}
    assert {warning["code"] for warning in document["warnings"]} >= {"vertebrae_missing"}


def test_confidence_is_included():
    body = Body((10.0, 10.0), (20.0, 10.0), (10.0, 20.0), (20.0, 20.0), 0.4)
    document = analyze(grey_image(), StandIn(Landmarks({Vertebra.L3: body}))).to_dict()
    assert document["landmarks"]["L3"]["confidence"] == 0.4
