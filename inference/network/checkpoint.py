"""Read and write network weights: VerteRead safetensors and checkpoints of the VerteNet authors."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from inference.network.authors_names import from_authors_name, to_authors_name
from inference.network.configuration import VERTENET, Config
from inference.network.vertenet.int8 import quantize, to_half_precision
from inference.network.vertenet.network import VerteNet, build
from inference.network.weights_container import FORMAT
from inference.network.weights_header import (
    Bits,
    CheckpointError,
    WeightsHeader,
    is_safetensors,
    read_header,
)
from inference.network.weights_tensors import check_shapes, read_tensors


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network with the metadata of its weights file.

    Attributes
    ----------
    network
        The network in evaluation mode.
    config
        The configuration of the network.
    checksum
        SHA-256 of the file, as hexadecimal digits.
    about
        Free metadata of the header, such as training data, seeds, accuracy and licence.
    """

    network: VerteNet
    config: Config
    checksum: str
    about: Mapping[str, Any] = field(default_factory=dict)


def load_checkpoint(path: Path | str) -> Checkpoint:
    """Read a network from VerteRead safetensors or from a checkpoint of the authors.

    Parameters
    ----------
    path
        A ``.safetensors`` file; any other file is read as a checkpoint of the authors.

    Returns
    -------
    Checkpoint
        The network in evaluation mode, with its metadata.

    Raises
    ------
    CheckpointError
        If the file is in neither format, or if its tensors do not match the network.
    """
    # The checksum covers the file as a whole, so that a result names exactly the weights it came
    # from.
    path = Path(path)
    header = read_header(path)
    in_safetensors = is_safetensors(path)
    tensors = _read_safetensors(path) if in_safetensors else _read_authors(path)
    network = build(header.config)
    _load_tensors(network, tensors, path.name, str if in_safetensors else to_authors_name)
    return Checkpoint(network.eval(), header.config, header.checksum, header.about)


def load_verified_network(header: WeightsHeader) -> VerteNet:
    """Return the network of a file whose header has already been read.

    Raises
    ------
    CheckpointError
        If the file cannot be used, or if it has been replaced since the header was read.
    """
    checkpoint = load_checkpoint(header.path)
    if checkpoint.checksum != header.checksum:
        raise CheckpointError(f"{header.path.name} was replaced while it was being read: try again")
    return checkpoint.network


def save_checkpoint(
    path: Path | str, network: VerteNet, about: Mapping[str, Any], *, bits: Bits = 32
) -> None:
    """Write a network as VerteRead safetensors.

    Equal weights and metadata give identical bytes.

    Parameters
    ----------
    path
        The file to write.
    network
        The network whose weights are written.
    about
        Free metadata for the header; must be serialisable as JSON.
    bits
        Bits per weight on disk.
    """
    # Tensors are written from CPU memory, so that files do not depend on the device.
    state = network.state_dict()
    tensors = {name: tensor.detach().contiguous().cpu() for name, tensor in state.items()}
    if bits == 16:
        tensors = {name: to_half_precision(tensor) for name, tensor in tensors.items()}
    elif bits == 8:
        tensors = quantize(tensors)
    header = {
        "format": FORMAT,
        "config": json.dumps(network.config.to_dict(), sort_keys=True),
        "about": json.dumps(dict(about), sort_keys=True),
    }
    Path(path).write_bytes(_sort_header(save(tensors, metadata=header)))


def _sort_header(content: bytes) -> bytes:
    """Sort the keys in the header of a safetensors file, which the library writes in random order.

    The file starts with the length of its JSON header as 8 bytes, little-endian.
    """
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    # The format aligns the tensors to 8 bytes and allows spaces after the header.
    padded = text + b" " * (-len(text) % 8)
    return len(padded).to_bytes(8, "little") + padded + content[start:]


def save_authors_checkpoint(path: Path | str, network: VerteNet, *, epoch: int = 0) -> None:
    """Write a checkpoint that the authors' code can load.

    Parameters
    ----------
    path
        The file to write: a dictionary with ``epoch`` and ``state_dict``.
    network
        A network of the configuration ``VERTENET``.
    epoch
        The number of epochs of training, as the authors' code stores it.

    Raises
    ------
    CheckpointError
        If the network has another configuration.
    """
    if network.config != VERTENET:
        raise CheckpointError(
            f"{network.config.name} cannot be written as a checkpoint of the VerteNet authors: "
            f"their code loads {VERTENET.name} only"
        )
    state = {to_authors_name(name): tensor for name, tensor in network.state_dict().items()}
    torch.save({"epoch": epoch, "state_dict": state}, path)


def read_epoch(path: Path | str) -> int:
    """Return the epoch stored in a checkpoint of the authors, or 0 if none is stored."""
    return int(_load_dictionary(Path(path)).get("epoch", 0))


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in read_tensors(path).items()}


def _read_authors(path: Path) -> dict[str, Tensor]:
    return {
        from_authors_name(str(name)): tensor
        for name, tensor in _load_dictionary(path)["state_dict"].items()
    }


def _load_dictionary(path: Path) -> dict[str, Any]:
    try:
        # Unpickling a foreign file could run code; weights_only admits tensors and plain types.
        content = torch.load(path, map_location="cpu", weights_only=True)
    # Damaged and foreign files raise any of these, depending on where reading fails.
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path.name}: not a file that contains weights only") from error
    if not isinstance(content, dict) or not isinstance(content.get("state_dict"), dict):
        raise CheckpointError(f"{path.name}: the entry 'state_dict' is missing")
    return content


def _load_tensors(
    network: VerteNet, tensors: Mapping[str, Any], name: str, name_in_file: Callable[[str], str]
) -> None:
    """Load tensors into a network after checking that all names and shapes match."""
    expected = network.state_dict()
    check_shapes(
        {key: _shape(value) for key, value in tensors.items()},
        {key: tuple(value.shape) for key, value in expected.items()},
        file=name,
        network=network.config.name,
        name_in_file=name_in_file,
    )
    # Files of 16 bits are computed with in the network's own type, 32 bits.
    network.load_state_dict({key: tensors[key].to(expected[key].dtype) for key in expected})


def _shape(tensor: Any) -> tuple[int, ...] | None:
    return tuple(tensor.shape) if isinstance(tensor, Tensor) else None


def load(path: Path | str) -> VerteNet:
    """Return the network of a weights file, in evaluation mode.

    Raises
    ------
    CheckpointError
        If the file cannot be used.
    """
    return load_checkpoint(path).network
