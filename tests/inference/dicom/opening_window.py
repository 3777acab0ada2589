"""Shares of tissue that the opening window clips, measured within known landmarks."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import PIL.Image
import PIL.ImageDraw
from numpy.typing import NDArray

from inference.image import Image, read_image
from inference.phantom import Phantom, generate
from inference.phantom.export import write_dicom

OUTLINE = ("superior_posterior", "superior_anterior", "inferior_anterior", "inferior_posterior")
MAX_WHITE, MAX_BLACK = 0.01, 0.05
FIRST_SEED = 900_000


class Clipped(NamedTuple):
    """Share of body pixels clipped white, and of visible prevertebral pixels clipped black."""

    white: float
    black: float


def clipped_shares(
    image: Image, landmarks: Mapping[str, Any], guides: Sequence[Mapping[str, Any]]
) -> Clipped:
    """Return what the first window of an image clips.

    Body pixels are those of the vertebral bodies. Prevertebral pixels lie between the guides from
    their anterior ends to one vertebral width further, and above the file's minimum.
    """
    window = image.windows[0]
    # PS3.3 C.11.2.1.2.1
    darkest = window.center - 0.5 - (window.width - 1) / 2
    brightest = window.center - 0.5 + (window.width - 1) / 2
    values = image.stored.astype(float)
    dark, bright, lowest = values <= darkest, values > brightest, values == values.min()
    if image.inverted:
        dark, bright, lowest = bright, dark, values == values.max()
    outlines = [[body[name] for name in OUTLINE] for body in landmarks.values() if body]
    bodies = _inside(values.shape, [outline for outline in outlines if all(outline)])
    lines = [guide for guide in guides if guide["kind"] == "guide"]
    bands = [
        [above["anterior"], above["end"], below["end"], below["anterior"]]
        for above, below in pairwise(lines)
    ]
    visible = _inside(values.shape, bands) & ~lowest
    return Clipped(_share(bright, bodies), _share(dark, visible))


def phantom_shares(number: int, family: str) -> Clipped:
    """Return what the opening window of a phantom clips, after export to DICOM."""
    phantom = generate(FIRST_SEED + number, family=family)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "phantom.dcm"
        write_dicom(phantom, path)
        image = read_image(path)
    return shares_of(phantom, image)


def shares_of(phantom: Phantom, image: Image) -> Clipped:
    """Return what the opening window of a phantom's image clips."""
    return clipped_shares(image, phantom.truth["landmarks"], phantom.truth["guides"])


def _inside(shape: tuple[int, ...], polygons: Sequence[Sequence[Any]]) -> NDArray[np.bool_]:
    mask = PIL.Image.new("1", (shape[1], shape[0]))
    draw = PIL.ImageDraw.Draw(mask)
    for polygon in polygons:
        draw.polygon([(float(x), float(y)) for x, y in polygon], fill=1)
    return np.asarray(mask)


def _share(marked: NDArray[np.bool_], within: NDArray[np.bool_]) -> float:
    return float(marked[within].mean()) if within.any() else 0.0
