"""Convert networks from torch to OpenVINO graphs that take their weights as inputs.

``python -m inference.runtime.graph_conversion`` regenerates the bundled graphs. This is necessary
after a change to the code of the network; `tests.inference.runtime.test_graph` detects such a
change.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from inference.network.configuration import LITE, VERTENET, Config
from inference.network.vertenet.network import VerteNet, build
from inference.runtime.graph import (
    REFINER_PREFIX,
    Graph,
    import_openvino,
    shipped_path,
    write_graph,
)
from inference.runtime.patch_heads import PointHeads
from inference.runtime.peak_heads import heads_at_points
from inference.runtime.trunk import Trunk

SHIPPED = (LITE, VERTENET)
"""Configurations whose graphs are bundled with VerteRead."""
CORNERS: Final = "corners"
"""Name of the result of the second stage."""


class WeightsAsInputs(nn.Module):
    """Part of a network as a function of its inputs followed by its weights.

    Parameters
    ----------
    network
        The network whose weights become inputs.
    part
        A module that uses submodules of ``network``.
    names
        Names of the weights, in the order of the inputs.
    """

    def __init__(self, network: VerteNet, part: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names
        # In a tuple, the modules are not registered as submodules; tracing would otherwise treat
        # their weights as constants.
        self.unregistered = network, part

    def forward(self, *arguments: Tensor) -> Any:
        inputs = len(arguments) - len(self.names)
        part = self.unregistered[1]
        for name, weights in zip(self.names, arguments[inputs:], strict=True):
            self._set_weights(name, weights)
        return part(*arguments[:inputs])

    def _set_weights(self, name: str, weights: Tensor) -> None:
        owner, _, leaf = name.rpartition(".")
        network = self.unregistered[0]
        module = network.get_submodule(owner)
        if module is network.encoder.conv_stem:
            # The three input channels are equal: one channel with the sum of the weights is enough.
            weights = weights.sum(dim=1, keepdim=True)
        # Assigning an attribute would require a Parameter, which cannot be a traced input.
        table: dict[str, Any] = (
            module._parameters if leaf in module._parameters else module._buffers
        )
        table[leaf] = weights


def make_graph(openvino: Any, config: Config) -> Graph:
    """Return the graph of a configuration.

    Batch norms remain in the graph: they can only be folded once weights are inserted.
    """
    network = build(config)
    state = network.state_dict()
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    # Counters of batch norms (int64) take no part in inference.
    weights = {name: tensor for name, tensor in state.items() if tensor.is_floating_point()}
    at_points = tuple(f"heads.{head}." for head in heads_at_points(config))
    read_at_points = {name for name in weights if name.startswith(at_points)} if at_points else {}
    refiner = {name: weights[name] for name in weights if name.startswith(REFINER_PREFIX)}
    trunk = {k: value for k, value in weights.items() if k not in {*read_at_points, *refiner}}
    points = {name: weights[name] for name in weights if name in read_at_points}
    grey = {"grey": torch.zeros(1, 1, *config.input_size)}
    first_stage = Trunk(network)
    models = {"trunk": _trace(openvino, network, first_stage, grey, trunk, first_stage.results)}
    if points:
        heads = PointHeads(network)
        patches = dict(zip(("patches", "inside"), heads.example_inputs(), strict=True))
        models["points"] = _trace(openvino, network, heads, patches, points, heads.results)
    if network.refiner is not None and config.refiner is not None:
        size = config.refiner.size
        patch = {"patches": torch.zeros(1, 1, size, size)}
        models["refiner"] = _trace(openvino, network, network.refiner, patch, refiner, (CORNERS,))
    return Graph(models, shapes)


def _trace(
    openvino: Any,
    network: VerteNet,
    part: nn.Module,
    inputs: dict[str, Tensor],
    weights: dict[str, Tensor],
    results: Sequence[str],
) -> Any:
    """Return an OpenVINO model of fixed input sizes with named inputs, weights and results."""
    module = WeightsAsInputs(network, part.eval(), tuple(weights)).eval()
    example = (*inputs.values(), *weights.values())
    sizes = [list(tensor.shape) for tensor in example]
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes are deliberately traced as constants
        model = openvino.convert_model(module, example_input=example, input=sizes)
    for parameter, name in zip(model.get_parameters(), (*inputs, *weights), strict=True):
        parameter.set_friendly_name(name)
        parameter.output(0).get_tensor().set_names({name})
    for output, name in zip(model.outputs, results, strict=True):
        output.get_tensor().set_names({name})
    return model


def main() -> None:
    """Write the bundled graphs."""
    openvino = import_openvino()
    for config in SHIPPED:
        path = shipped_path(config)
        path.parent.mkdir(exist_ok=True)
        write_graph(openvino, path, make_graph(openvino, config), config)
        sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
