from __future__ import annotations

import pytest
import torch

from inference.network.configuration import FusionPlan
from inference.network.vertenet.channels_last_fusion import RearrangedFusion
from inference.network.vertenet.fusion import Fusion

PLANS = {
    "paper": FusionPlan(),
    "narrow": FusionPlan(width=6),
    "mean pooling": FusionPlan(pooling="mean"),
    "single resolution": FusionPlan(resolution="single"),
    "without self-attention": FusionPlan(self_attention=False),
    "without cross-attention": FusionPlan(cross_attention=False),
    "plain": FusionPlan("plain"),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_rearranged_block_equals_the_literal_one(plan: FusionPlan) -> None:
    torch.manual_seed(1)
    fusion = Fusion(10, 8, (32, 16), plan).double().eval()
    with torch.no_grad():
        for name, parameter in fusion.named_parameters():
            if "norm" in name or "temperature" in name:
                parameter.add_(0.1 * torch.randn_like(parameter))
    low = torch.randn(2, 10, 16, 8, dtype=torch.float64)
    skip = torch.randn(2, 8, 32, 16, dtype=torch.float64)
    with torch.inference_mode():
        expected = fusion(low, skip)
        actual = RearrangedFusion(fusion)(low, skip)
    torch.testing.assert_close(actual, expected, rtol=1e-10, atol=1e-11)
