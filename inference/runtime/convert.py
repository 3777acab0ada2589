"""From the trunk in torch to OpenVINO's form; needed once for a file of weights."""

from __future__ import annotations

import warnings
from typing import Any

import torch

from inference.runtime.sparse import PointHead
from inference.runtime.trunk import Trunk, point_heads
from inference.vertenet.checkpoint import load_described
from inference.weights_header import WeightsHeader


def convert_trunk(openvino: Any, header: WeightsHeader) -> tuple[Any, dict[str, PointHead]]:
    """The model for one image at a time, its results named, and the heads asked at points.

    Raises
    ------
    CheckpointError
        When the tensors do not fit the network.
    """
    network = load_described(header)
    trunk = Trunk(network).eval()
    size = [1, 1, *network.config.input_size]
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes are constants on purpose
        model = openvino.convert_model(trunk, example_input=torch.zeros(size), input=size)
    for output, name in zip(model.outputs, trunk.results, strict=True):
        output.get_tensor().set_names({name})
    return model, point_heads(network)
