"""Folders of marked images as the platform exports them, of phantoms that look otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from inference.annotations.coco import write_coco
from inference.annotations.verteread_json import image_from_document
from inference.phantom import generate

Look = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def write_marked(folder: Path, seeds: Iterable[int], look: Look = lambda grey: grey) -> Path:
    """PNG files and a COCO file of phantoms whose grey values in [0, 1] are changed by ``look``."""
    (folder / "images").mkdir(parents=True)
    marked = []
    for seed in seeds:
        phantom = generate(seed, partial=0.0, mirrored=0.0)
        grey = look(phantom.pixels / (2**phantom.bits - 1))
        picture = PIL.Image.fromarray(np.rint(grey * 255).astype(np.uint8))
        picture.save(folder / "images" / f"{seed}.png")
        marked.append(replace(image_from_document(phantom.truth), file=f"{seed}.png"))
    (folder / "landmarks.json").write_text(write_coco(marked))
    return folder
