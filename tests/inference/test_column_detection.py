from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.column_detection import VARIATIONS, ColumnDetector, Variation, View
from inference.decoding.vertebrae import DetectedBody
from inference.geometry.input_transform import Frame
from inference.image import Image, image_from_dataset
from inference.network.configuration import LITE, Config
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


class CentredCorners:
    """A session whose second stage puts every corner in the middle of its patch."""

    runtime = "none"

    def infer(self, grey: np.ndarray) -> dict[str, np.ndarray]:
        raise AssertionError("the first stage is not needed")

    def refine(self, patches: np.ndarray) -> np.ndarray:
        maps = np.zeros((len(patches), 4, 48, 48), np.float32)
        maps[:, :, 23:25, 23:25] = 30
        return maps


def view_of(*lefts: float) -> View:
    """Return a view of rectangular bodies with these left borders."""
    corners = [
        np.array([(x, y), (x + 50, y), (x, y + 40), (x + 50, y + 40)])
        for x, y in zip(lefts, range(60, 500, 60), strict=False)
    ]
    grey = np.random.default_rng(0).random((512, 256), dtype=np.float32)
    bodies = [DetectedBody(points, 0.8, 0.9, np.empty(0)) for points in corners]
    return View(Frame(300, 700, 256, 512), grey, bodies, 0.9, 0.9)


def refine(view: View, *indices: int, config: Config = LITE) -> list[DetectedBody]:
    return ColumnDetector(config, CentredCorners()).refine(view, indices).bodies


def test_second_stage_moves_the_corners_of_the_bodies_it_is_asked_for() -> None:
    view = view_of(80, 90, 100)
    bodies = refine(view, 0, 2)
    for index in (0, 2):
        assert np.allclose(bodies[index].corners, view.bodies[index].center, atol=0.5)
        assert bodies[index].confidence == view.bodies[index].confidence
    assert bodies[1] is view.bodies[1]
    assert refine(view) == view.bodies


def test_corner_outside_the_image_stays_where_the_first_stage_puts_it() -> None:
    view = view_of(-10)
    first, refined = view.bodies[0].corners, refine(view, 0)[0].corners
    assert np.array_equal(refined[[0, 2]], first[[0, 2]])
    assert np.allclose(refined[[1, 3]], view.bodies[0].center, atol=0.5)


def test_network_without_second_stage_leaves_corners_as_they_are() -> None:
    view = view_of(80, 90)
    assert refine(view, 0, 1, config=replace(LITE, refiner=None)) == view.bodies
