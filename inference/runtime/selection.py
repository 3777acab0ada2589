"""Select the runtime for inference: the fastest one that works on this machine."""

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
"""Device files of GPU drivers; without any of them, torch need not be loaded to look for a GPU."""


def open_session(
    header: WeightsHeader,
    *,
    threads: int | None = None,
    precision: Precision = "f32",
    runtime: Runtime | None = None,
) -> Session:
    """Load a network into the fastest runtime available, or into the requested one.

    Torch is used if it has access to a GPU, otherwise OpenVINO; if OpenVINO does not work, torch is
    used where it is installed. The environment variable ``VERTEREAD_RUNTIME`` sets the default.

    Parameters
    ----------
    header
        Header of the weights file.
    threads
        Number of CPU threads; `usable_threads` if ``None``.
    precision
        Precision of the computation.
    runtime
        The runtime to use; chosen automatically if ``None``.

    Raises
    ------
    CheckpointError
        If the tensors do not match the network.
    RuntimeUnavailable
        If no runtime, or not the requested one, works on this machine.
    """
    threads = threads or usable_threads()
    requested = runtime or os.environ.get("VERTEREAD_RUNTIME") or None
    if requested not in (None, "openvino", "torch"):
        raise RuntimeUnavailable(f"there is no runtime {requested!r}: use openvino or torch")
    if requested == "torch" or (requested is None and _has_gpu()):
        return _open_torch(header, threads, precision)
    try:
        return open_openvino(header, threads=threads, precision=precision)
    except RuntimeUnavailable as reason:
        # An explicit choice is not replaced by another runtime.
        if requested == "openvino" or not _has_torch():
            raise
        logger.info("using torch instead of OpenVINO: %s", reason)
    return _open_torch(header, threads, precision)


def usable_threads(*, processes: int = 1) -> int:
    """Return the number of threads to compute with.

    ``OMP_NUM_THREADS`` takes precedence. Otherwise the processors available to this process are
    divided equally between the processes, with at least one thread for each.

    Parameters
    ----------
    processes
        Number of processes that compute at the same time.
    """
    configured = os.environ.get("OMP_NUM_THREADS", "")
    if configured.isdigit() and int(configured) > 0:
        return int(configured)
    # The affinity mask, not the machine's count: containers and schedulers restrict the former.
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        # CPU limit of a container (cgroup v2), rounded up; without a limit the quota is "max".
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        # Rounded up, because a quota of half a processor still needs one thread.
        share = -(-int(quota) // int(period))
    except (OSError, ValueError):
        share = allowed or 1
    return max(1, min(allowed or 1, share) // processes)


def _open_torch(header: WeightsHeader, threads: int, precision: Precision) -> Session:
    with require_torch("the runtime torch was requested"):
        # Imported here, because it loads torch.
        from inference.runtime.torch_backend import TorchSession

    return TorchSession(header, threads=threads, precision=precision)


def _has_torch() -> bool:
    return "torch" in sys.modules or find_spec("torch") is not None


def _has_gpu() -> bool:
    if not _has_torch():
        return False
    # Importing torch takes seconds, so drivers are checked first.
    if "torch" not in sys.modules and not any(device.exists() for device in GPU_DEVICES):
        return False
    torch: Any = import_module("torch")
    return bool(torch.cuda.is_available())
