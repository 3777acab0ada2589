from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from inference.network.configuration import LITE
from inference.network.vertenet.encoder import PLANS, Encoder, SameConv
from inference.network.vertenet.network import build
from inference.training.imagenet import load_imagenet


def test_stride_two_pads_one_row_below_and_one_column_right() -> None:
    torch.manual_seed(0)
    conv = SameConv(2, 3, 3, 2)
    x = torch.randn(1, 2, 8, 6)
    by_hand = functional.conv2d(functional.pad(x, (0, 1, 0, 1)), conv.weight, stride=2)
    assert torch.equal(conv(x), by_hand)


def test_stride_two_with_five_taps_pads_one_before_and_two_after() -> None:
    torch.manual_seed(0)
    conv = SameConv(2, 2, 5, 2, groups=2)
    x = torch.randn(1, 2, 8, 6)
    by_hand = functional.conv2d(functional.pad(x, (1, 2, 1, 2)), conv.weight, stride=2, groups=2)
    assert torch.equal(conv(x), by_hand)


def test_features_have_the_strides_and_channels_of_the_plan() -> None:
    for plan in PLANS.values():
        encoder = Encoder(plan).eval()
        with torch.inference_mode():
            features = encoder(torch.zeros(1, 3, 64, 32))
        assert [f.shape[1] for f in features] == list(plan.channels)
        assert [f.shape[2] for f in features] == [16, 8, 4, 2]


def test_imagenet_weights_fill_the_lite_encoder_one_to_one() -> None:
    network = build(LITE)
    before = network.encoder.conv_stem.weight.clone()
    load_imagenet(network)
    assert not torch.equal(network.encoder.conv_stem.weight, before)
    norms = [m for m in network.encoder.modules() if isinstance(m, nn.BatchNorm2d)]
    assert all(bool((norm.running_var != 1).any()) for norm in norms)
