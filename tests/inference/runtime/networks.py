"""Networks with random weights whose results are not degenerate."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from inference.network.configuration import Config
from inference.network.vertenet.network import VerteNet, build
from inference.network.weights_header import WeightsHeader


def build_calibrated(config: Config) -> VerteNet:
    """Return a network with random weights and batch norm statistics from one random batch.

    Without these statistics the signal would vanish on its way through the network.
    """
    torch.manual_seed(6)
    network = build(config).train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network(torch.randn(2, 3, *config.input_size))
        if config.refiner is not None:
            network.refine(torch.randn(4, config.refiner.size, config.refiner.size))
    return network.eval()


def random_grey(header: WeightsHeader) -> np.ndarray:
    """Return random grey values in [0, 1) at the input size of a network."""
    return np.random.default_rng(8).random(header.config.input_size, dtype=np.float32)
