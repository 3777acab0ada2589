"""The look of dual-energy images: measured in the drawn pixels."""

from __future__ import annotations

import numpy as np
import pytest

from inference.phantom import Phantom, generate
from inference.phantom.anatomy import LEVELS
from inference.phantom.generator import lay_out

SEEDS = range(7_500_000, 7_500_010)


@pytest.fixture(scope="module")
def drawn() -> list[Phantom]:
    return [
        generate(seed, family="ge_de", partial=0.0, odd_count=0.0, mirrored=0.0) for seed in SEEDS
    ]


def profile(phantom: Phantom, level: str) -> tuple[float, float, float, float]:
    """Return mean grey of a body, of the tissue in front of it, its endplate, and the noise."""
    posterior, anterior, low_posterior, low_anterior = phantom.corners[LEVELS.index(level)]

    def mean(down: float, along: tuple[float, float]) -> np.ndarray:
        shares = np.linspace(*along, 40)[:, None]
        upper = posterior + shares * (anterior - posterior)
        lower = low_posterior + shares * (low_anterior - low_posterior)
        x, y = np.rint(upper + down * (lower - upper)).astype(int).T
        inside = (x >= 0) & (x < phantom.grey.shape[1])
        return phantom.grey[np.clip(y, 0, phantom.grey.shape[0] - 1)[inside], x[inside]]

    body = np.concatenate([mean(down, (0.3, 0.8)) for down in (0.35, 0.45, 0.55, 0.65)])
    tissue = np.concatenate([mean(down, (1.15, 1.4)) for down in (0.35, 0.45, 0.55, 0.65)])
    rows = [mean(down, (0.3, 0.7)).mean() for down in np.linspace(-0.12, 0.3, 25)]
    return float(body.mean()), float(tissue.mean()), float(max(rows)), float(np.std(body))


def test_soft_tissue_is_a_flat_mid_grey_and_bodies_are_faint(drawn: list[Phantom]) -> None:
    bodies, tissues, plates, noise = np.array(
        [profile(phantom, level) for phantom in drawn for level in ("L2", "L3")]
    ).T
    assert 0.3 < np.median(tissues) < 0.65
    assert tissues.std() < 0.15
    contrast = bodies - tissues
    assert np.median(contrast) > 0.02
    assert np.median(contrast) < 0.25
    # The grain is about as strong as the contrast of a body.
    assert 0.3 < np.median(noise / np.maximum(contrast, 0.02)) < 2.5
    # Endplates are what makes a body recognisable.
    assert np.median(plates - bodies) > 0.5 * np.median(contrast)


def test_values_with_a_sign_are_centred_and_others_have_eight_bits(drawn: list[Phantom]) -> None:
    assert {phantom.signed for phantom in drawn} == {True, False}
    for phantom in drawn:
        if phantom.signed:
            assert phantom.pixels.dtype == np.int16
            assert phantom.pixels.min() == -2048
            inside = phantom.pixels[phantom.pixels > -2048]
            assert abs(np.median(inside)) < 1200
            assert inside.min() < -100
        else:
            assert phantom.bits == 8


def test_anterior_is_on_either_side() -> None:
    sides = [lay_out(seed, family="ge_de").anterior for seed in range(7_500_000, 7_500_040)]
    assert 10 <= sides.count("left") <= 30
