from __future__ import annotations

import pytest
import torch
from torch import nn

from inference.network.configuration import LITE
from inference.network.vertenet.batch_norm_folding import fold
from inference.network.vertenet.encoder import SameConv
from inference.network.vertenet.network import VerteNet, build


def randomize_norms(network: VerteNet) -> VerteNet:
    """Return the network in float64 with random batch norm statistics and weights."""
    torch.manual_seed(4)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.2)
            nn.init.normal_(module.running_mean, std=0.2)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
    return network.double()


def test_folded_network_gives_the_same_results_from_one_channel() -> None:
    network = randomize_norms(build(LITE))
    grey = torch.rand(1, 1, 512, 256, dtype=torch.float64) - 0.5
    folded = fold(network)
    with torch.inference_mode():
        expected, actual = network(grey.repeat(1, 3, 1, 1)), folded(grey)
    assert expected.keys() == actual.keys()
    for name, value in expected.items():
        torch.testing.assert_close(actual[name], value, rtol=1e-9, atol=1e-11)


def test_folding_removes_all_batch_norms_and_does_not_change_the_network() -> None:
    network = build(LITE)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    folded = fold(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    assert all(torch.equal(network.state_dict()[name], value) for name, value in before.items())
    assert isinstance(folded.encoder.conv_stem, SameConv)


def test_network_in_training_mode_is_rejected() -> None:
    with pytest.raises(ValueError, match="evaluation mode"):
        fold(build(LITE).train())
