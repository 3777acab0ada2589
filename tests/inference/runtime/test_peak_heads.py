from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from inference.network.configuration import VERTENET, HeadPlan
from inference.network.vertenet.heads import Head
from inference.network.vertenet.network import VerteNet
from inference.runtime.patch_heads import PointHeads
from inference.runtime.peak_heads import POINTS, cut_patches, heads_at_points, longest_reach

HEIGHT, WIDTH, CHANNELS = 21, 17, 5
Kernels = tuple[int, int]


class Heads(VerteNet):
    """A network's heads without the network."""

    def __init__(self, reg: Kernels, wh: Kernels) -> None:
        nn.Module.__init__(self)
        plans = {"reg": HeadPlan(2, 6, kernels=reg), "wh": HeadPlan(4, 6, kernels=wh)}
        self.config = replace(VERTENET, heads=plans)
        self.heads = nn.ModuleDict({name: Head(CHANNELS, plan) for name, plan in plans.items()})


@pytest.mark.parametrize("kernels", [((3, 1), (7, 7)), ((3, 3), (3, 1)), ((7, 7), (3, 3))])
def test_heads_at_any_cell_equal_the_dense_heads_up_to_the_border(
    kernels: tuple[Kernels, Kernels],
) -> None:
    torch.manual_seed(2)
    network = Heads(*kernels).double().eval()
    features = torch.randn(1, CHANNELS, HEIGHT, WIDTH, dtype=torch.float64)
    points = PointHeads(network)
    rows, columns = (cells.ravel() for cells in np.indices((HEIGHT, WIDTH)))
    seen = features[0].numpy().transpose(1, 2, 0)
    for start in range(0, len(rows), POINTS):
        some = slice(start, start + POINTS)
        given = cut_patches(seen, rows[some], columns[some], points.reach)
        with torch.inference_mode():
            answers = points(*(torch.from_numpy(part) for part in given))
            for name, answer in zip(points.results, answers, strict=True):
                dense = network.heads[name](features)[0].numpy()[:, rows[some], columns[some]].T
                assert np.abs(answer.numpy()[: len(dense)] - dense).max() < 1e-12


def test_patches_are_always_six_and_those_of_no_cell_are_empty() -> None:
    cells = np.array([0, 20]), np.array([0, 16])
    patches, inside = cut_patches(np.ones((HEIGHT, WIDTH, CHANNELS)), *cells, 6)
    assert patches.shape == (POINTS, CHANNELS, 13, 13)
    assert inside.shape == (POINTS, 1, 13, 13)
    assert inside[:2].sum() == 2 * 7 * 7
    assert not patches[2:].any()
    assert not inside[2:].any()


def test_only_the_papers_reg_and_wh_are_asked_at_points() -> None:
    assert heads_at_points(VERTENET) == ("reg", "wh")
    assert longest_reach(VERTENET) == 6
    assert heads_at_points(replace(VERTENET, marks="all")) == ()
