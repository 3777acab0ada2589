"""The paper's network under the seeded weights of the reference figures.

Every tensor is drawn from a generator that is seeded with the CRC-32 of its name in the authors'
checkpoint, so the figures in ``reference.npz`` need no weights to be reproduced.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.configuration import VERTENET
from inference.vertenet.checkpoint import authors_name
from inference.vertenet.network import VerteNet, build

REFERENCE = Path(__file__).with_name("reference.npz")


def seeded_tensor(name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    z = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    match name.rsplit(".", 1)[1]:
        case "num_batches_tracked":
            return np.zeros(shape)
        case "running_var":
            return np.asarray(1 + 0.1 * np.abs(z))
        case "running_mean":
            return np.asarray(0.1 * z)
        case "temperature":
            return np.asarray(1 + 0.1 * z)
        case _ if len(shape) >= 2:
            return np.asarray(z / np.sqrt(np.prod(shape[1:])))
        case "weight":
            return np.asarray(0.5 + 0.1 * z)
        case _:
            return np.asarray(0.1 * z)


def seeded_network() -> VerteNet:
    """In float64 and evaluation mode."""
    network = build(VERTENET).double()
    state = {
        name: torch.from_numpy(seeded_tensor(authors_name(name), tuple(tensor.shape)))
        for name, tensor in network.state_dict().items()
    }
    network.load_state_dict(state)
    return network


@cache
def seeded_answer() -> dict[str, NDArray[Any]]:
    """The maps (channels first) that the seeded network answers to the seeded input."""
    grey = np.random.default_rng(7).random((1, 1, 1024, 512)) - 0.5
    with torch.inference_mode():
        result = seeded_network()(torch.from_numpy(grey).repeat(1, 3, 1, 1))
    return {name: value[0].numpy() for name, value in result.items()}
