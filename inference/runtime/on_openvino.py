"""The trunk in OpenVINO: converted from torch once, then loaded from a file without torch."""

from __future__ import annotations

import hashlib
import sys
import threading
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
from inference.runtime.sparse import PointHead
from inference.weights_header import WeightsHeader

_COMPILED: Final = "trunk.blob"
_HEADS: Final = "heads.npz"
_DEVICE: Final = "CPU"
_TENSORS: Final = ("weight1", "bias1", "weight2", "bias2")


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
        core = openvino.Core()
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
    settings = _settings(threads, precision)
    try:
        compiled, heads = _load_kept(core, key, settings) or _convert(
            openvino, core, header, key, settings
        )
    except RuntimeError as error:
        raise RuntimeUnavailable(f"OpenVINO failed on this network ({error})") from error
    about = f"openvino {version}, {precision}, {threads} thread{'s' if threads > 1 else ''}"
    return OpenVinoSession(header, compiled, heads, about)


class OpenVinoSession:
    """See :class:`inference.runtime.session.Session`. Threads that share one take turns."""

    def __init__(
        self, header: WeightsHeader, compiled: Any, heads: dict[str, PointHead], runtime: str
    ) -> None:
        self.runtime = runtime
        self._config = header.config
        self._heads = heads
        self._names = [output.get_any_name() for output in compiled.outputs]
        self._request = compiled.create_infer_request()
        self._turn = threading.Lock()

    def answer(self, grey: NDArray[np.float32]) -> Maps:
        scaled = scaled_input(self._config, grey)
        with self._turn:
            self._request.infer([scaled], share_inputs=True)
            results = {
                name: self._request.get_output_tensor(index).data
                for index, name in enumerate(self._names)
            }
            maps = complete(results, self._heads)
            # The request's memory is written over by the next image.
            return {name: np.array(value, dtype=np.float32) for name, value in maps.items()}


def _import_openvino() -> Any:
    """OpenVINO without its telemetry, which would report conversions to its makers unasked."""
    sys.modules["openvino_telemetry"] = cast(ModuleType, None)
    return import_module("openvino")


def _settings(threads: int, precision: Precision) -> dict[str, Any]:
    return {
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": precision,
        "NUM_STREAMS": 1,
        # Two processes that pin their threads pin them to the same processors.
        "ENABLE_CPU_PINNING": False,
    }


def _load_kept(
    core: Any, key: str, settings: dict[str, Any]
) -> tuple[Any, dict[str, PointHead]] | None:
    folder = find_kept(key)
    if folder is None:
        return None
    try:
        compiled = core.import_model((folder / _COMPILED).read_bytes(), _DEVICE, settings)
        return compiled, _read_heads(folder / _HEADS)
    except (OSError, RuntimeError, ValueError, KeyError):
        forget(key)
        return None


def _convert(
    openvino: Any, core: Any, header: WeightsHeader, key: str, settings: dict[str, Any]
) -> tuple[Any, dict[str, PointHead]]:
    from inference.runtime.convert import convert_trunk

    model, heads = convert_trunk(openvino, header)
    compiled = core.compile_model(model, _DEVICE, settings)

    def fill(folder: Path) -> None:
        (folder / _COMPILED).write_bytes(compiled.export_model().getbuffer())
        _write_heads(folder / _HEADS, heads)

    keep(key, fill)
    return compiled, heads


def _write_heads(path: Path, heads: dict[str, PointHead]) -> None:
    arrays: dict[str, Any] = {
        f"{name}.{part}": np.asarray(getattr(head, part))
        for name, head in heads.items()
        for part in (*_TENSORS, "kernels")
    }
    np.savez(path, **arrays)


def _read_heads(path: Path) -> dict[str, PointHead]:
    heads = {}
    with np.load(path, allow_pickle=False) as stored:
        for name in sorted({entry.partition(".")[0] for entry in stored.files}):
            first, second = stored[f"{name}.kernels"]
            tensors = {part: stored[f"{name}.{part}"] for part in _TENSORS}
            heads[name] = PointHead(**tensors, kernels=(int(first), int(second)))
    return heads


def _source_digest() -> str:
    """Of the files that say what the trunk computes: another source is another trunk."""
    here = Path(__file__).parent
    own = [here / name for name in ("convert.py", "sparse.py", "trunk.py")]
    digest = hashlib.sha256()
    for path in [*own, *sorted((here.parent / "vertenet").glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
