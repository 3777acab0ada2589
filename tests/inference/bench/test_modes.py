"""The paper's network in its exact modes against its literal forward, under seeded weights."""

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

# Of corners in pixels and of peaks. The maps at the points are kept in 32 bits.
TOLERANCES = {torch.float32: (1e-2, 1e-3), torch.float64: (1e-5, 1e-9)}


@pytest.mark.parametrize("precision", PRECISIONS)
def test_fast_form_equals_the_literal_forward_at_peaks_on_the_border_too(
    precision: torch.dtype,
) -> None:
    """Several of the six peaks of the reference lie on the border."""
    network = seeded_network().to(precision)
    trunk = Trunk(fold(network)).eval()
    with torch.inference_mode():
        answers = trunk(torch.from_numpy(seeded_grey() - 0.5)[None, None].to(precision))
    results = {name: value.numpy() for name, value in zip(trunk.results, answers, strict=True)}
    points = PointHeads(network)

    def ask(*given: np.ndarray) -> dict[str, np.ndarray]:
        answers = points(*(torch.from_numpy(part) for part in given))
        return {name: value.numpy() for name, value in zip(points.results, answers, strict=True)}

    with torch.inference_mode():
        found = decode_ranked(add_head_values(VERTENET, results, ask))
    expected = decode_ranked(seeded_maps(precision))
    shift = compare_bodies(expected, found)
    assert (len(found), shift.apart) == (6, 0)
    corners_px, heights = TOLERANCES[precision]
    assert shift.percentile(100) < corners_px
    peaks = np.array([[body.peak for body in bodies] for bodies in (expected, found)])
    assert np.abs(peaks[0] - peaks[1]).max() < heights


def test_fast_form_does_a_third_less_work() -> None:
    network = build(VERTENET)
    dense = count_gflop(network, torch.zeros(1, 3, 1024, 512))
    assert round(dense) == 149
    assert count_gflop(Trunk(fold(network)).eval(), torch.zeros(1, 1, 1024, 512)) < 0.67 * dense
