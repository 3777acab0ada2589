"""The window in which an image opens shows bone and soft tissue; tests/slow has 200 phantoms."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from inference.dicom.voi_windows import Window, computed_windows
from inference.image import image_from_dataset, read_image
from inference.phantom import generate
from inference.phantom.export import as_dataset
from inference.phantom.families import CLASSIC, FAMILIES
from tests.inference.dicom.opening_window import (
    FIRST_SEED,
    MAX_BLACK,
    MAX_WHITE,
    clipped_shares,
    phantom_shares,
    shares_of,
)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_opening_window_of_phantoms_clips_neither_bone_nor_soft_tissue(family: str) -> None:
    for number in range(2):
        shares = phantom_shares(number, family)
        assert shares.white <= MAX_WHITE, (number, shares)
        assert shares.black <= MAX_BLACK, (number, shares)


@pytest.mark.parametrize("family", sorted(CLASSIC))
@pytest.mark.parametrize(("center", "width"), [(0.5, 0.2), (0.2, 0.4), (0.7, 0.5)])
def test_header_window_that_clips_tissue_is_the_second_one(
    family: str, center: float, width: float
) -> None:
    phantom = generate(FIRST_SEED, family=family)
    dataset = as_dataset(phantom)
    highest = 2 ** int(dataset.BitsStored)
    dataset.WindowCenter, dataset.WindowWidth = round(center * highest), round(width * highest)
    image = image_from_dataset(dataset)
    names = [window.name for window in image.windows]
    assert names == ["Bone and soft tissue", "Scanner", "Bone", "Soft tissue", "Full"]
    shares = shares_of(phantom, image)
    assert shares.white <= MAX_WHITE, shares
    assert shares.black <= MAX_BLACK, shares


@pytest.mark.parametrize("inverted", [False, True])
def test_header_window_that_clips_no_tissue_opens(inverted: bool) -> None:
    phantom = generate(FIRST_SEED, family="hologic_de")
    dataset = as_dataset(phantom)
    dataset.WindowCenter, dataset.WindowWidth = 2048, 4096
    if inverted:
        dataset.PhotometricInterpretation = "MONOCHROME1"
        dataset.PixelData = (4095 - dataset.pixel_array).astype("<u2").tobytes()
    image = image_from_dataset(dataset)
    assert image.inverted is inverted
    assert [window.name for window in image.windows][:2] == ["Scanner", "Bone and soft tissue"]


@pytest.mark.skipif("VERTEREAD_REAL_DATA" not in os.environ, reason="needs a real scan")
def test_opening_window_of_a_real_scan_clips_neither_bone_nor_soft_tissue() -> None:
    from inference.pipeline import analyze
    from inference.predictor import Predictor

    files = Path(os.environ["VERTEREAD_REAL_DATA"]).rglob("*.dcm")
    image = read_image(max(files, key=lambda path: path.stat().st_size))
    results = analyze(image, Predictor.load()).to_dict()
    shares = clipped_shares(image, results["landmarks"], results["guides"])
    print(shares)  # noqa: T201
    assert shares.white <= MAX_WHITE, shares
    assert shares.black <= MAX_BLACK, shares


@pytest.mark.parametrize("inverted", [False, True])
def test_burned_in_text_far_above_the_tissue_does_not_darken_the_image(inverted: bool) -> None:
    tissue = np.random.default_rng(1).integers(100, 1500, (300, 200))
    pixels = tissue.copy()
    pixels[:20, :60] = 4095
    pixels[-20:, :] = 0
    shown = (4095 - pixels if inverted else pixels).astype(np.uint16)
    window = computed_windows(shown, inverted=inverted)[0]
    ends = window.center - window.width / 2, window.center + window.width / 2
    expected = (4095 - 1500, 4095 - 100) if inverted else (100, 1500)
    assert ends == pytest.approx(expected, abs=6)


def test_saturated_bone_stays_within_the_window() -> None:
    pixels = np.random.default_rng(2).normal(180, 60, (300, 200)).clip(0, 255).astype(np.uint8)
    assert (pixels == 255).mean() > 0.05
    window = computed_windows(pixels, inverted=False)[0]
    assert window.center - 0.5 + (window.width - 1) / 2 == 255


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("highest", [5, 255, 4095, 65535])
def test_windows_follow_the_percentiles_of_numpy(highest: int, inverted: bool) -> None:
    """`numpy.percentile` of the pixels between lowest and highest value, the range reversed."""
    grey = np.random.default_rng(highest).beta(2, 5, (117, 61)) * highest
    pixels = np.rint(grey).astype(np.uint8 if highest < 256 else np.uint16)
    low, high = int(pixels.min()), int(pixels.max())
    inner = pixels[(pixels > low) & (pixels < high)].astype(int)
    middle, upper = np.percentile(low + high - inner if inverted else inner, [50, 75])
    _, bone, soft, full = computed_windows(pixels, inverted=inverted)
    black, white = ends(full)
    assert (black, white) == (low, high)
    if inverted:
        middle, upper = low + high - middle, low + high - upper
    assert ends(bone)[inverted] == pytest.approx(middle, abs=1e-3)
    assert ends(soft)[not inverted] == pytest.approx(upper, abs=1e-3)


def test_image_of_one_value_has_one_window() -> None:
    (window,) = computed_windows(np.full((30, 20), 7, np.uint16), inverted=False)
    assert (window.name, *ends(window)) == ("Full", 7, 7)


def ends(window: Window) -> tuple[float, float]:
    """The last black and the first white value."""
    return (
        window.center - 0.5 - (window.width - 1) / 2,
        window.center - 0.5 + (window.width - 1) / 2,
    )
