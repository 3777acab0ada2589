from __future__ import annotations

import numpy as np
import pytest

from inference.column_detection import VARIATIONS, Variation
from inference.image import Image, image_from_dataset
from inference.phantom import generate
from inference.phantom.export import as_dataset
from inference.predictor import Predictor


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.load(threads=1)


@pytest.fixture(scope="module")
def image() -> Image:
    return image_from_dataset(as_dataset(generate(7_900_100, family="ge_prodigy", partial=0.0)))


def test_variation_states_where_its_pixels_come_from() -> None:
    pixels = np.arange(200, dtype=np.float32).reshape(20, 10) / 200
    altered, origin = Variation(margins=(0.1, -0.1, -0.2, 0.3)).apply(pixels)
    assert altered.shape == (20, 11)
    assert origin.tolist() == [2, -2]
    # Pixel (x, y) of the variation shows pixel (x, y) + origin of the image.
    assert altered[5, 4] == pixels[3, 6]


def test_gamma_keeps_black_and_white() -> None:
    altered, _ = Variation(gamma=0.5).apply(np.array([[0.0, 0.25, 1.0]], np.float32))
    assert altered.tolist() == [[0.0, 0.5, 1.0]]


@pytest.mark.parametrize("variation", [*VARIATIONS.values(), Variation(mirrored=True)])
def test_bodies_of_a_variation_lie_where_they_lie_in_the_image(
    predictor: Predictor, image: Image, variation: Variation
) -> None:
    detection = predictor.detector.detect(image)
    centers = {round(b.center[1]): b.center for b in detection.bodies}
    again = predictor.detector.detect_again(detection, variation)
    heights = np.median([body.height for body in detection.bodies])
    nearest = [
        min(float(np.linalg.norm(body.center - center)) for body in again)
        for center in centers.values()
    ]
    assert np.median(nearest) < 0.1 * heights
