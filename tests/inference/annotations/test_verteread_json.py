import json

import pytest

from inference.annotations.marked_images import FormatError
from inference.annotations.verteread_json import image_from_analysis, read_verteread_json
from inference.phantom import generate
from inference.pipeline import analyze
from tests.inference.spines import grey_image, straight
from tests.inference.test_pipeline import StandIn


def test_phantoms_truth_is_read_with_its_crop_and_family():
    phantom = generate(7_000_100)
    image = read_verteread_json(json.dumps(phantom.truth))
    assert (image.height, image.width) == phantom.pixels.shape
    assert (image.family, image.anterior) == (phantom.family, phantom.anterior)
    assert image.spacing_mm == phantom.spacing_mm
    margins = [*phantom.front_mm.values(), *phantom.ends_mm.values()]
    assert image.crop == ("cropped" if min(margins) < 0 else "ok")


def test_prediction_serves_as_truth_but_its_crop_verdict_does_not():
    analysis = analyze(grey_image(), StandIn(straight()))
    image = read_verteread_json(json.dumps(analysis.to_dict()))
    assert image.landmarks == image_from_analysis(analysis).landmarks == straight()
    assert image.crop is None


def test_code_of_the_patient_is_read():
    told = {**analyze(grey_image(), StandIn(straight())).to_dict(), "subject": "trial/P0001"}
    assert read_verteread_json(json.dumps(told)).subject == "trial/P0001"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"width": 3}'])
def test_what_is_none_of_ours_is_refused_with_words(text):
    with pytest.raises(FormatError):
        read_verteread_json(text)
