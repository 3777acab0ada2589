from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from inference.decoding.corner_patches import locate_in_patches
from inference.training.losses import refinement_loss, sample_levels


def test_level_logits_equal_those_of_grid_sample_also_beyond_the_border() -> None:
    generator = torch.Generator().manual_seed(3)
    level = torch.randn(3, 17, 32, 16, dtype=torch.float64, generator=generator)
    reach = torch.tensor([66.0, 130.0], dtype=torch.float64)
    center = torch.rand(60, 2, dtype=torch.float64, generator=generator) * reach - 1
    image = torch.arange(60) % 3
    position = torch.stack([(center[:, 0] + 0.5) / 64, (center[:, 1] + 0.5) / 128], 1) * 2 - 1
    expected = [
        functional.grid_sample(
            level[i : i + 1], at[None, None, None], align_corners=False, padding_mode="border"
        )[0, :, 0, 0]
        for at, i in zip(position, image, strict=True)
    ]
    actual = sample_levels(level, center, image, (128, 64))
    assert torch.allclose(actual, torch.stack(expected), atol=1e-12)


def refinement_batch(first: torch.Tensor, true: torch.Tensor) -> dict[str, torch.Tensor]:
    known = torch.ones(first.shape[:-1], dtype=torch.bool)
    return {"patch_first": first, "patch_corners": true, "patch_known": known}


def test_refinement_loss_is_smallest_where_decoding_finds_the_corner() -> None:
    generator = torch.Generator().manual_seed(3)
    logits = 4 * torch.randn(2, 1, 4, 24, 24, generator=generator)
    first = torch.rand(2, 1, 4, 2, generator=generator) * 8 + 8
    located = torch.from_numpy(
        locate_in_patches(logits[:, 0].numpy(), first[:, 0].numpy().astype(float)).positions
    )

    def loss(true: torch.Tensor) -> float:
        return float(refinement_loss(logits, refinement_batch(first, true.float()[:, None])))

    at_corner = loss(located)
    for step in np.eye(2)[[0, 1]]:
        offset = 4 * torch.from_numpy(step)
        assert loss(located + offset) > at_corner
        assert loss(located - offset) > at_corner


def test_refinement_loss_ignores_unknown_corners() -> None:
    logits = torch.zeros(1, 2, 4, 24, 24)
    first = torch.full((1, 2, 4, 2), 12.0)
    batch = refinement_batch(first, first.clone())
    batch["patch_corners"][0, 1] = 3.0
    batch["patch_known"][0, 1] = False
    alone = refinement_batch(first[:, :1], first[:, :1])
    assert torch.isclose(refinement_loss(logits, batch), refinement_loss(logits[:, :1], alone))
    batch["patch_known"][:] = False
    assert refinement_loss(logits, batch) == 0
