"""Reproducible weights for the network of the paper, seeded with the tensor names."""

from __future__ import annotations

import zlib

import numpy as np
import torch
from numpy.typing import NDArray

from inference.network.authors_names import to_authors_name
from inference.network.configuration import VERTENET
from inference.network.vertenet.network import VerteNet, build


def seeded_tensor(name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the weights of one tensor.

    Parameters
    ----------
    name
        Name in the authors' checkpoint; its CRC-32 is the seed.
    shape
        Shape of the tensor.
    """
    # CRC-32 rather than hash(), which differs from process to process.
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
            # Division by the square root of the fan-in keeps activations of order 1.
            return np.asarray(z / np.sqrt(np.prod(shape[1:])))
        case "weight":
            return np.asarray(0.5 + 0.1 * z)
        case _:
            return np.asarray(0.1 * z)


def seeded_network() -> VerteNet:
    """Return the network of the paper with reproducible weights, float64, in evaluation mode."""
    network = build(VERTENET).double()
    state = {
        name: torch.from_numpy(seeded_tensor(to_authors_name(name), tuple(tensor.shape)))
        for name, tensor in network.state_dict().items()
    }
    network.load_state_dict(state)
    return network


def seeded_grey() -> NDArray[np.float64]:
    """Return the image of the reference results, (1024, 512) with values in [0, 1)."""
    grey: NDArray[np.float64] = np.random.default_rng(7).random((1, 1, 1024, 512))[0, 0]
    return grey
