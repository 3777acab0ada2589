from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from inference.decoding.vertebrae import POINTS
from inference.network.configuration import VERTENET, HeadPlan
from inference.network.vertenet.heads import Head
from inference.network.vertenet.network import VerteNet
from inference.runtime.patch_heads import PointHeads
from inference.runtime.peak_heads import cut_patches, heads_at_points, longest_reach

HEIGHT, WIDTH, CHANNELS = 21, 17, 5
Kernels = tuple[int, int]


class Heads(VerteNet):
    """The heads of a network without encoder and decoder."""

    def __init__(self, reg: Kernels, wh: Kernels) -> None:
        nn.Module.__init__(self)
        plans = {"reg": HeadPlan(2, 6, kernels=reg), "wh": HeadPlan(4, 6, kernels=wh)}
        self.config = replace(VERTENET, heads=plans)
        self.heads = nn.ModuleDict({name: Head(CHANNELS, plan) for name, plan in plans.items()})


@pytest.mark.parametrize("kernels", [((3, 1), (7, 7)), ((3, 3), (3, 1)), ((7, 7), (3, 3))])
def test_heads_at_any_cell_equal_the_dense_heads_also_at_the_border(
    kernels: tuple[Kernels, Kernels],
) -> None:
    torch.manual_seed(2)
    network = Heads(*kernels).double().eval()
    features = torch.randn(1, CHANNELS, HEIGHT, WIDTH, dtype=torch.float64)
    points = PointHeads(network)
    rows, columns = (cells.ravel() for cells in np.indices((HEIGHT, WIDTH)))
    cells_last = features[0].numpy().transpose(1, 2, 0)
    for start in range(0, len(rows), POINTS):
        some = slice(start, start + POINTS)
        inputs = cut_patches(cells_last, rows[some], columns[some], points.reach)
        with torch.inference_mode():
            values = points(*(torch.from_numpy(part) for part in inputs))
            for name, value in zip(points.results, values, strict=True):
                dense = network.heads[name](features)[0].numpy()[:, rows[some], columns[some]].T
                assert np.abs(value.numpy()[: len(dense)] - dense).max() < 1e-12


def test_number_of_patches_is_fixed_and_unused_ones_are_empty() -> None:
    cells = np.array([0, 20]), np.array([0, 16])
    patches, inside = cut_patches(np.ones((HEIGHT, WIDTH, CHANNELS)), *cells, 6)
    assert patches.shape == (POINTS, CHANNELS, 13, 13)
    assert inside.shape == (POINTS, 1, 13, 13)
    assert inside[:2].sum() == 2 * 7 * 7
    assert not patches[2:].any()
    assert not inside[2:].any()


def test_only_reg_and_wh_of_the_paper_are_evaluated_at_peaks() -> None:
    assert heads_at_points(VERTENET) == ("reg", "wh")
    assert longest_reach(VERTENET) == 6
    assert heads_at_points(replace(VERTENET, marks="all")) == ()
