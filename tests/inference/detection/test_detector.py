from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.decoding.corner_patches import PatchFrames
from inference.decoding.labelled_column import WANTED
from inference.decoding.shape_correction.correction import ShapeCorrection
from inference.decoding.vertebrae import DetectedBody
from inference.detection.column import Detection, View
from inference.detection.detector import ColumnDetector
from inference.detection.variations import VARIATIONS, Variation
from inference.geometry.input_transform import Frame
from inference.image import Image, image_from_dataset
from inference.network.configuration import LITE, Config
from inference.phantom import generate
from inference.phantom.export import as_dataset
from inference.predictor import Predictor
from inference.runtime.session import Session


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


def refine(
    view: View,
    *indices: int,
    config: Config = LITE,
    session: Session | None = None,
    correction: ShapeCorrection | None = None,
) -> list[DetectedBody]:
    """Return the bodies after those with these indices were labelled and refined."""
    labels = [WANTED[k] if k in indices else "" for k in range(len(view.bodies))]
    detection = Detection(view, 0.9, np.zeros((700, 300), np.float32), 1.3)
    detector = ColumnDetector(config, session or CentredCorners(), correction)
    return detector.refine(detection, labels).bodies


def test_second_stage_moves_the_corners_of_the_bodies_it_is_asked_for() -> None:
    view = view_of(80, 90, 100)
    bodies = refine(view, 0, 2)
    for index in (0, 2):
        assert np.allclose(bodies[index].corners, view.bodies[index].center, atol=0.5)
        assert bodies[index].confidence == view.bodies[index].confidence
    assert bodies[1] is view.bodies[1]
    assert refine(view) == view.bodies


class ShiftsOnce:
    """A session whose second stage moves corners by cells of their maps, and then leaves them."""

    runtime = "none"

    def __init__(self, *cells: float) -> None:
        self.cells = np.array(cells)
        self.passes: list[int] = []

    def infer(self, grey: np.ndarray) -> dict[str, np.ndarray]:
        raise AssertionError("the first stage is not needed")

    def refine(self, patches: np.ndarray) -> np.ndarray:
        self.passes.append(len(patches))
        cells = self.cells if len(self.passes) == 1 else np.zeros(len(patches))
        body = np.array([[(0.0, 0.0), (9.0, 0.0), (0.0, 9.0), (9.0, 9.0)]])
        places = PatchFrames.around(body).to_patch(body, 48) + cells[:, None, None] * (1, 0)
        ys, xs = np.mgrid[:48, :48]
        away = (xs - places[..., 0, None, None]) ** 2 + (ys - places[..., 1, None, None]) ** 2
        return np.asarray(-away, np.float32)


def test_bodies_whose_corners_move_far_are_located_once_more() -> None:
    view = view_of(80, 90, 100)
    session = ShiftsOnce(0.1, 3, -3)
    bodies = refine(view, 0, 1, 2, session=session)
    assert session.passes == [3, 2]
    for body, start, cells in zip(bodies, view.bodies, session.cells, strict=True):
        # A map of 48 cells is 1.8 depths wide, and a body 50 pixels deep.
        shift = (body.corners - start.corners) / (1.8 * 50 / 48)
        assert np.allclose(shift, (cells, 0), atol=0.05)


def test_corners_that_stay_are_located_only_once() -> None:
    session = ShiftsOnce(0.1)
    refine(view_of(80), 0, session=session)
    assert session.passes == [1]


def test_corner_outside_the_image_stays_where_the_first_stage_puts_it() -> None:
    view = view_of(-10)
    first, refined = view.bodies[0].corners, refine(view, 0)[0].corners
    assert np.array_equal(refined[[0, 2]], first[[0, 2]])
    assert np.allclose(refined[[1, 3]], view.bodies[0].center, atol=0.5)


def test_network_without_second_stage_leaves_corners_as_they_are() -> None:
    view = view_of(80, 90)
    assert refine(view, 0, 1, config=replace(LITE, refiner=None)) == view.bodies


class Downwards(ShapeCorrection):
    """A correction that moves L1 by two isotropic pixels, and records what it was given."""

    def apply(self, corners: np.ndarray, covariances: np.ndarray) -> np.ndarray:
        self.origin["corners"], self.origin["covariances"] = corners, covariances  # type: ignore[index]
        moved = corners.copy()
        moved[1] += (0, 2)
        return moved


def test_corners_are_corrected_in_the_proportions_of_the_image() -> None:
    view, session = view_of(80, 90, 100), ShiftsOnce(0)
    correction = Downwards((), {})
    bodies = refine(view, 0, 1, session=session, correction=correction)
    # The input has 256 x 512 pixels for an image of 300 x 700, whose pixels are 1.3 times as high
    # as wide.
    across, down = 300 / 256, 700 / 512 * 1.3
    seen = correction.origin["corners"]
    assert np.allclose(seen[0], view.bodies[0].corners * (across, down), atol=0.2)
    assert np.isnan(seen[2:]).all()
    # The map is a Gaussian with a variance of half a square cell, cut from 50 x 40 pixels.
    cell = np.array([1.8 * 50 / 48 * across, 2.2 * 40 / 48 * down])
    assert np.allclose(
        correction.origin["covariances"][0], np.diag(cell**2 / 2), rtol=0.05, atol=0.01
    )
    assert np.allclose(bodies[0].corners, view.bodies[0].corners, atol=0.2)
    assert np.allclose(bodies[1].corners - view.bodies[1].corners, (0, 2 / down), atol=0.2)


class TwoSides(ColumnDetector):
    """A detector whose network gives this answer for the image and that for its mirror image."""

    def __init__(self, plain: float, mirrored: float) -> None:
        super().__init__(LITE, CentredCorners())
        self.answers = {False: plain, True: mirrored}
        self.views: list[bool] = []

    def _view(self, pixels: np.ndarray, *, mirrored: bool) -> View:
        self.views.append(mirrored)
        frame = Frame(pixels.shape[1], pixels.shape[0], 256, 512, mirrored=mirrored)
        return replace(view_of(80, 90), frame=frame, anterior_right=self.answers[mirrored])


def test_mirror_image_decides_where_the_anterior_side_is_not_certain(image: Image) -> None:
    """In both views, the network sees the anterior side to the right; once it is more certain."""
    detection = TwoSides(0.95, 0.9999).detect(image)
    assert detection.right < 0.5
    assert detection.view.frame.mirrored


def test_mirror_image_is_not_processed_where_the_anterior_side_is_certain(image: Image) -> None:
    detector = TwoSides(0.995, 0.9999)
    assert detector.detect(image).right == 0.995
    assert True not in detector.views
