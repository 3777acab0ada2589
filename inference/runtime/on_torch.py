"""The trunk in torch: on any processor, and on a GPU where torch sees one."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from inference.runtime.session import Maps, Precision, complete, scaled_input
from inference.runtime.trunk import Trunk, point_heads
from inference.vertenet.checkpoint import load_described
from inference.weights_header import WeightsHeader


class TorchSession:
    """See :class:`inference.runtime.session.Session`."""

    def __init__(self, header: WeightsHeader, *, threads: int, precision: Precision) -> None:
        network = load_described(header)
        torch.set_num_threads(threads)
        self._config = header.config
        self._heads = point_heads(network)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._kind = torch.float32 if precision == "f32" else torch.bfloat16
        self._trunk = Trunk(network).eval().to(self._device, self._kind)
        place = "GPU" if self._device.type == "cuda" else f"{threads} threads"
        self.runtime = f"torch {torch.__version__}, {precision}, {place}"

    def answer(self, grey: NDArray[np.float32]) -> Maps:
        scaled = torch.from_numpy(scaled_input(self._config, grey)).to(self._device, self._kind)
        # Convolutions on a GPU would otherwise round their factors to 10 bits.
        with torch.inference_mode(), torch.backends.cudnn.flags(allow_tf32=False):
            answers = self._trunk(scaled)
        results = {
            name: np.ascontiguousarray(value.float().cpu().numpy())
            for name, value in zip(self._trunk.results, answers, strict=True)
        }
        return complete(results, self._heads)
