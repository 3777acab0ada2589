"""The trunk in OpenVINO: converted from torch once, then loaded from a file without torch."""

from __future__ import annotations

import hashlib
import sys
import threading
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from inference.runtime.kept import find_kept, forget, keep, key_of
from inference.runtime.session import (
    Maps,
    Precision,
    RuntimeUnavailable,
    complete,
    scaled_input,
)
from inference.runtime.sparse import Floats, heads_at_points
from inference.weights_header import WeightsHeader

_TRUNK: Final = "trunk.blob"
_POINTS: Final = "points.blob"
_DEVICE: Final = "CPU"
_ONE_CORE: Final = threading.Lock()


def open_openvino(header: WeightsHeader, *, threads: int, precision: Precision) -> OpenVinoSession:
    """The kept form of these weights for this processor, made now where there is none.

    Raises
    ------
    CheckpointError
        When the tensors do not fit the network.
    RuntimeUnavailable
        When OpenVINO is not installed, or does not work on this machine.
    """
    try:
        openvino = _import_openvino()
        core = _core()
        processor = str(core.get_property(_DEVICE, "FULL_DEVICE_NAME"))
        able = sorted(core.get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES"))
    except (ImportError, RuntimeError, OSError) as error:
        raise RuntimeUnavailable(f"OpenVINO cannot be used ({error})") from error
    if precision == "bf16" and "BF16" not in able:
        raise RuntimeUnavailable(f"{processor} does not compute in bf16")
    version = str(openvino.__version__).partition("-")[0]
    key = key_of(
        {
            "weights": header.checksum,
            "openvino": str(openvino.__version__),
            "processor": f"{processor} {' '.join(able)}",
            "precision": precision,
            "source": _source_digest(),
        }
    )
    try:
        compiled = _load_kept(core, key, header, threads, precision) or _convert(
            openvino, core, header, key, threads, precision
        )
    except RuntimeError as error:
        raise RuntimeUnavailable(f"OpenVINO failed on this network ({error})") from error
    about = f"openvino {version}, {precision}, {threads} thread{'s' if threads > 1 else ''}"
    return OpenVinoSession(header, compiled, about)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The trunk, and the heads asked at points where the network has such heads."""

    trunk: Any
    points: Any | None


class OpenVinoSession:
    """See :class:`inference.runtime.session.Session`. Threads that share one take turns."""

    def __init__(self, header: WeightsHeader, compiled: _Compiled, runtime: str) -> None:
        self.runtime = runtime
        self._config = header.config
        self._trunk = _Request(compiled.trunk)
        self._points = None if compiled.points is None else _Request(compiled.points)
        self._turn = threading.Lock()

    def answer(self, grey: NDArray[np.float32]) -> Maps:
        scaled = scaled_input(self._config, grey)
        with self._turn:
            maps = complete(self._config, self._trunk.answer(scaled), self._ask)
            # The request's memory is written over by the next image.
            return {name: np.array(value, dtype=np.float32) for name, value in maps.items()}

    def _ask(self, patches: Floats, inside: Floats) -> dict[str, Floats]:
        return {} if self._points is None else self._points.answer(patches, inside)


class _Request:
    """A compiled model ready to answer; its answers last until the next."""

    def __init__(self, compiled: Any) -> None:
        self._names = [output.get_any_name() for output in compiled.outputs]
        self._request = compiled.create_infer_request()

    def answer(self, *inputs: Floats) -> dict[str, Any]:
        self._request.infer(list(inputs), share_inputs=True)
        return {
            name: self._request.get_output_tensor(index).data
            for index, name in enumerate(self._names)
        }


def _import_openvino() -> Any:
    """OpenVINO without its telemetry, which would report conversions to its makers unasked."""
    sys.modules["openvino_telemetry"] = cast(ModuleType, None)
    return import_module("openvino")


def _core() -> Any:
    """The one ``Core`` of this process, kept until it ends.

    The processor's plugin puts a stack for signals under the thread that loads it, and takes it
    away when it is dropped. Of two that overlap the last one to go puts the other's back, which is
    gone: the next signal that Python handles ends the process with a segmentation fault.
    """
    with _ONE_CORE:
        return _load_core()


@cache
def _load_core() -> Any:
    return _import_openvino().Core()


def _settings(threads: int, precision: Precision) -> dict[str, Any]:
    return {
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": precision,
        "NUM_STREAMS": 1,
        # Two processes that pin their threads pin them to the same processors.
        "ENABLE_CPU_PINNING": False,
    }


def _load_kept(
    core: Any, key: str, header: WeightsHeader, threads: int, precision: Precision
) -> _Compiled | None:
    folder = find_kept(key)
    if folder is None:
        return None

    def load(name: str, precision: Precision) -> Any:
        blob = (folder / name).read_bytes()
        return core.import_model(blob, _DEVICE, _settings(threads, precision))

    try:
        trunk = load(_TRUNK, precision)
        asked = heads_at_points(header.config)
        return _Compiled(trunk, load(_POINTS, "f32") if asked else None)
    except (OSError, RuntimeError):
        forget(key)
        return None


def _convert(
    openvino: Any,
    core: Any,
    header: WeightsHeader,
    key: str,
    threads: int,
    precision: Precision,
) -> _Compiled:
    from inference.runtime.convert import convert_network

    trunk, points = convert_network(openvino, header, precision)
    made = {_TRUNK: core.compile_model(trunk, _DEVICE, _settings(threads, precision))}
    if points is not None:
        made[_POINTS] = core.compile_model(points, _DEVICE, _settings(threads, "f32"))

    def fill(folder: Path) -> None:
        for name, compiled in made.items():
            (folder / name).write_bytes(compiled.export_model().getbuffer())

    keep(key, fill)
    return _Compiled(made[_TRUNK], made.get(_POINTS))


def _source_digest() -> str:
    """Of the files that say what the trunk computes: another source is another trunk."""
    here = Path(__file__).parent
    own = [here / name for name in ("convert.py", "point_heads.py", "sparse.py", "trunk.py")]
    digest = hashlib.sha256()
    for path in [*own, *sorted((here.parent / "vertenet").glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
