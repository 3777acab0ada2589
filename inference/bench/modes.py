"""Modes of computing one network: unoptimised, and by runtime and precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from inference.bench.roofline import count_gflop
from inference.network.checkpoint import load_verified_network
from inference.network.vertenet.batch_norm_folding import fold
from inference.network.vertenet.network import VerteNet, input_tensor
from inference.network.weights_header import WeightsHeader
from inference.runtime.patch_heads import PointHeads
from inference.runtime.selection import Runtime, open_session
from inference.runtime.session import Maps, Precision, RuntimeUnavailable, Session
from inference.runtime.trunk import Trunk

LITERAL: Final = "literal"
_FAST: Final[tuple[tuple[Runtime, Precision], ...]] = (
    ("torch", "f32"),
    ("openvino", "f32"),
    ("torch", "bf16"),
    ("openvino", "bf16"),
)


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to compute a network.

    Attributes
    ----------
    runtime
        "literal", or a runtime of `inference.runtime.selection`.
    precision
        Precision of the computation.
    session
        The loaded network.
    work_gflop
        Operations for one image, in units of 10^9.
    """

    runtime: str
    precision: Precision
    session: Session
    work_gflop: float

    @property
    def name(self) -> str:
        return f"{self.runtime} {self.precision}"


class LiteralSession:
    """The unoptimised network: all heads dense, eager execution, three channels, 32 bits."""

    runtime = LITERAL

    def __init__(self, network: VerteNet) -> None:
        self._network = network

    def infer(self, grey: NDArray[np.float32]) -> Maps:
        with torch.inference_mode():
            scaled = input_tensor(self._network.config, torch.from_numpy(grey)[None])
            return {name: value[0].numpy() for name, value in self._network(scaled).items()}

    def refine(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return self._network.refine(torch.from_numpy(patches)).numpy()


def open_modes(header: WeightsHeader, *, threads: int) -> tuple[list[Mode], list[str]]:
    """Load a network in every mode that works on this machine.

    Returns
    -------
    modes
        Modes that work; the first one is literal.
    missing
        For every other mode, the reason why it does not work.
    """
    torch.set_num_threads(threads)
    network = load_verified_network(header)
    colours = torch.zeros(1, 3, *header.config.input_size)
    modes = [Mode(LITERAL, "f32", LiteralSession(network), count_gflop(network, colours))]
    # All fast modes have the same number of operations.
    work = count_gflop(Trunk(fold(network)).eval(), colours[:, :1]) + _count_point_heads(network)
    missing = []
    for runtime, precision in _FAST:
        try:
            session = open_session(header, threads=threads, runtime=runtime, precision=precision)
        # A mode that does not work here is reported but does not stop the benchmark.
        except RuntimeUnavailable as reason:
            missing.append(f"{runtime} {precision}: {reason}")
        else:
            modes.append(Mode(runtime, precision, session, work))
    return modes, missing


def best_exact(modes: Sequence[Mode]) -> Mode:
    """Return the mode that a predictor uses by default."""
    # Predictors use 32 bits by default, since bf16 moves corners slightly.
    exact = [mode for mode in modes if mode.precision == "f32" and mode.runtime != LITERAL]
    return next((mode for mode in exact if mode.runtime == "openvino"), exact[0])


def _count_point_heads(network: VerteNet) -> float:
    """Return the GFLOP of the heads that are evaluated at peaks."""
    points = PointHeads(network).eval()
    if not points.results:
        return 0.0
    return count_gflop(points, *points.example_inputs())
