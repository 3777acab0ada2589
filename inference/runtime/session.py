"""A warm network, whatever computes it: grey image in, every head's map out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from inference.decoding.vertebrae import strongest_peaks
from inference.network.configuration import Config
from inference.runtime.peak_heads import POINTS, HeadsAtPoints, cut_patches, longest_reach

Precision = Literal["f32", "bf16"]
Maps = dict[str, NDArray[np.float32]]

FEATURES: Final = "features"
"""Among a trunk's results the finest map, (N, H, W, C), for the heads that are asked at points."""


class RuntimeUnavailable(Exception):
    """This runtime cannot work here; the text says why."""


class Session(Protocol):
    """A network in memory, ready to answer; one a process."""

    @property
    def runtime(self) -> str:
        """What computes, for people: ``openvino 2026.4.1, f32, 2 threads``."""

    def infer(self, grey: NDArray[np.float32]) -> Maps:
        """Grey values (H, W) in [0, 1] at the input size -> every head's map, channels first.

        Heads that are asked at points hold NaN everywhere but at the heat map's strongest peaks.
        """


def scaled_input(config: Config, grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Grey values (H, W) -> what a trunk reads, (1, 1, H, W).

    Raises
    ------
    ValueError
        When the image does not have the network's input size.
    """
    if grey.shape != config.input_size:
        raise ValueError(f"expected an image of {config.input_size}, got {grey.shape}")
    scaled = (grey - np.float32(config.offset)) * np.float32(config.scale)
    return np.ascontiguousarray(scaled[None, None], dtype=np.float32)


def add_head_values(
    config: Config, results: Mapping[str, NDArray[np.float32]], ask: HeadsAtPoints
) -> Maps:
    """A trunk's results (1, ...) with the heads at points filled in where decoding reads them."""
    maps = {name: value[0] for name, value in results.items() if name != FEATURES}
    if FEATURES not in results:
        return maps
    heat = maps["hm"][0]
    rows, columns = strongest_peaks(heat, count=POINTS)
    patches = cut_patches(results[FEATURES][0], rows, columns, longest_reach(config))
    for name, values in ask(*patches).items():
        full = np.full((values.shape[1], *heat.shape), np.nan, dtype=np.float32)
        full[:, rows, columns] = values[: len(rows)].T
        maps[name] = full
    return maps
