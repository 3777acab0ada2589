"""From torch to a graph of OpenVINO: what a configuration computes, with its weights as inputs.

``python -m inference.runtime.graph_conversion`` makes the graphs that ship anew. It is needed
after a change of the network's code, and `tests.inference.runtime.test_graph` says when.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

import torch
from torch import Tensor, nn

from inference.network.configuration import LITE, VERTENET, Config
from inference.network.vertenet.network import VerteNet, build
from inference.runtime.graph import Graph, import_openvino, shipped_path, write_graph
from inference.runtime.patch_heads import PointHeads
from inference.runtime.peak_heads import heads_at_points
from inference.runtime.trunk import Trunk

SHIPPED = (LITE, VERTENET)


class WeightsAsInputs(nn.Module):
    """A part of a network as a function of its inputs and then of its weights.

    The network's modules must not be submodules of this one, since tracing would take their weights
    for constants. In a tuple they are not.
    """

    def __init__(self, network: VerteNet, part: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names
        self.hidden = network, part

    def forward(self, *given: Tensor) -> Any:
        inputs = len(given) - len(self.names)
        part = self.hidden[1]
        for name, weights in zip(self.names, given[inputs:], strict=True):
            self._put(name, weights)
        return part(*given[:inputs])

    def _put(self, name: str, weights: Tensor) -> None:
        owner, _, leaf = name.rpartition(".")
        network = self.hidden[0]
        module = network.get_submodule(owner)
        if module is network.encoder.conv_stem:
            # Three equal channels meet here: the network reads one, with the weights' sum.
            weights = weights.sum(dim=1, keepdim=True)
        table: dict[str, Any] = (
            module._parameters if leaf in module._parameters else module._buffers
        )
        table[leaf] = weights


def make_graph(openvino: Any, config: Config) -> Graph:
    """Return what a configuration computes; batch norms are folded once weights are filled in."""
    network = build(config)
    state = network.state_dict()
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    weights = {name: tensor for name, tensor in state.items() if tensor.is_floating_point()}
    at_points = tuple(f"heads.{head}." for head in heads_at_points(config))
    read_at_points = {name for name in weights if name.startswith(at_points)} if at_points else {}
    trunk = {name: weights[name] for name in weights if name not in read_at_points}
    points = {name: weights[name] for name in weights if name in read_at_points}
    grey = {"grey": torch.zeros(1, 1, *config.input_size)}
    models = {"trunk": _trace(openvino, network, Trunk(network), grey, trunk)}
    if points:
        heads = PointHeads(network)
        patches = dict(zip(("patches", "inside"), heads.nothing(), strict=True))
        models["points"] = _trace(openvino, network, heads, patches, points)
    return Graph(models, shapes)


def _trace(
    openvino: Any,
    network: VerteNet,
    part: Trunk | PointHeads,
    inputs: dict[str, Tensor],
    weights: dict[str, Tensor],
) -> Any:
    """A model of fixed sizes; inputs, weights and results are named."""
    module = WeightsAsInputs(network, part.eval(), tuple(weights)).eval()
    example = (*inputs.values(), *weights.values())
    sizes = [list(tensor.shape) for tensor in example]
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes are constants on purpose
        model = openvino.convert_model(module, example_input=example, input=sizes)
    for parameter, name in zip(model.get_parameters(), (*inputs, *weights), strict=True):
        parameter.set_friendly_name(name)
        parameter.output(0).get_tensor().set_names({name})
    for output, name in zip(model.outputs, part.results, strict=True):
        output.get_tensor().set_names({name})
    return model


def main() -> None:
    """Write the graphs that ship."""
    openvino = import_openvino()
    for config in SHIPPED:
        path = shipped_path(config)
        path.parent.mkdir(exist_ok=True)
        write_graph(openvino, path, make_graph(openvino, config), config)
        sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
