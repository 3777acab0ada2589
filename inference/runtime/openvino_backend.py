"""Inference with OpenVINO: insert weights into a graph, compile it and cache the result.

Bundled graphs do not need torch (`inference.runtime.graph`). Torch is needed to trace the graph of
any other configuration, and to read checkpoints of the VerteNet authors.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.network.configuration import Config
from inference.network.weights_header import WeightsHeader, is_safetensors
from inference.network.weights_tensors import Tensors, check_shapes, read_verified_tensors
from inference.runtime.compiled_cache import cache_key, find_entry, remove_entry, store_entry
from inference.runtime.graph import (
    PARTS,
    Graph,
    import_openvino,
    insert_weights,
    read_graph,
    shipped_path,
)
from inference.runtime.peak_heads import Floats, heads_at_points
from inference.runtime.session import (
    Maps,
    Precision,
    RuntimeUnavailable,
    add_head_values,
    scaled_input,
)
from inference.runtime.torch_needed import require_torch

_BLOBS: Final[Mapping[str, str]] = {part: f"{part}.blob" for part in PARTS}
_DEVICE: Final = "CPU"
_CORE_LOCK: Final = threading.Lock()


def open_openvino(header: WeightsHeader, *, threads: int, precision: Precision) -> OpenVinoSession:
    """Open a session with OpenVINO, compiled for this processor or loaded from the cache.

    Parameters
    ----------
    header
        Header of the weights file.
    threads
        Number of CPU threads.
    precision
        Precision of the trunk; heads evaluated at peaks and the second stage are always computed in
        f32.

    Raises
    ------
    CheckpointError
        If the tensors do not match the network.
    RuntimeUnavailable
        If OpenVINO is not installed or does not work on this machine, or if these weights need
        torch and it is not installed.
    """
    try:
        openvino = import_openvino()
        core = _core()
        processor = str(core.get_property(_DEVICE, "FULL_DEVICE_NAME"))
        capabilities = sorted(core.get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES"))
    except (ImportError, RuntimeError, OSError) as error:
        raise RuntimeUnavailable(f"OpenVINO cannot be used ({error})") from error
    if precision == "bf16" and "BF16" not in capabilities:
        raise RuntimeUnavailable(f"{processor} does not support bf16: use f32")
    # Without the build number.
    version = str(openvino.__version__).partition("-")[0]
    # A compiled network depends on all of these; a change of any one compiles it again.
    key = cache_key(
        {
            "weights": header.checksum,
            "openvino": str(openvino.__version__),
            # Compiled code uses the instructions of this processor; a cache folder may be shared by
            # others.
            "processor": f"{processor} {' '.join(capabilities)}",
            "precision": precision,
            "source": _source_digest(header.config),
        }
    )
    try:
        compiled = _load_cached(core, key, header, threads, precision) or _compile(
            openvino, core, header, key, threads, precision
        )
    except RuntimeError as error:
        raise RuntimeUnavailable(f"OpenVINO failed on this network ({error})") from error
    description = f"openvino {version}, {precision}, {threads} thread{'s' if threads > 1 else ''}"
    return OpenVinoSession(header, compiled, description)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """Compiled models: the trunk and, if the network has them, heads at peaks and second stage."""

    trunk: Any
    points: Any | None
    refiner: Any | None


class OpenVinoSession:
    """Session with OpenVINO; see :class:`inference.runtime.session.Session`.

    Threads that share a session run one after another.
    """

    def __init__(self, header: WeightsHeader, compiled: _Compiled, runtime: str) -> None:
        self.runtime = runtime
        self._config = header.config
        self._trunk = _Request(compiled.trunk)
        self._points = None if compiled.points is None else _Request(compiled.points)
        self._refiner = None if compiled.refiner is None else _Request(compiled.refiner)
        self._lock = threading.Lock()

    def infer(self, grey: NDArray[np.float32]) -> Maps:
        scaled = scaled_input(self._config, grey)
        with self._lock:
            maps = add_head_values(self._config, self._trunk.infer(scaled), self._evaluate_heads)
            # Copied, because the next image overwrites the memory of the request.
            return {name: np.array(value, dtype=np.float32) for name, value in maps.items()}

    def refine(self, patches: Floats) -> Floats:
        if self._refiner is None:
            raise ValueError(f"{self._config.name} has no second stage")
        with self._lock:
            # One by one, because the number of bodies varies and the model has a fixed size.
            maps = [
                np.array(value, dtype=np.float32)
                for patch in patches
                for value in self._refiner.infer(patch[None, None]).values()
            ]
        return np.concatenate(maps)

    def _evaluate_heads(self, patches: Floats, inside: Floats) -> dict[str, Floats]:
        return {} if self._points is None else self._points.infer(patches, inside)


class _Request:
    """Inference request of a compiled model; each call overwrites the previous results."""

    def __init__(self, compiled: Any) -> None:
        self._names = [output.get_any_name() for output in compiled.outputs]
        self._request = compiled.create_infer_request()

    def infer(self, *inputs: Floats) -> dict[str, Any]:
        # Sharing spares a copy; the arrays stay alive until the call returns, since it is
        # synchronous.
        self._request.infer(list(inputs), share_inputs=True)
        return {
            name: self._request.get_output_tensor(index).data
            for index, name in enumerate(self._names)
        }


def _core() -> Any:
    """Return the single ``Core`` of this process, which lives until the process ends.

    The CPU plugin installs an alternate signal stack for the thread that loads it and restores the
    previous one when it is unloaded. If two cores overlap, the last one restores the stack of the
    first, which no longer exists, and the next signal causes a segmentation fault.
    """
    with _CORE_LOCK:
        return _load_core()


@cache
def _load_core() -> Any:
    return import_openvino().Core()


def _settings(threads: int, precision: Precision) -> dict[str, Any]:
    return {
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": precision,
        # One image at a time: a batch takes as long per image as single images (docs/speed.md).
        "NUM_STREAMS": 1,
        # Pinning would place the threads of several processes on the same processors.
        "ENABLE_CPU_PINNING": False,
    }


def _load_cached(
    core: Any, key: str, header: WeightsHeader, threads: int, precision: Precision
) -> _Compiled | None:
    folder = find_entry(key)
    if folder is None:
        return None

    def load(name: str, precision: Precision) -> Any:
        blob = (folder / name).read_bytes()
        return core.import_model(blob, _DEVICE, _settings(threads, precision))

    try:
        has_points = bool(heads_at_points(header.config))
        has_refiner = header.config.refiner is not None
        return _Compiled(
            load(_BLOBS["trunk"], precision),
            load(_BLOBS["points"], "f32") if has_points else None,
            load(_BLOBS["refiner"], "f32") if has_refiner else None,
        )
    except (OSError, RuntimeError):
        # A damaged entry is removed, so that the network is compiled again.
        remove_entry(key)
        return None


def _compile(
    openvino: Any,
    core: Any,
    header: WeightsHeader,
    key: str,
    threads: int,
    precision: Precision,
) -> _Compiled:
    graph = read_graph(core, header.config) or _make_graph(openvino, header.config)
    tensors = _read_weights(header)
    check_shapes(
        {name: tensor.shape for name, tensor in tensors.items()},
        graph.shapes,
        file=header.path.name,
        network=header.config.name,
    )
    # Heads at peaks and patches need little time, so they are always computed in 32 bits.
    compiled = {}
    for part, model in graph.models.items():
        part_precision = precision if part == "trunk" else "f32"
        complete = insert_weights(openvino, model, tensors, part_precision)
        compiled[part] = core.compile_model(complete, _DEVICE, _settings(threads, part_precision))

    def write(folder: Path) -> None:
        for part, network in compiled.items():
            (folder / _BLOBS[part]).write_bytes(network.export_model().getbuffer())

    store_entry(key, write)
    return _Compiled(compiled["trunk"], compiled.get("points"), compiled.get("refiner"))


def _make_graph(openvino: Any, config: Config) -> Graph:
    with require_torch(f"there is no bundled graph of the configuration {config.name}"):
        # Imported here, because it loads torch.
        from inference.runtime.graph_conversion import make_graph
    return make_graph(openvino, config)


def _read_weights(header: WeightsHeader) -> Tensors:
    if is_safetensors(header.path):
        return read_verified_tensors(header)
    with require_torch(f"{header.path.name} is a checkpoint of the VerteNet authors"):
        # Imported here, because it loads torch.
        from inference.network.checkpoint import load_verified_network
    return {
        name: tensor.numpy() for name, tensor in load_verified_network(header).state_dict().items()
    }


def _source_digest(config: Config) -> str:
    """Return the SHA-256 of every file that decides what the graph computes.

    The digest is part of the cache key, so that a change of the code invalidates compiled networks.
    """
    folder = Path(__file__).parent
    # A bundled graph contains the network, so the Python code of the network does not count then.
    sources = [folder / "graph.py", folder / "peak_heads.py"]
    if shipped_path(config).is_file():
        sources.append(shipped_path(config))
    else:
        sources += [folder / name for name in ("graph_conversion.py", "patch_heads.py", "trunk.py")]
        sources += sorted((folder.parent / "network" / "vertenet").glob("*.py"))
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()
