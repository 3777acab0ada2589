"""Which runtime computes here: the fastest that works, with the same answers."""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from inference.network.weights_header import WeightsHeader
from inference.runtime.openvino_backend import open_openvino
from inference.runtime.session import Precision, RuntimeUnavailable, Session
from inference.runtime.torch_needed import require_torch

logger = logging.getLogger(__name__)

Runtime = Literal["openvino", "torch"]

GPU_DEVICES: Final = (Path("/dev/nvidiactl"), Path("/dev/kfd"), Path("/dev/dxg"))
"""Where there is none of these, torch need not be loaded to learn that there is no GPU."""


def open_session(
    header: WeightsHeader,
    *,
    threads: int | None = None,
    precision: Precision = "f32",
    runtime: Runtime | None = None,
) -> Session:
    """Load a network into the best runtime, or into the one that is asked for.

    On a GPU that torch sees, torch; else OpenVINO; where OpenVINO cannot be used here, torch if it
    is installed. The default can be set by ``VERTEREAD_RUNTIME``.

    Raises
    ------
    CheckpointError
        When the tensors do not fit the network.
    RuntimeUnavailable
        When ``runtime`` was asked for and cannot work here.
    """
    threads = threads or usable_threads()
    asked = runtime or os.environ.get("VERTEREAD_RUNTIME") or None
    if asked not in (None, "openvino", "torch"):
        raise RuntimeUnavailable(f"there is no runtime {asked!r}: openvino or torch")
    if asked == "torch" or (asked is None and _sees_gpu()):
        return _open_torch(header, threads, precision)
    try:
        return open_openvino(header, threads=threads, precision=precision)
    except RuntimeUnavailable as reason:
        if asked == "openvino" or not _has_torch():
            raise
        logger.info("torch computes, not OpenVINO: %s", reason)
    return _open_torch(header, threads, precision)


def usable_threads(*, processes: int = 1) -> int:
    """As many as ``OMP_NUM_THREADS`` says, else this process's part of the processors.

    A container's share of processors (cgroup v2) counts, rounded up. Of several processes that work
    side by side each takes an equal part, and one thread at least.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        share = -(-int(quota) // int(period))
    except (OSError, ValueError):
        share = allowed or 1
    return max(1, min(allowed or 1, share) // processes)


def _open_torch(header: WeightsHeader, threads: int, precision: Precision) -> Session:
    with require_torch("torch was to compute"):
        from inference.runtime.torch_backend import TorchSession

    return TorchSession(header, threads=threads, precision=precision)


def _has_torch() -> bool:
    return "torch" in sys.modules or find_spec("torch") is not None


def _sees_gpu() -> bool:
    if not _has_torch():
        return False
    if "torch" not in sys.modules and not any(device.exists() for device in GPU_DEVICES):
        return False
    torch: Any = import_module("torch")
    return bool(torch.cuda.is_available())
