from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from inference.network.configuration import LITE, FusionPlan
from inference.network.vertenet.network import build


def test_image_of_another_size_is_rejected_with_both_sizes() -> None:
    with pytest.raises(ValueError, match=r"expected images of \(512, 256\), got \(256, 256\)"):
        build(LITE)(torch.zeros(1, 3, 256, 256))


def test_network_without_attention_accepts_any_size() -> None:
    plain = FusionPlan("plain", width=48)
    network = build(replace(LITE, fusions=(plain, plain, plain)))
    with torch.inference_mode():
        assert network(torch.zeros(1, 3, 128, 64))["hm"].shape == (1, 1, 32, 16)
