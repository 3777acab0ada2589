import json

import pytest

from inference.pipeline import analyze
from inference.results import Body, Landmarks, LevelDoubt, ModelInfo, Prediction, Vertebra
from tests.inference.spines import grey_image, straight

MODEL = ModelInfo("stand-in", "0" * 64, "trained on synthetic images, for demonstration", True)


class StandIn:
    """Answers every image with the same landmarks."""

    model = MODEL

    def __init__(self, landmarks, anterior="right", level_doubt=None):
        bodies = tuple(landmarks.bodies.values())
        self.answer = Prediction(landmarks, anterior, 0.97, level_doubt, None, bodies)

    def predict(self, image):
        return self.answer


def test_answer_has_the_keys_of_the_contract():
    found = analyze(grey_image(spacing_mm=(1.0, 0.5)), StandIn(straight())).to_dict()
    assert set(found) >= {
        "file",
        "width",
        "height",
        "spacing_mm",
        "spacing_source",
        "anterior",
        "model",
        "landmarks",
        "level_doubt",
        "guides",
        "crop",
        "morphometry",
        "warnings",
    }
    assert found["spacing_mm"] == [1.0, 0.5]
    assert found["landmarks"]["L1"]["superior_posterior"] == [100.0, 140.0]
    assert set(found["guides"][0]) == {"name", "kind", "posterior", "anterior", "end"}
    assert found["crop"]["levels"]["L1"]["margin_mm"] == pytest.approx(159.5 * 0.5 - 24, abs=0.01)
    assert found["morphometry"]["L2"]["posterior_height_mm"] == 30
    assert found["model"]["synthetic"] is True
    json.dumps(found, allow_nan=False)


def test_corner_outside_the_image_is_null_for_names_and_bodies_alike():
    analysis = analyze(grey_image(width=130), StandIn(straight()))
    found = analysis.to_dict()
    assert found["landmarks"]["L1"]["superior_anterior"] is None
    assert analysis.prediction.bodies[1] == analysis.prediction.landmarks.bodies[Vertebra.L1]
    assert found["guides"] == []
    assert found["crop"]["verdict"] == "unknown"


def test_doubt_is_handed_on():
    doubt = LevelDoubt("seventh_body", "A seventh body of equal strength lies above T12.")
    found = analyze(grey_image(), StandIn(straight(), level_doubt=doubt)).to_dict()
    assert found["level_doubt"] == {"reason": doubt.reason, "detail": doubt.detail}


def test_nothing_found_is_an_answer_too():
    found = analyze(grey_image(), StandIn(Landmarks({}))).to_dict()
    assert set(found["landmarks"].values()) == {None}
    assert {warning["code"] for warning in found["warnings"]} >= {"vertebrae_missing"}


def test_confidence_comes_through():
    body = Body((10.0, 10.0), (20.0, 10.0), (10.0, 20.0), (20.0, 20.0), 0.4)
    found = analyze(grey_image(), StandIn(Landmarks({Vertebra.L3: body}))).to_dict()
    assert found["landmarks"]["L3"]["confidence"] == 0.4
