"""Write folders of marked images as exported by the platform, from phantoms with changed tone."""

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
from inference.phantom.families import CLASSIC

Tone = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def write_marked(folder: Path, seeds: Iterable[int], tone: Tone = lambda grey: grey) -> Path:
    """Write PNG files and a COCO file of phantoms; ``tone`` changes grey values in [0, 1]."""
    (folder / "images").mkdir(parents=True)
    marked = []
    for seed in seeds:
        phantom = generate(seed, family=CLASSIC, partial=0.0, mirrored=0.0)
        grey = tone(phantom.grey.astype(np.float64))
        picture = PIL.Image.fromarray(np.rint(grey * 255).astype(np.uint8))
        picture.save(folder / "images" / f"{seed}.png")
        marked.append(replace(image_from_document(phantom.truth), file=f"{seed}.png"))
    (folder / "landmarks.json").write_text(write_coco(marked))
    return folder
