"""Examples of grades for the scoring guide: sections of phantoms, without and with the plaques.

The grades are the reference grades of the phantoms. Each picture is drawn at its first use and
cached; the same seed always gives the same picture.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
import PIL.Image
import PIL.ImageDraw
from django.conf import settings
from django.core.cache import cache
from numpy.typing import NDArray

from inference.dicom.voi_windows import apply_window
from inference.geometry.guides import draw_guides
from inference.geometry.pixel_size import PixelSize
from inference.image import display
from inference.phantom.export import as_dataset
from inference.phantom.generator import Layout, draw_phantom, lay_out
from inference.phantom.ground_truth import true_landmarks
from inference.phantom.seeds import EXAMPLE_SEEDS
from inference.results import Guide

EXAMPLES: Final[dict[tuple[str, int], tuple[int, str]]] = {
    ("posterior", 0): (EXAMPLE_SEEDS + 397, "L3"),
    ("posterior", 1): (EXAMPLE_SEEDS + 275, "L2"),
    ("posterior", 2): (EXAMPLE_SEEDS + 10, "L3"),
    ("posterior", 3): (EXAMPLE_SEEDS + 304, "L3"),
    ("anterior", 0): (EXAMPLE_SEEDS + 399, "L3"),
    ("anterior", 1): (EXAMPLE_SEEDS + 280, "L2"),
    ("anterior", 2): (EXAMPLE_SEEDS + 368, "L3"),
    ("anterior", 3): (EXAMPLE_SEEDS + 227, "L3"),
}
"""Seed and level of the example of each wall and grade, chosen for clearly visible plaques."""
FAMILY: Final = "hologic_se"
SIDE: Final = 300
"""Width and height in pixels of each of the two halves of a picture."""
GAP: Final = 4
FIELD_MM: Final = 66.0
"""Width and height of the section that is shown: one level with its neighbouring discs."""
GUIDE_COLOR, PLAQUE_COLOR, BACKGROUND = "#56b4e9", "#e69f00", "#111111"
CACHE_S: Final = 30 * 24 * 3600

Points = NDArray[np.float64]


def example_picture(wall: str, grade: int) -> bytes:
    """Return the example of a wall and grade as PNG. Raises KeyError if there is none."""
    seed, level = EXAMPLES[wall, grade]
    # A new version may draw the same seed differently.
    key = f"scoring-example:{settings.APP_VERSION}:{wall}:{grade}"
    cached: bytes | None = cache.get(key)
    if cached is None:
        cached = draw_example(seed, level, wall)
        cache.set(key, cached, CACHE_S)
    return cached


def example_layout(seed: int) -> Layout:
    """Return the layout of an example: a complete field with anterior on the right."""
    return lay_out(seed, family=FAMILY, partial=0.0, mirrored=0.0, odd_count=0.0)


def draw_example(seed: int, level: str, wall: str) -> bytes:
    """Return a PNG of one level: on the left as a reader sees it, on the right with the plaques.

    Only the plaques of ``wall`` are marked, between the two lines that bound the level.
    """
    layout = example_layout(seed)
    plaques = [p.points for p in layout.plaques if (p.level, p.wall) == (level, wall)]
    phantom = draw_phantom(layout)
    size = PixelSize.of(phantom.spacing_mm)
    guides = [g for g in draw_guides(true_landmarks(phantom), size) if g.kind == "guide"]
    bounds = [g for g in guides if level in g.name.split("/")]
    view = _View(bounds, size)
    # Displayed as a reader sees a case, so that the examples look like the images to be scored.
    shown = display(as_dataset(phantom))
    plain = view.section(apply_window(shown.pixels, shown.windows[0], inverted=shown.invert))
    marked = plain.copy()
    drawing = PIL.ImageDraw.Draw(marked)
    for guide in bounds:
        drawing.line(view.locate(np.array([guide.posterior, guide.end])), GUIDE_COLOR, 2)
    for points in plaques:
        drawing.line(view.locate(points), PLAQUE_COLOR, 4, joint="curve")
    both = PIL.Image.new("RGB", (2 * SIDE + GAP, SIDE), BACKGROUND)
    both.paste(plain, (0, 0))
    both.paste(marked, (SIDE + GAP, 0))
    out = BytesIO()
    both.save(out, "PNG", optimize=True)
    return out.getvalue()


class _View:
    """A square section of an image, centred on the aorta between two guides."""

    def __init__(self, bounds: list[Guide], size: PixelSize) -> None:
        anterior = np.array([guide.anterior for guide in bounds])
        ends = np.array([guide.end for guide in bounds])
        self._spacing = np.array([size.across, size.down])
        # Most of the aorta lies in the posterior third of a guide's extension.
        middle = ((3 * anterior + ends) / 4).mean(axis=0)
        self._corner = middle * self._spacing - FIELD_MM / 2

    def locate(self, points: Points) -> list[tuple[float, float]]:
        """Return points of the image as pixels of the section."""
        located = (points * self._spacing - self._corner) * (SIDE / FIELD_MM)
        return [(float(x), float(y)) for x, y in located]

    def section(self, grey: NDArray[np.uint8]) -> PIL.Image.Image:
        """Return the section of an image in true proportions."""
        left, top = self._corner / self._spacing
        right, bottom = (self._corner + FIELD_MM) / self._spacing
        # Pixel centres are at integers, edges half a pixel before them.
        box = tuple(float(value) + 0.5 for value in (left, top, right, bottom))
        picture = PIL.Image.fromarray(grey)
        section = picture.transform(
            (SIDE, SIDE), PIL.Image.Transform.EXTENT, box, PIL.Image.Resampling.BICUBIC
        )
        return section.convert("RGB")
