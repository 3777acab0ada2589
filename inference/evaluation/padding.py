"""Phantoms padded with black anterior to the spine, as in some scanner exports."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from inference.phantom import Phantom

MIN_MARGIN_MM = 4.0
"""Smallest distance between the spine and the padding."""


def pad_anterior_side(phantom: Phantom, rng: np.random.Generator) -> Phantom:
    """Return a phantom whose image is black from a random column to the anterior border.

    The column lies anterior to the spine. The margins of the ground truth are reduced accordingly,
    because the field of view now ends at this column.

    Parameters
    ----------
    phantom
        The phantom; it is not changed.
    rng
        Source of randomness.
    """
    pixels = phantom.pixels.copy()
    height, width = pixels.shape
    right = phantom.anterior == "right"
    # Only bodies that are completely visible limit where the padding may begin.
    inside = (phantom.corners >= -0.5) & (phantom.corners <= np.array([width, height]) - 0.5)
    shown = phantom.corners[inside.all(axis=(1, 2))]
    edge = shown[..., 0].max() if right else width - 1 - shown[..., 0].min()
    across = phantom.spacing_mm[1]
    column = round(float(rng.uniform(min(edge + MIN_MARGIN_MM / across, width - 1), width - 1)))
    lost = slice(column + 1, None) if right else slice(0, width - 1 - column)
    pixels[:, lost] = phantom.black
    lost_mm = (width - 1 - column) * across
    # The reference standard of the crop check moves with the end of the field.
    margins = {level: margin - lost_mm for level, margin in phantom.front_mm.items()}
    return replace(phantom, pixels=pixels, front_mm=margins)
