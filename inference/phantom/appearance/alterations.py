"""Alterations by export software: stretched contrast, inversion, overlays, JPEG, thumbnails."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image

from inference.phantom.appearance.overlays import draw_overlays
from inference.phantom.raster import Array

THUMBNAIL_COLUMNS: Final = (150, 230)
"""Smallest and largest width of a thumbnail in pixels."""


@dataclass(frozen=True, slots=True)
class Alterations:
    """What export software changes in an image.

    Attributes
    ----------
    stretched : bool
        Whether the contrast is stretched until soft tissue is black.
    inverted : bool
        Whether bone is dark.
    overlays : int
        Number of texts, arrows, boxes and rulers drawn over the image.
    jpeg_quality : int or None
        Quality of JPEG compression.
    thumbnail_columns : int or None
        Width in pixels if only a thumbnail is exported.
    """

    stretched: bool = False
    inverted: bool = False
    overlays: int = 0
    jpeg_quality: int | None = None
    thumbnail_columns: int | None = None


def sample_alterations(rng: np.random.Generator) -> Alterations:
    """Draw one or more alterations."""
    wanted = rng.random(5) < (0.45, 0.2, 0.45, 0.4, 0.25)
    if not wanted.any():
        wanted[int(rng.integers(len(wanted)))] = True
    stretched, inverted, overlaid, compressed, small = (bool(want) for want in wanted)
    return Alterations(
        stretched=stretched,
        inverted=inverted,
        overlays=int(rng.integers(1, 5)) if overlaid else 0,
        jpeg_quality=int(rng.integers(15, 60)) if compressed else None,
        thumbnail_columns=int(rng.integers(*THUMBNAIL_COLUMNS)) if small else None,
    )


def apply_alterations(
    rng: np.random.Generator, grey: Array, bone: Array, alterations: Alterations
) -> Array:
    """Return an image as it is exported.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    grey : float32 array (H, W)
        Grey values in [0, 1], as they are displayed (a mirrored image is already mirrored).
    bone : float32 array (H, W)
        Attenuation of bone in the same pixels.
    alterations : Alterations
        What is changed; the size of a thumbnail is that of ``grey``.
    """
    if alterations.stretched:
        grey = _stretch(rng, grey, bone)
    if alterations.inverted:
        grey = 1 - grey
    if alterations.overlays:
        grey = draw_overlays(rng, grey, alterations.overlays)
    if alterations.jpeg_quality is not None:
        grey = compress(grey, alterations.jpeg_quality)
    return grey


def _stretch(rng: np.random.Generator, grey: Array, bone: Array) -> Array:
    """Return an image in which soft tissue is black and dense bone is nearly white."""
    plain = grey[bone < 0.03]
    dense = grey[bone > 0.3 * float(np.quantile(bone[::3, ::3], 0.97))]
    if plain.size < 50 or dense.size < 50:
        return grey
    low = float(np.quantile(plain[::7], rng.uniform(0.6, 0.95)))
    high = float(np.quantile(dense[::7], rng.uniform(0.85, 0.995)))
    # Bodies that are hardly brighter than soft tissue must not vanish.
    low = min(low, float(np.quantile(dense[::7], 0.2)))
    return np.asarray(np.clip((grey - low) / max(high - low, 0.1), 0, 1), np.float32)


def compress(grey: Array, quality: int) -> Array:
    """Return grey values after JPEG compression with 8 bits."""
    file = BytesIO()
    Image.fromarray(np.rint(grey * 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    with Image.open(file) as decoded:
        return np.asarray(decoded, np.float32) / np.float32(255)
