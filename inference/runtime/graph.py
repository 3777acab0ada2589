"""Networks in OpenVINO's form without their weights, so that no torch is needed to run them.

A graph says what is computed; its weights are inputs, named as in a file of weights. The graphs of
the configurations in ``graphs/`` ship with VerteRead, made by
`inference.runtime.graph_conversion`; filled
with the weights of any file of that configuration they answer what torch answers.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, Final, cast

import numpy as np

from inference.network.configuration import Config
from inference.network.weights_tensors import Shapes, Tensors
from inference.runtime.session import Precision

FOLDER: Final = Path(__file__).parent / "graphs"
PARTS: Final = ("trunk", "points")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The same graph gives the same bytes whenever it is saved."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A network without weights.

    Attributes
    ----------
    models
        OpenVINO models: ``trunk`` for one image at a time, and ``points`` for the heads that are
        read at the peaks alone, where the configuration has such heads. Filling changes them.
    shapes
        Every tensor that a file of weights of this configuration holds.
    """

    models: Mapping[str, Any]
    shapes: Shapes


def import_openvino() -> Any:
    """OpenVINO without its telemetry, which would report conversions to its makers unasked."""
    sys.modules["openvino_telemetry"] = cast(ModuleType, None)
    return import_module("openvino")


def shipped_path(config: Config) -> Path:
    """Return where the graph of a configuration would ship."""
    return FOLDER / f"{config.name}.zip"


def read_graph(core: Any, config: Config) -> Graph | None:
    """Return the graph that ships for a configuration, or ``None``."""
    path = shipped_path(config)
    if not path.is_file():
        return None
    with zipfile.ZipFile(path) as archive:
        described = json.loads(archive.read("network.json"))
        if described["config"] != _plain(config):
            return None
        models = {
            part: core.read_model(archive.read(f"{part}.xml"), archive.read(f"{part}.bin"))
            for part in PARTS
            if f"{part}.xml" in archive.namelist()
        }
    shapes = {name: tuple(shape) for name, shape in described["shapes"].items()}
    return Graph(models, shapes)


def write_graph(openvino: Any, path: Path, graph: Graph, config: Config) -> None:
    """Save a graph with the configuration that it belongs to; equal graphs give equal bytes."""
    described = {"config": _plain(config), "shapes": graph.shapes}
    contents = {"network.json": json.dumps(described, sort_keys=True, indent=1).encode()}
    with TemporaryDirectory() as folder:
        for part, model in graph.models.items():
            xml = Path(folder) / f"{part}.xml"
            openvino.save_model(model, xml, compress_to_fp16=False)
            contents[xml.name] = xml.read_bytes()
            contents[f"{part}.bin"] = xml.with_suffix(".bin").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)


def fill(openvino: Any, model: Any, tensors: Tensors, precision: Precision) -> Any:
    """Put the weights into a model of a graph, in place of the inputs that have their names.

    Parameters
    ----------
    tensors
        By name; their shapes were checked before.
    precision
        "bf16" also rearranges products so that OpenVINO computes them in 16 bits.
    """
    for parameter in model.get_parameters():
        name = parameter.get_friendly_name()
        if name in tensors:
            weights = np.ascontiguousarray(tensors[name], dtype=np.float32)
            constant = openvino.opset13.constant(weights)
            constant.set_friendly_name(name)
            parameter.output(0).replace(constant.output(0))
            model.remove_parameter(parameter)
    passes = import_module("openvino.passes")
    manager = passes.Manager()
    manager.register_pass(passes.ConstantFolding())
    manager.run_passes(model)
    if precision == "bf16":
        _vary_first_factors(openvino, model)
    model.validate_nodes_and_infer_types()
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


def _plain(config: Config) -> Any:
    """The configuration as JSON has it, to be compared with what was read from JSON."""
    return json.loads(json.dumps(config.to_dict()))
