"""Interface of a loaded network, independent of the runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from inference.decoding.vertebrae import POINTS, strongest_peaks
from inference.network.configuration import Config
from inference.runtime.peak_heads import HeadsAtPoints, cut_patches, longest_reach

Precision = Literal["f32", "bf16"]
Maps = dict[str, NDArray[np.float32]]

FEATURES: Final = "features"
"""Name of the finest map (N, H, W, C) among trunk results, for heads evaluated at peaks."""


class RuntimeUnavailable(Exception):
    """Raised when a runtime does not work on this machine; the message gives the reason."""


class Session(Protocol):
    """A network loaded into memory; create one per process."""

    @property
    def runtime(self) -> str:
        """Description of the runtime for display, such as ``openvino 2026.4.1, f32, 2 threads``."""

    def infer(self, grey: NDArray[np.float32]) -> Maps:
        """Return the result maps of one image.

        Parameters
        ----------
        grey
            Grey values (H, W) in [0, 1] at the input size of the network.

        Returns
        -------
        dict
            Maps by head, channels first. Heads evaluated at peaks are NaN except at the strongest
            peaks of the heat map.
        """

    def refine(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the corner maps of patches, for a network with a second stage.

        Parameters
        ----------
        patches
            From `inference.decoding.corner_patches.cut_corner_patches`, (bodies, size, size).

        Returns
        -------
        ndarray
            Logits (bodies, 4, size / 2, size / 2).
        """


def scaled_input(config: Config, grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the trunk input (1, 1, H, W) of grey values (H, W) in [0, 1].

    Raises
    ------
    ValueError
        If the image does not have the input size of the network.
    """
    if grey.shape != config.input_size:
        raise ValueError(f"expected an image of {config.input_size}, got {grey.shape}")
    scaled = (grey - np.float32(config.offset)) * np.float32(config.scale)
    return np.ascontiguousarray(scaled[None, None], dtype=np.float32)


def add_head_values(
    config: Config, results: Mapping[str, NDArray[np.float32]], evaluate: HeadsAtPoints
) -> Maps:
    """Evaluate heads at the peaks of the heat map and add them to the trunk results.

    Parameters
    ----------
    config
        Configuration of the network.
    results
        Results (1, ...) of the trunk by name.
    evaluate
        Evaluates the heads on patches.

    Returns
    -------
    dict
        Maps (channels, h, w) by head, NaN where a head was not evaluated.
    """
    maps = {name: value[0] for name, value in results.items() if name != FEATURES}
    # Without heads at peaks, all maps are complete.
    if FEATURES not in results:
        return maps
    heat = maps["hm"][0]
    # The same function as in decoding, so that decoding reads exactly the cells that are computed
    # here.
    rows, columns = strongest_peaks(heat, count=POINTS)
    patches = cut_patches(results[FEATURES][0], rows, columns, longest_reach(config))
    for name, values in evaluate(*patches).items():
        # NaN shows a programming error if decoding reads any other cell.
        full = np.full((values.shape[1], *heat.shape), np.nan, dtype=np.float32)
        full[:, rows, columns] = values[: len(rows)].T
        maps[name] = full
    return maps
