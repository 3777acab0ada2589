from __future__ import annotations

import numpy as np
import pytest
import torch

from inference.configuration import HeadPlan
from inference.runtime.sparse import PointHead
from inference.vertenet.heads import Head

HEIGHT, WIDTH, CHANNELS = 21, 17, 5


@pytest.mark.parametrize("kernels", [(3, 1), (7, 7), (3, 3)])
def test_head_at_any_cell_equals_the_dense_head_up_to_the_border(
    kernels: tuple[int, int],
) -> None:
    torch.manual_seed(2)
    head = Head(CHANNELS, HeadPlan(4, 6, kernels=kernels)).double().eval()
    features = torch.randn(1, CHANNELS, HEIGHT, WIDTH, dtype=torch.float64)
    with torch.inference_mode():
        dense = head(features)[0].numpy()
    sparse = PointHead.of_convolutions(
        *(
            tensor.detach().numpy()
            for tensor in (head.conv1.weight, head.conv1.bias, head.conv2.weight, head.conv2.bias)
        )
    )
    rows, columns = (cells.ravel() for cells in np.indices((HEIGHT, WIDTH)))
    answer = sparse.at(features[0].numpy().transpose(1, 2, 0), rows, columns)
    assert np.abs(answer - dense[:, rows, columns].T).max() < 1e-12


def test_no_cell_gives_no_answer() -> None:
    head = PointHead.of_convolutions(
        np.zeros((6, 5, 7, 7)), np.zeros(6), np.zeros((8, 6, 7, 7)), np.zeros(8)
    )
    nowhere = np.empty(0, dtype=np.intp)
    assert head.at(np.zeros((HEIGHT, WIDTH, CHANNELS)), nowhere, nowhere).shape == (0, 8)
