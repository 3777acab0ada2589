import json

import pytest

from inference.annotations.marked_images import FormatError
from inference.annotations.verteread_json import image_from_analysis, read_verteread_json
from inference.phantom import generate
from inference.pipeline import analyze
from tests.inference.spines import grey_image, straight
from tests.inference.test_pipeline import StandIn


def test_reference_standard_of_a_phantom_is_read():
    phantom = generate(7_000_100)
    image = read_verteread_json(json.dumps(phantom.truth))
    assert (image.height, image.width) == phantom.pixels.shape
    assert (image.family, image.anterior) == (phantom.family, phantom.anterior)
    assert image.spacing_mm == phantom.spacing_mm
    margins = [*phantom.front_mm.values(), *phantom.ends_mm.values()]
    assert image.crop == ("cropped" if min(margins) < 0 else "ok")


def test_prediction_is_read_without_its_crop_verdict():
    analysis = analyze(grey_image(), StandIn(straight()))
    image = read_verteread_json(json.dumps(analysis.to_dict()))
    assert image.landmarks == image_from_analysis(analysis).landmarks == straight()
    assert image.crop is None


def test_code_of_the_patient_is_read():
    document = {**analyze(grey_image(), StandIn(straight())).to_dict(), "subject": "trial/P0001"}
    assert read_verteread_json(json.dumps(document)).subject == "trial/P0001"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"width": 3}'])
def test_other_documents_are_rejected(text):
    with pytest.raises(FormatError):
        read_verteread_json(text)
