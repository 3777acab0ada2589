"""The weights that ship, asked through the door that everybody uses."""

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
from inference.phantom.other_views import draw_other_view
from inference.phantom.raster import Grid
from inference.phantom.seeds import VALIDATION_SEEDS
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


def test_shipped_weights_are_small_and_say_that_they_are_synthetic(predictor: Predictor) -> None:
    assert SHIPPED_WEIGHTS.stat().st_size <= 4_200_000
    assert predictor.model.synthetic
    assert predictor.model.training_note == "trained on synthetic images, for demonstration"
    assert len(predictor.model.checksum) == 64


def test_unseen_phantoms_are_named_right_within_a_pixel(predictor: Predictor) -> None:
    """Mean at most 1.2 and median at most 0.8 px per coordinate, in the 512 x 1024 frame."""
    errors = []
    for seed in range(VALIDATION_SEEDS, VALIDATION_SEEDS + 8):
        unseen = generate(seed, partial=0.0, odd_count=0.0)
        image = image_from_dataset(as_dataset(unseen))
        answer = predictor.predict(image)
        assert answer.anterior == unseen.anterior
        assert list(answer.landmarks.bodies) == list(VERTEBRAE)
        true = unseen.corners[[LEVELS.index(vertebra) for vertebra in VERTEBRAE]]
        frame = Frame(image.width, image.height, 512, 1024)
        errors.append(np.abs(frame.to_frame(corners(answer)) - frame.to_frame(true)))
    assert np.mean(errors) <= 1.2
    assert np.median(errors) <= 0.8


def test_inverted_image_gives_the_same_answer(predictor: Predictor, image: Image) -> None:
    for pixels in (image.pixels, image.pixels[:, ::-1]):
        plain = predictor.predict(with_pixels(image, pixels))
        inverted = predictor.predict(with_pixels(image, 1 - pixels))
        assert inverted.anterior == plain.anterior
        assert inverted.anterior_confidence == pytest.approx(plain.anterior_confidence, abs=0.001)
        assert list(inverted.landmarks.bodies) == list(VERTEBRAE)
        assert np.abs(corners(inverted) - corners(plain)).max() < 0.05


def test_mirror_image_gives_the_mirrored_answer(predictor: Predictor, image: Image) -> None:
    plain = predictor.predict(image)
    mirrored = predictor.predict(with_pixels(image, image.pixels[:, ::-1]))
    assert (plain.anterior, mirrored.anterior) == ("right", "left")
    expected = corners(plain)
    expected[..., 0] = image.width - 1 - expected[..., 0]
    assert np.abs(corners(mirrored) - expected).max() < 1.0


def test_altered_image_is_named_alike(predictor: Predictor, image: Image) -> None:
    for name, (pixels, _) in alterations(image.pixels).items():
        answer = predictor.predict(with_pixels(image, pixels))
        assert list(answer.landmarks.bodies) == list(VERTEBRAE), name


@pytest.mark.parametrize("count", [4, 6])
def test_unusual_number_of_lumbar_bodies_is_doubted(predictor: Predictor, count: int) -> None:
    seeds = iter(range(VALIDATION_SEEDS, VALIDATION_SEEDS + 50))
    odd = (generate(seed, partial=0.0, odd_count=1.0) for seed in seeds)
    there = LEVELS.index("L5" if count == 4 else "L6")
    wanted = (one for one in odd if np.isnan(one.corners[there, 0, 0]) == (count == 4))
    for unusual in itertools.islice(wanted, 3):
        assert predictor.predict(image_from_dataset(as_dataset(unusual))).level_doubt is not None


def test_second_call_gives_the_same_answer(predictor: Predictor, image: Image) -> None:
    assert predictor.predict(image) == predictor.predict(image)


def test_images_of_a_batch_are_answered_as_single_ones(predictor: Predictor, image: Image) -> None:
    assert list(predictor.predict_all([image, image])) == [predictor.predict(image)] * 2


def test_missing_l5_is_said_and_not_filled(
    predictor: Predictor, phantom: Phantom, image: Image
) -> None:
    l4 = phantom.truth["landmarks"]["L4"]
    cut = int(max(l4["inferior_posterior"][1], l4["inferior_anterior"][1])) + 4
    answer = predictor.predict(with_pixels(image, image.pixels[:cut]))
    assert answer.level_doubt is not None


@pytest.mark.parametrize("kind", ["spine_ap", "hip", "limb", "whole_body"])
def test_other_view_is_doubted(predictor: Predictor, image: Image, kind: str) -> None:
    grid = Grid(-75, -140, 300, 560, 0.5, 0.5)
    pixels = draw_other_view(np.random.default_rng(3), grid, kind)
    assert predictor.predict(with_pixels(image, pixels)).view_doubt is not None


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_empty_image_is_doubted_and_gives_no_landmarks(
    predictor: Predictor, image: Image, value: float
) -> None:
    answer = predictor.predict(with_pixels(image, np.full((200, 100), value)))
    assert answer.view_doubt is not None
    assert answer.level_doubt is not None


class Ranked:
    """A session of the paper's network that sees seven bodies, one above the other."""

    runtime = "none"

    def infer(self, grey: np.ndarray) -> dict[str, np.ndarray]:
        maps = empty_maps(256, 128)
        for k in range(7):
            put_body(maps, 40 + 25 * k, 60, peak=0.8 + 0.02 * k, half=(12.0, 10.0))
        return maps


def test_seventh_body_of_a_network_that_counts_is_told_and_kept_without_a_name(
    image: Image,
) -> None:
    header = WeightsHeader(Path("none"), VERTENET, "0" * 64, {})
    answer = Predictor(header, Ranked()).predict(image)
    assert answer.level_doubt is not None
    assert answer.level_doubt.reason == "seventh_body"
    assert "above T12" in answer.level_doubt.detail
    assert (len(answer.landmarks.bodies), len(answer.bodies)) == (6, 7)


def test_front_is_taken_to_be_right_where_both_ways_look_alike(image: Image) -> None:
    header = WeightsHeader(Path("none"), VERTENET, "0" * 64, {})
    assert Predictor(header, Ranked()).predict(image).anterior == "right"
