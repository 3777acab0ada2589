"""Files of weights: our safetensors with everything in the header, and the authors' checkpoints."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save
from torch import Tensor

from inference.network.configuration import VERTENET, Config
from inference.network.vertenet.int8 import quantize, to_half_precision
from inference.network.vertenet.network import VerteNet, build
from inference.network.weights_header import (
    FORMAT,
    Bits,
    CheckpointError,
    WeightsHeader,
    is_safetensors,
    read_header,
)
from inference.network.weights_tensors import check_shapes, read_tensors

# The authors' names -> ours. Each pattern is replaced once, in this order.
_AUTHORS: Final[tuple[tuple[str, str], ...]] = (
    (r"^base_network\.", "encoder."),
    (r"^dec_net\.dec_c([234])\.", r"fuse\1."),
    (r"^dec_net\.(hm|reg|wh)\.0\.", r"heads.\1.conv1."),
    (r"^dec_net\.(hm|reg|wh)\.2\.", r"heads.\1.conv2."),
    (r"\.t_drsa_decoder_block_\.", ".self_low."),
    (r"\.t_drsa_skip_block_\.", ".self_skip."),
    (r"\.t_drca_decoder_block_\.", ".cross_low."),
    (r"\.t_drca_skip_block_\.", ".cross_skip."),
    (r"\.channel_transformer\.", ".channels."),
    (r"\.cat_conv\.", ".join."),
    (r"\.(norm[12])\.body\.", r".\1."),
    (r"\.attn\.([qkv])_Hi\.", r".attn.high.\1."),
    (r"\.attn\.([qkv])_Lo\.", r".attn.low.\1."),
    (r"\.attn\.convTranspose\.", ".attn.enlarge."),
)


# Ours -> the authors', in this order.
_OURS: Final[tuple[tuple[str, str], ...]] = (
    (r"\.(norm[12])\.", r".\1.body."),
    (r"\.attn\.high\.([qkv])\.", r".attn.\1_Hi."),
    (r"\.attn\.low\.([qkv])\.", r".attn.\1_Lo."),
    (r"\.attn\.enlarge\.", ".attn.convTranspose."),
    (r"\.self_low\.", ".t_drsa_decoder_block_."),
    (r"\.self_skip\.", ".t_drsa_skip_block_."),
    (r"\.cross_low\.", ".t_drca_decoder_block_."),
    (r"\.cross_skip\.", ".t_drca_skip_block_."),
    (r"\.channels\.", ".channel_transformer."),
    (r"\.join\.", ".cat_conv."),
    (r"^heads\.(hm|reg|wh)\.conv1\.", r"dec_net.\1.0."),
    (r"^heads\.(hm|reg|wh)\.conv2\.", r"dec_net.\1.2."),
    (r"^fuse([234])\.", r"dec_net.dec_c\1."),
    (r"^encoder\.", "base_network."),
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network with what its file says about it.

    ``checksum`` is the SHA-256 of the file; ``about`` the free part of the header (training data,
    seeds, accuracy, licence).
    """

    network: VerteNet
    config: Config
    checksum: str
    about: Mapping[str, Any] = field(default_factory=dict)


def from_authors_name(name: str) -> str:
    """Translate a tensor's name from the authors' checkpoint.

    Examples
    --------
    >>> from_authors_name("dec_net.dec_c4.t_drsa_skip_block_.attn.q_Hi.weight")
    'fuse4.self_skip.attn.high.q.weight'
    """
    return _renamed(name.removeprefix("module."), _AUTHORS)


def to_authors_name(name: str) -> str:
    """The inverse of :func:`from_authors_name`.

    Examples
    --------
    >>> to_authors_name("fuse4.self_skip.attn.high.q.weight")
    'dec_net.dec_c4.t_drsa_skip_block_.attn.q_Hi.weight'
    """
    return _renamed(name, _OURS)


def load_checkpoint(path: Path | str) -> Checkpoint:
    """Read a network from our safetensors or from a checkpoint of the authors.

    Raises
    ------
    CheckpointError
        When the file is neither, or its tensors do not fit the network.
    """
    path = Path(path)
    header = read_header(path)
    ours = is_safetensors(path)
    tensors = _read_safetensors(path) if ours else _read_authors(path)
    network = build(header.config)
    _fill(network, tensors, path.name, str if ours else to_authors_name)
    return Checkpoint(network.eval(), header.config, header.checksum, header.about)


def load_verified_network(header: WeightsHeader) -> VerteNet:
    """The network whose header was read before.

    Raises
    ------
    CheckpointError
        When the file cannot be used, or is another one by now.
    """
    checkpoint = load_checkpoint(header.path)
    if checkpoint.checksum != header.checksum:
        raise CheckpointError(f"{header.path.name} was replaced while it was read")
    return checkpoint.network


def save_checkpoint(
    path: Path | str, network: VerteNet, about: Mapping[str, Any], *, bits: Bits = 32
) -> None:
    """Write our format, with ``bits`` a weight on disk; the same weights give the same bytes."""
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
    Path(path).write_bytes(_ordered(save(tensors, metadata=header)))


def _ordered(written: bytes) -> bytes:
    """A safetensors file with its header's keys in order; the library gives them by chance."""
    start = 8 + int.from_bytes(written[:8], "little")
    header = json.loads(written[8:start])
    ordered = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    padded = ordered + b" " * (-len(ordered) % 8)
    return len(padded).to_bytes(8, "little") + padded + written[start:]


def save_authors_checkpoint(path: Path | str, network: VerteNet, *, epoch: int = 0) -> None:
    """Write what the authors' own code loads: ``epoch`` and ``state_dict`` under their names.

    Raises
    ------
    CheckpointError
        When the network is not the paper's configuration.
    """
    if network.config != VERTENET:
        raise CheckpointError(
            f"{network.config.name} has no form that the authors' code could load"
        )
    state = {to_authors_name(name): tensor for name, tensor in network.state_dict().items()}
    torch.save({"epoch": epoch, "state_dict": state}, path)


def read_epoch(path: Path | str) -> int:
    """How long the authors' training had run when it wrote this checkpoint; 0 when it is unsaid."""
    return int(_unpickled(Path(path)).get("epoch", 0))


def _renamed(name: str, table: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in table:
        name = re.sub(pattern, replacement, name, count=1)
    return name


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in read_tensors(path).items()}


def _read_authors(path: Path) -> dict[str, Tensor]:
    return {
        from_authors_name(str(name)): tensor
        for name, tensor in _unpickled(path)["state_dict"].items()
    }


def _unpickled(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path.name}: not a file of weights alone") from error
    if not isinstance(content, dict) or not isinstance(content.get("state_dict"), dict):
        raise CheckpointError(f"{path.name}: holds no 'state_dict'")
    return content


def _fill(
    network: VerteNet, tensors: Mapping[str, Any], name: str, name_in_file: Callable[[str], str]
) -> None:
    """Put the tensors into the network, once they are known to fit."""
    wanted = network.state_dict()
    check_shapes(
        {key: _shape(value) for key, value in tensors.items()},
        {key: tuple(value.shape) for key, value in wanted.items()},
        file=name,
        network=network.config.name,
        name_in_file=name_in_file,
    )
    network.load_state_dict({key: tensors[key].to(wanted[key].dtype) for key in wanted})


def _shape(tensor: Any) -> tuple[int, ...] | None:
    return tuple(tensor.shape) if isinstance(tensor, Tensor) else None


def load(path: Path | str) -> VerteNet:
    """The network of a file of weights, in evaluation mode."""
    return load_checkpoint(path).network
