from __future__ import annotations

import torch

from inference.network.configuration import FusionPlan
from inference.network.vertenet.attention import PatchAttention, cut_patches, join_patches
from inference.network.vertenet.fusion import Fusion


def test_patches_are_numbered_row_by_row() -> None:
    x = torch.arange(16 * 8, dtype=torch.float32).view(1, 1, 16, 8)
    patches = cut_patches(x)
    assert patches.shape == (1, 2, 1, 64)
    assert patches[0, 0, 0, :3].tolist() == [0.0, 1.0, 2.0]
    assert patches[0, 1, 0, 0].item() == 8.0
    assert patches[0, 0, 0, 8].item() == 16.0


def test_joined_patches_equal_the_original_map() -> None:
    x = torch.randn(2, 3, 32, 16)
    assert torch.equal(join_patches(cut_patches(x), 32, 16), x)


def test_cross_attention_retains_the_shape_of_the_query() -> None:
    attention = PatchAttention(4, pooling="mean", resolution="dual")
    assert attention(torch.randn(1, 4, 32, 16), torch.randn(1, 4, 32, 16)).shape == (1, 4, 32, 16)


def test_single_resolution_has_no_low_branch() -> None:
    attention = PatchAttention(4, pooling="max", resolution="single")
    assert not any(name.startswith("low") for name, _ in attention.named_parameters())
    assert attention.project_out.weight.shape == (4, 4, 1, 1)


def test_every_kind_of_fusion_gives_the_size_of_the_fine_map() -> None:
    low, skip = torch.randn(1, 8, 16, 16), torch.randn(1, 4, 32, 32)
    for plan in (FusionPlan(), FusionPlan("plain"), FusionPlan(width=6, resolution="single")):
        fusion = Fusion(8, 4, (32, 32), plan).eval()
        assert fusion(low, skip).shape == (1, plan.width or 4, 32, 32)
