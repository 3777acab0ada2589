"""Exact modes of the network of the paper compared with its unoptimised forward pass."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inference.bench.deterministic_weights import seeded_grey, seeded_network
from inference.bench.landmarks import compare_bodies
from inference.bench.roofline import count_gflop
from inference.decoding.vertebrae import decode_ranked
from inference.network.configuration import VERTENET
from inference.network.vertenet.batch_norm_folding import fold
from inference.network.vertenet.network import build
from inference.runtime.patch_heads import PointHeads
from inference.runtime.session import add_head_values
from inference.runtime.trunk import Trunk
from tests.inference.network.vertenet.seeded import PRECISIONS, seeded_maps

# Tolerances of corners in pixels and of peaks. Values at peaks are always stored in 32 bits.
TOLERANCES = {torch.float32: (1e-2, 1e-3), torch.float64: (1e-5, 1e-9)}


@pytest.mark.slow
@pytest.mark.parametrize("precision", PRECISIONS)
def test_optimised_network_equals_the_literal_one_also_at_peaks_on_the_border(
    precision: torch.dtype,
) -> None:
    """Several of the six reference peaks lie on the border."""
    network = seeded_network().to(precision)
    trunk = Trunk(fold(network)).eval()
    with torch.inference_mode():
        values = trunk(torch.from_numpy(seeded_grey() - 0.5)[None, None].to(precision))
    results = {name: value.numpy() for name, value in zip(trunk.results, values, strict=True)}
    points = PointHeads(network)

    def evaluate(*inputs: np.ndarray) -> dict[str, np.ndarray]:
        values = points(*(torch.from_numpy(part) for part in inputs))
        return {name: value.numpy() for name, value in zip(points.results, values, strict=True)}

    with torch.inference_mode():
        actual = decode_ranked(add_head_values(VERTENET, results, evaluate))
    expected = decode_ranked(seeded_maps(precision))
    shift = compare_bodies(expected, actual)
    assert (len(actual), shift.unmatched) == (6, 0)
    corners_px, heights = TOLERANCES[precision]
    assert shift.percentile(100) < corners_px
    peaks = np.array([[body.peak for body in bodies] for bodies in (expected, actual)])
    assert np.abs(peaks[0] - peaks[1]).max() < heights


def test_optimised_network_needs_a_third_fewer_operations() -> None:
    """Operations are counted from the shapes alone, without computing anything."""
    network = build(VERTENET)
    folded = Trunk(fold(network)).eval().to("meta")
    dense = count_gflop(network.to("meta"), torch.zeros(1, 3, 1024, 512, device="meta"))
    assert round(dense) == 149
    assert count_gflop(folded, torch.zeros(1, 1, 1024, 512, device="meta")) < 0.67 * dense
