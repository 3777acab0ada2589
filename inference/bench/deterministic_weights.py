"""The paper's network under weights that anybody can make again: a seed from each tensor's name."""

from __future__ import annotations

import zlib

import numpy as np
import torch
from numpy.typing import NDArray

from inference.network.authors_names import to_authors_name
from inference.network.configuration import VERTENET
from inference.network.vertenet.network import VerteNet, build


def seeded_tensor(name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """A tensor of the authors' checkpoint, drawn from a generator seeded with its name's CRC-32."""
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
        name: torch.from_numpy(seeded_tensor(to_authors_name(name), tuple(tensor.shape)))
        for name, tensor in network.state_dict().items()
    }
    network.load_state_dict(state)
    return network


def seeded_grey() -> NDArray[np.float64]:
    """The image of the reference figures, (1024, 512), 0 to 1."""
    grey: NDArray[np.float64] = np.random.default_rng(7).random((1, 1, 1024, 512))[0, 0]
    return grey
