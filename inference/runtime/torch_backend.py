"""Inference with torch, on a GPU if one is available and otherwise on the CPU."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from inference.network.checkpoint import load_verified_network
from inference.network.vertenet.batch_norm_folding import fold
from inference.network.vertenet.precision import convolution_flags
from inference.network.weights_header import WeightsHeader
from inference.runtime.patch_heads import PointHeads
from inference.runtime.peak_heads import Floats
from inference.runtime.session import Maps, Precision, add_head_values, scaled_input
from inference.runtime.trunk import Trunk


class TorchSession:
    """Session with torch; see :class:`inference.runtime.session.Session`.

    Parameters
    ----------
    header
        Header of the weights file.
    threads
        Number of CPU threads.
    precision
        Precision of the trunk; heads evaluated at peaks and the second stage are always computed in
        f32.
    """

    def __init__(self, header: WeightsHeader, *, threads: int, precision: Precision) -> None:
        network = load_verified_network(header)
        torch.set_num_threads(threads)
        self._config = header.config
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._dtype = torch.float32 if precision == "f32" else torch.bfloat16
        # Folded before it is converted to bf16: batch norms are folded in 32 bits.
        self._trunk = Trunk(fold(network)).eval().to(self._device, self._dtype)
        # Few values, so precision matters more than speed.
        self._points = PointHeads(network).eval().to(self._device)
        self._refiner = None if network.refiner is None else network.refiner.eval().to(self._device)
        on_gpu = self._device.type == "cuda"
        hardware = "GPU" if on_gpu else f"{threads} thread{'s' if threads > 1 else ''}"
        self.runtime = f"torch {torch.__version__}, {precision}, {hardware}"

    def infer(self, grey: NDArray[np.float32]) -> Maps:
        # Results must not depend on the GPU, so convolutions are not rounded to TF32.
        with torch.inference_mode(), convolution_flags(tf32=False):
            scaled = torch.from_numpy(scaled_input(self._config, grey))
            values = self._trunk(scaled.to(self._device, self._dtype))
            results = {
                name: np.ascontiguousarray(value.float().cpu().numpy())
                for name, value in zip(self._trunk.results, values, strict=True)
            }
            return add_head_values(self._config, results, self._evaluate_heads)

    def refine(self, patches: Floats) -> Floats:
        if self._refiner is None:
            raise ValueError(f"{self._config.name} has no second stage")
        with torch.inference_mode(), convolution_flags(tf32=False):
            values = self._refiner(torch.from_numpy(patches)[:, None].to(self._device))
            return np.ascontiguousarray(values.cpu().numpy())

    def _evaluate_heads(self, patches: Floats, inside: Floats) -> dict[str, Floats]:
        inputs = (torch.from_numpy(part).to(self._device) for part in (patches, inside))
        values = self._points(*inputs)
        return {
            name: value.cpu().numpy()
            for name, value in zip(self._points.results, values, strict=True)
        }
