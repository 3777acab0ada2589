from __future__ import annotations

import torch

from inference.network.configuration import VERTENET, baseline
from inference.network.vertenet.batch_norm_folding import fold
from inference.network.vertenet.network import build, build_encoder, count_parameters
from tests.inference.network.vertenet.test_batch_norm_folding import randomize_norms


def test_features_have_the_strides_and_channels_of_resnet_34() -> None:
    encoder = build_encoder("resnet34").eval()
    with torch.inference_mode():
        features = encoder(torch.zeros(1, 3, 64, 32))
    shapes = [tuple(feature.shape[1:]) for feature in features]
    assert shapes == [(64, 16, 8), (128, 8, 4), (256, 4, 2), (512, 2, 1)]


def test_encoder_has_the_published_parameters() -> None:
    """21,797,672 parameters of resnet34 (torchvision) minus 513,000 of its classifier."""
    encoder = build_encoder("resnet34")
    assert count_parameters(encoder) == 21_284_672
    assert {"conv1.weight", "layer1.2.bn2.bias", "layer4.0.downsample.1.running_var"} <= set(
        encoder.state_dict()
    )


def test_folded_vld_gives_the_same_results() -> None:
    network = randomize_norms(build(baseline(VERTENET, "vld")))
    grey = torch.rand(1, 1, 128, 64, dtype=torch.float64) - 0.5
    with torch.inference_mode():
        expected, actual = network(grey.repeat(1, 3, 1, 1)), fold(network)(grey)
    for name, value in expected.items():
        torch.testing.assert_close(actual[name], value, rtol=1e-9, atol=1e-10)
