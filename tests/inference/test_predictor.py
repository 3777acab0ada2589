"""The bundled weights, through the public `Predictor`."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from inference.geometry.input_transform import Frame
from inference.image import Image, image_from_dataset
from inference.network.configuration import VERTENET
from inference.network.weights_header import WeightsHeader
from inference.phantom import Phantom, generate
from inference.phantom.anatomy import LEVELS
from inference.phantom.export import as_dataset
from inference.phantom.families import CLASSIC
from inference.phantom.other_views import draw_other_view
from inference.phantom.raster import Grid
from inference.phantom.seeds import VALIDATION_SEEDS
from inference.pipeline import analyze
from inference.predictor import SHIPPED_WEIGHTS, Predictor
from inference.results import CORNERS, VERTEBRAE, Prediction
from tests.inference.alterations import alterations
from tests.inference.decoding.test_vertebrae import empty_maps, put_body


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.load(threads=1)


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return generate(VALIDATION_SEEDS + 7, family="hologic_se", partial=0.0, mirrored=0.0)


@pytest.fixture(scope="module")
def image(phantom: Phantom) -> Image:
    return image_from_dataset(as_dataset(phantom))


def with_pixels(image: Image, pixels: np.ndarray) -> Image:
    return dataclasses.replace(image, pixels=np.ascontiguousarray(pixels, dtype=np.float32))


def corners(prediction: Prediction) -> np.ndarray:
    bodies = prediction.landmarks.bodies
    return np.array([[getattr(bodies[v], name) for name in CORNERS] for v in VERTEBRAE])


def test_bundled_weights_are_small_and_declared_synthetic(predictor: Predictor) -> None:
    assert SHIPPED_WEIGHTS.stat().st_size <= 4_500_000
    assert predictor.model.synthetic
    assert predictor.model.training_note == "trained on synthetic images, for demonstration"
    assert len(predictor.model.checksum) == 64


def test_unseen_phantoms_are_labelled_correctly_within_a_pixel(predictor: Predictor) -> None:
    """Errors per coordinate: mean at most 1.2 and median at most 0.8 px in the 512 x 1024 frame."""
    errors = []
    for seed in range(VALIDATION_SEEDS, VALIDATION_SEEDS + 8):
        unseen = generate(seed, family=CLASSIC, partial=0.0, odd_count=0.0)
        image = image_from_dataset(as_dataset(unseen))
        prediction = predictor.predict(image)
        assert prediction.anterior == unseen.anterior
        assert list(prediction.landmarks.bodies) == list(VERTEBRAE)
        true = unseen.corners[[LEVELS.index(vertebra) for vertebra in VERTEBRAE]]
        frame = Frame(image.width, image.height, 512, 1024)
        errors.append(np.abs(frame.to_frame(corners(prediction)) - frame.to_frame(true)))
    assert np.mean(errors) <= 1.2
    assert np.median(errors) <= 0.8


def test_inverted_image_gives_the_same_prediction(predictor: Predictor, image: Image) -> None:
    for pixels in (image.pixels, image.pixels[:, ::-1]):
        plain = predictor.predict(with_pixels(image, pixels))
        inverted = predictor.predict(with_pixels(image, 1 - pixels))
        assert inverted.anterior == plain.anterior
        assert inverted.anterior_confidence == pytest.approx(plain.anterior_confidence, abs=0.001)
        assert list(inverted.landmarks.bodies) == list(VERTEBRAE)
        assert np.abs(corners(inverted) - corners(plain)).max() < 0.05


def test_mirrored_image_gives_the_mirrored_prediction(predictor: Predictor, image: Image) -> None:
    plain = predictor.predict(image)
    mirrored = predictor.predict(with_pixels(image, image.pixels[:, ::-1]))
    assert (plain.anterior, mirrored.anterior) == ("right", "left")
    expected = corners(plain)
    expected[..., 0] = image.width - 1 - expected[..., 0]
    assert np.abs(corners(mirrored) - expected).max() < 1.0


def test_altered_image_gets_the_same_labels(predictor: Predictor, image: Image) -> None:
    for name, (pixels, _) in alterations(image.pixels).items():
        prediction = predictor.predict(with_pixels(image, pixels))
        assert list(prediction.landmarks.bodies) == list(VERTEBRAE), name


@pytest.mark.parametrize("count", [4, 6])
def test_unusual_number_of_lumbar_vertebrae_is_flagged(predictor: Predictor, count: int) -> None:
    seeds = iter(range(VALIDATION_SEEDS, VALIDATION_SEEDS + 50))
    odd = (generate(seed, family=CLASSIC, partial=0.0, odd_count=1.0) for seed in seeds)
    last = LEVELS.index("L5" if count == 4 else "L6")
    wanted = (one for one in odd if np.isnan(one.corners[last, 0, 0]) == (count == 4))
    for unusual in itertools.islice(wanted, 3):
        assert (
            predictor.predict(image_from_dataset(as_dataset(unusual))).level_uncertainty is not None
        )


def test_second_call_gives_the_same_prediction(predictor: Predictor, image: Image) -> None:
    assert predictor.predict(image) == predictor.predict(image)


def test_images_of_a_batch_give_the_same_predictions_as_single_ones(
    predictor: Predictor, image: Image
) -> None:
    assert list(predictor.predict_all([image, image])) == [predictor.predict(image)] * 2


def test_field_that_ends_below_l4_leaves_the_other_labels_right_or_flagged(
    predictor: Predictor, phantom: Phantom, image: Image
) -> None:
    l4 = phantom.truth["landmarks"]["L4"]
    cut = int(max(l4["inferior_posterior"][1], l4["inferior_anterior"][1])) + 4
    analysis = analyze(with_pixels(image, image.pixels[:cut]), predictor)
    prediction = analysis.prediction
    centers = {v: np.mean(b.superior_posterior) for v, b in prediction.landmarks.bodies.items()}
    true = {v: np.mean(phantom.truth["landmarks"][v.value]["superior_posterior"]) for v in centers}
    right = all(abs(centers[v] - true[v]) < 10 for v in centers)
    assert prediction.level_uncertainty is not None or right
    assert {"l5_not_visible"} <= {warning.code for warning in analysis.measurements.warnings}


def test_labels_come_with_their_probability(predictor: Predictor, image: Image) -> None:
    names = predictor.predict(image).names
    assert names is not None
    assert 0.9 < names.probability <= 1
    assert sum(names.shifts.values()) + names.other_count == pytest.approx(1)
    assert names.views == 1


def test_image_whose_labels_are_not_clear_is_analysed_in_a_variation_if_wanted(
    predictor: Predictor, phantom: Phantom, image: Image
) -> None:
    """Neither the last ribs nor the pelvis are in the image."""
    varying = Predictor.load(threads=1, vary_unclear=True)
    comparing = Predictor.load(threads=1, compare_unclear=True)
    corners = phantom.corners
    top = int(corners[LEVELS.index("L2")][:2, 1].min())
    bottom = int(corners[LEVELS.index("L4")][2:, 1].max())
    cut = with_pixels(image, image.pixels[top:bottom])
    for network, views in ((predictor, 1), (varying, 2)):
        names = network.predict(cut).names
        assert names is not None
        assert names.views == views
    clear = varying.predict(image)
    assert clear.names is not None
    assert clear.names.views == 1
    assert clear.disagreement is None
    compared = comparing.predict(cut)
    assert compared.names == predictor.predict(cut).names
    assert 0 < (compared.disagreement or 0) < 1


@pytest.mark.parametrize("kind", ["spine_ap", "hip", "limb", "whole_body"])
def test_other_view_is_flagged(predictor: Predictor, image: Image, kind: str) -> None:
    grid = Grid(-75, -140, 300, 560, 0.5, 0.5)
    pixels = draw_other_view(np.random.default_rng(3), grid, kind)
    assert predictor.predict(with_pixels(image, pixels)).view_uncertainty is not None


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_empty_image_is_flagged(predictor: Predictor, image: Image, value: float) -> None:
    prediction = predictor.predict(with_pixels(image, np.full((200, 100), value)))
    assert prediction.view_uncertainty is not None
    assert prediction.level_uncertainty is not None


class Ranked:
    """A session of the paper's network that detects seven bodies in a column."""

    runtime = "none"

    def infer(self, grey: np.ndarray) -> dict[str, np.ndarray]:
        maps = empty_maps(256, 128)
        for k in range(7):
            put_body(maps, 40 + 25 * k, 60, peak=0.8 + 0.02 * k, half=(12.0, 10.0))
        return maps

    def refine(self, patches: np.ndarray) -> np.ndarray:
        raise AssertionError("the paper's network has no second stage")


def test_seventh_body_is_flagged_and_unlabelled_if_order_assigns_the_labels(
    image: Image,
) -> None:
    header = WeightsHeader(Path("none"), VERTENET, "0" * 64, {})
    prediction = Predictor(header, Ranked()).predict(image)
    assert prediction.level_uncertainty is not None
    assert prediction.level_uncertainty.reason == "seventh_body"
    assert "above T12" in prediction.level_uncertainty.detail
    assert (len(prediction.landmarks.bodies), len(prediction.bodies)) == (6, 7)


def test_anterior_is_right_if_both_views_look_alike(image: Image) -> None:
    header = WeightsHeader(Path("none"), VERTENET, "0" * 64, {})
    assert Predictor(header, Ranked()).predict(image).anterior == "right"
