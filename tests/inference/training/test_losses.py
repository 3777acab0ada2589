from __future__ import annotations

import torch
from torch.nn import functional

from inference.training.losses import sample_levels


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
