"""From torch to OpenVINO's form; needed once for a file of weights."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inference.runtime.point_heads import PointHeads
from inference.runtime.session import Precision
from inference.runtime.trunk import Trunk
from inference.vertenet.checkpoint import load_described
from inference.weights_header import WeightsHeader


def convert_network(
    openvino: Any, header: WeightsHeader, precision: Precision
) -> tuple[Any, Any | None]:
    """The trunk for one image at a time, and the heads asked at points where there are any.

    Raises
    ------
    CheckpointError
        When the tensors do not fit the network.
    """
    network = load_described(header)
    trunk = Trunk(network).eval()
    model = _convert(openvino, trunk, torch.zeros(1, 1, *header.config.input_size))
    if precision == "bf16":
        _vary_first_factors(openvino, model)
    points = PointHeads(network).eval()
    if not points.results:
        return model, None
    return model, _convert(openvino, points, *points.nothing())


def _convert(openvino: Any, module: Trunk | PointHeads, *example: Tensor) -> Any:
    """A model of fixed sizes whose results bear the names of the module's."""
    sizes = [list(given.shape) for given in example]
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes are constants on purpose
        model = openvino.convert_model(module, example_input=example, input=sizes)
    for output, name in zip(model.outputs, module.results, strict=True):
        output.get_tensor().set_names({name})
    return model


def _vary_first_factors(openvino: Any, model: Any) -> None:
    """Let no constant be the first factor of a product: OpenVINO would compute it in 32 bits.

    Such a factor gets a zero added that OpenVINO cannot know to be one.
    """
    ops = openvino.opset13
    grey = model.get_parameters()[0]
    mean = ops.reduce_mean(grey, np.arange(4), keep_dims=False)
    zero = ops.multiply(mean, np.float32(0))
    for node in model.get_ordered_ops():
        if node.get_type_name() != "MatMul":
            continue
        factor = node.input_value(0)
        if factor.get_node().get_type_name() == "Constant":
            node.input(0).replace_source_output(ops.add(factor, zero).output(0))
    model.validate_nodes_and_infer_types()
