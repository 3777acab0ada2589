"""Read the tensors of a weights file as arrays, without torch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from inference.network.weights_container import SCALE, fits_scale
from inference.network.weights_header import CheckpointError, WeightsHeader

Tensors = Mapping[str, NDArray[Any]]
Shapes = Mapping[str, tuple[int, ...]]


def read_verified_tensors(header: WeightsHeader) -> Tensors:
    """Return the tensors of a safetensors file whose header has already been read.

    Raises
    ------
    CheckpointError
        If the file cannot be read, or if it has been replaced since its header was read.
    """
    tensors, checksum = _read(header.path)
    if checksum != header.checksum:
        raise CheckpointError(f"{header.path.name} was replaced while it was being read: try again")
    return tensors


def read_tensors(path: Path) -> Tensors:
    """Return the tensors of a safetensors file, with 8-bit weights converted to float32.

    Raises
    ------
    CheckpointError
        If the file cannot be read.
    """
    return _read(path)[0]


def dequantize(tensors: Tensors) -> dict[str, NDArray[Any]]:
    """Return the tensors with 8-bit weights multiplied by the scale of their output channel.

    This is the inverse of `inference.network.vertenet.int8.quantize` up to rounding. Other tensors
    are returned unchanged.

    Raises
    ------
    CheckpointError
        If a scale does not have one value per output channel.
    """
    result: dict[str, NDArray[Any]] = {}
    for name, tensor in tensors.items():
        scale = tensors.get(name + SCALE)
        if scale is not None:
            # Otherwise the product could be larger than the file by orders of magnitude.
            if not fits_scale(tensor.shape, scale.shape):
                raise CheckpointError(f"{name + SCALE} does not have one value per channel")
            shape = (-1, *[1] * (tensor.ndim - 1))
            result[name] = tensor.astype(np.float32) * scale.reshape(shape)
        # A scale is dropped only if it belongs to a tensor of the file.
        elif not (name.endswith(SCALE) and name.removesuffix(SCALE) in tensors):
            result[name] = tensor
    return result


def check_shapes(
    shapes: Mapping[str, tuple[int, ...] | None],
    expected: Shapes,
    *,
    file: str,
    network: str,
    name_in_file: Callable[[str], str] = str,
) -> None:
    """Check that a file contains exactly the tensors of a network.

    Parameters
    ----------
    shapes, expected
        Shapes by tensor name, of the file and of the network; ``None`` for an entry of the file
        that is not a tensor.
    file, network
        Names of the file and of the network, for the error message.
    name_in_file
        Translates a tensor name to the name used in the file.

    Raises
    ------
    CheckpointError
        If tensors are missing, unexpected or of another shape; the message lists their names.
    """
    missing = sorted(name_in_file(name) for name in expected.keys() - shapes.keys())
    extra = sorted(name_in_file(name) for name in shapes.keys() - expected.keys())
    other_shape = [
        f"{name_in_file(name)} is {shapes[name]}, not {shape}"
        for name, shape in expected.items()
        if name in shapes and shapes[name] != shape
    ]
    problems = [
        f"{title}: {', '.join(names)}"
        for title, names in (("missing", missing), ("extra", extra), ("other shape", other_shape))
        if names
    ]
    if problems:
        raise CheckpointError(f"{file} does not match {network}; {'; '.join(problems)}")


def _read(path: Path) -> tuple[Tensors, str]:
    try:
        # Read once, so that checksum and tensors belong to the same content.
        content = path.read_bytes()
        return dequantize(load(content)), hashlib.sha256(content).hexdigest()
    except SafetensorError as error:
        raise CheckpointError(f"{path.name}: not a safetensors file ({error})") from error
    except OSError as error:
        raise CheckpointError(f"{path.name}: cannot be read ({error.strerror})") from error
