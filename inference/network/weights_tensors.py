"""The tensors of a file of weights as arrays, read without torch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from inference.network.weights_header import CheckpointError, WeightsHeader

SCALE: Final = ".scale"
"""Ends the name of the scales (output channels,) that belong to a tensor of eight-bit weights."""

Tensors = Mapping[str, NDArray[Any]]
Shapes = Mapping[str, tuple[int, ...]]


def read_verified_tensors(header: WeightsHeader) -> Tensors:
    """Return the tensors of the safetensors file whose header was read before.

    Raises
    ------
    CheckpointError
        When the file cannot be read, or has been replaced since its header was read.
    """
    tensors, checksum = _read(header.path)
    if checksum != header.checksum:
        raise CheckpointError(f"{header.path.name} was replaced while it was read")
    return tensors


def read_tensors(path: Path) -> Tensors:
    """Return the tensors of a safetensors file, with eight-bit weights in 32 bits.

    Raises
    ------
    CheckpointError
        When the file cannot be read.
    """
    return _read(path)[0]


def dequantize(tensors: Tensors) -> dict[str, NDArray[Any]]:
    """Multiply eight-bit weights by their channel's scale; other tensors stay as they are."""
    result: dict[str, NDArray[Any]] = {}
    for name, tensor in tensors.items():
        scale = tensors.get(name + SCALE)
        if scale is not None:
            shape = (-1, *[1] * (tensor.ndim - 1))
            result[name] = tensor.astype(np.float32) * scale.reshape(shape)
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
    """Check that a file holds exactly the tensors of a network.

    Parameters
    ----------
    shapes, expected
        The shapes by tensor name, of the file and of the network; ``None`` for what is no tensor.
    name_in_file
        Translates a tensor name to the one that the file uses.

    Raises
    ------
    CheckpointError
        With the names of the tensors that are missing, extra or of another shape.
    """
    missing = sorted(name_in_file(name) for name in expected.keys() - shapes.keys())
    extra = sorted(name_in_file(name) for name in shapes.keys() - expected.keys())
    unlike = [
        f"{name_in_file(name)} is {shapes[name]}, not {shape}"
        for name, shape in expected.items()
        if name in shapes and shapes[name] != shape
    ]
    complaints = [
        f"{title}: {', '.join(names)}"
        for title, names in (("missing", missing), ("extra", extra), ("other shape", unlike))
        if names
    ]
    if complaints:
        raise CheckpointError(f"{file} does not fit {network}; {'; '.join(complaints)}")


def _read(path: Path) -> tuple[Tensors, str]:
    try:
        content = path.read_bytes()
        return dequantize(load(content)), hashlib.sha256(content).hexdigest()
    except SafetensorError as error:
        raise CheckpointError(f"{path.name}: not a safetensors file ({error})") from error
    except OSError as error:
        raise CheckpointError(f"{path.name}: cannot be read ({error.strerror})") from error
