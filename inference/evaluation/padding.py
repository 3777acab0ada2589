"""Phantoms as some exports have them: the field ends before the image, and black fills the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from inference.phantom import Phantom

ROOM_MM = 4.0


def pad_anterior_side(phantom: Phantom, rng: np.random.Generator) -> Phantom:
    """Blacken the image from a column on that lies between the spine's front and its border.

    The truth's margins follow: the field now ends at that column.
    """
    pixels = phantom.pixels.copy()
    height, width = pixels.shape
    right = phantom.anterior == "right"
    inside = (phantom.corners >= -0.5) & (phantom.corners <= np.array([width, height]) - 0.5)
    shown = phantom.corners[inside.all(axis=(1, 2))]
    front = shown[..., 0].max() if right else width - 1 - shown[..., 0].min()
    across = phantom.spacing_mm[1]
    column = round(float(rng.uniform(min(front + ROOM_MM / across, width - 1), width - 1)))
    lost = slice(column + 1, None) if right else slice(0, width - 1 - column)
    pixels[:, lost] = 0
    lost_mm = (width - 1 - column) * across
    margins = {level: margin - lost_mm for level, margin in phantom.front_mm.items()}
    return replace(phantom, pixels=pixels, front_mm=margins)
