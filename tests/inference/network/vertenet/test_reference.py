"""Equality with the results of the released network in float64 (reference.npz)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inference.decoding.vertebrae import decode_ranked
from inference.network.configuration import VERTENET
from inference.network.vertenet.network import build, count_parameters
from tests.inference.network.vertenet.seeded import PRECISIONS, REFERENCE, seeded_maps

# Tolerances of maps, whose values reach 5, and of corners in pixels.
TOLERANCE = {torch.float32: 1e-3, torch.float64: 1e-9}
CORNERS_PX = {torch.float32: 1e-2, torch.float64: 1e-6}


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("head", ["hm", "reg", "wh"])
def test_head_equals_the_released_network(head: str, precision: torch.dtype) -> None:
    reference, tolerance = np.load(REFERENCE), TOLERANCE[precision]
    result = seeded_maps(precision)[head]
    assert np.abs(result[:, ::8, ::8] - reference[f"{head}_every8"]).max() < tolerance
    index = ["hm", "reg", "wh"].index(head)
    assert abs(result.mean() - reference["mean"][index]) < tolerance
    assert abs(result.std() - reference["std"][index]) < tolerance


@pytest.mark.parametrize("precision", PRECISIONS)
def test_decode_equals_the_released_peaks_and_points(precision: torch.dtype) -> None:
    reference = np.load(REFERENCE)
    bodies = decode_ranked(seeded_maps(precision))
    by_score = sorted(bodies, key=lambda body: -body.peak)
    assert [body.peak for body in by_score] == pytest.approx(
        list(reference["peak_score"]), abs=TOLERANCE[precision]
    )
    released = np.array(sorted(map(tuple, reference["points_sorted_by_y"][:, 2:])))
    corners = np.array(sorted(tuple(body.corners.ravel()) for body in bodies))
    assert released.shape == corners.shape == (6, 8)
    assert np.abs(corners - released).max() < CORNERS_PX[precision]


def test_network_has_the_published_number_of_parameters() -> None:
    assert count_parameters(build(VERTENET)) == 24_216_717
