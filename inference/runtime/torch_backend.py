"""The network in torch: on any processor, and on a GPU where torch sees one."""

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
    """See :class:`inference.runtime.session.Session`."""

    def __init__(self, header: WeightsHeader, *, threads: int, precision: Precision) -> None:
        network = load_verified_network(header)
        torch.set_num_threads(threads)
        self._config = header.config
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._kind = torch.float32 if precision == "f32" else torch.bfloat16
        self._trunk = Trunk(fold(network)).eval().to(self._device, self._kind)
        self._points = PointHeads(network).eval().to(self._device)
        on_gpu = self._device.type == "cuda"
        place = "GPU" if on_gpu else f"{threads} thread{'s' if threads > 1 else ''}"
        self.runtime = f"torch {torch.__version__}, {precision}, {place}"

    def infer(self, grey: NDArray[np.float32]) -> Maps:
        with torch.inference_mode(), convolution_flags(tf32=False):
            scaled = torch.from_numpy(scaled_input(self._config, grey))
            answers = self._trunk(scaled.to(self._device, self._kind))
            results = {
                name: np.ascontiguousarray(value.float().cpu().numpy())
                for name, value in zip(self._trunk.results, answers, strict=True)
            }
            return add_head_values(self._config, results, self._ask)

    def _ask(self, patches: Floats, inside: Floats) -> dict[str, Floats]:
        given = (torch.from_numpy(part).to(self._device) for part in (patches, inside))
        answers = self._points(*given)
        return {
            name: value.cpu().numpy()
            for name, value in zip(self._points.results, answers, strict=True)
        }
