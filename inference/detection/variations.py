"""Variations: slightly altered copies of an image on which the network is run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Variation:
    """A slight alteration of an image.

    Attributes
    ----------
    gamma
        Exponent of the grey values.
    margins
        Rows added at the top and bottom, and columns added at the left and right, as shares of the
        height and width. They repeat the border. Negative margins remove rows or columns.
    mirrored
        Whether the image is reversed from left to right.
    """

    gamma: float = 1.0
    margins: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    mirrored: bool = False

    def apply(self, pixels: Pixels) -> tuple[Pixels, NDArray[np.float64]]:
        """Return the altered image and the offset (x, y) of its origin in original pixels."""
        height, width = pixels.shape
        top, bottom = (round(share * height) for share in self.margins[:2])
        left, right = (round(share * width) for share in self.margins[2:])
        cut = pixels[
            max(-top, 0) : height - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)
        ]
        added = ((max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0)))
        altered = np.pad(cut, added, mode="edge")
        if self.gamma != 1:
            altered = np.power(np.clip(altered, 0, 1), np.float32(self.gamma))
        return np.asarray(altered, np.float32), np.array([-left, -top], float)


VARIATIONS: Final[Mapping[str, Variation]] = {
    "mirrored": Variation(gamma=0.8, margins=(0.03, 0.01, 0.02, 0.04), mirrored=True),
}
"""Variations that can be analysed as well if the labels are not clear. Each is one pass of the
network, so mirror, shift, scale and tone are varied at once: the time of such an image at most
doubles."""
COMPARISON: Final = Variation(gamma=0.8, margins=(0.03, 0.01, 0.02, 0.04))
"""Variation whose disagreement shows that the network is unsure of an image. It is not mirrored,
because the network finds fewer bodies in mirror images whatever the image shows."""
