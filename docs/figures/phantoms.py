"""The pictures of docs/phantom.md: ``python -m docs.figures.phantoms FOLDER``.

Drawn by the phantom from seeds, so that they change with it: draw them again when it does.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inference.phantom import generate
from inference.training.data.samples import PhantomRecipe, draw_example

ROW, GAP, CAPTION = 460, 6, 40
"""Heights in pixels of a picture and of what is written below it, and the space between."""
MARK: Final = (86, 180, 233)


@dataclass(frozen=True, slots=True)
class Shown:
    """One phantom: its seed, how it is drawn, and what there is to see on it."""

    seed: int
    family: str | None
    words: str
    options: dict[str, Any] = field(default_factory=dict)
    corners: bool = False


FAMILIES: Final = (
    Shown(1, "hologic_se", "hologic_se", corners=True),
    Shown(14, "hologic_de", "hologic_de", corners=True),
    Shown(12, "ge_prodigy", "ge_prodigy", corners=True),
    Shown(3, "ge_idxa", "ge_idxa", corners=True),
)
SUBJECTS: Final = (
    Shown(36, None, "ge_prodigy:\nwedge fracture, L1"),
    Shown(284, None, "ge_idxa: screws, rods, cages"),
    Shown(120, None, "ge_prodigy: fused bodies"),
    Shown(101, None, "cement"),
    Shown(149, None, "scoliosis"),
    Shown(246, None, "hologic_de: AAC-24 of 24"),
    Shown(7, None, "six lumbar bodies", {"odd_count": 1.0}),
    Shown(8, None, "ends within L5", {"partial": 1.0}),
)
TRAINING: Final = range(10_500_000, 10_500_008)


def sheet(shown: tuple[Shown, ...]) -> Image.Image:
    """The phantoms side by side in their true proportions, each with its words below."""
    pictures = [_picture(one) for one in shown]
    width = sum(picture.width + GAP for picture in pictures) - GAP
    page = Image.new("RGB", (width, ROW + CAPTION), "white")
    draw, left = ImageDraw.Draw(page), 0
    font = ImageFont.load_default(size=14)
    for one, picture in zip(shown, pictures, strict=True):
        page.paste(picture, (left, 0))
        draw.multiline_text((left + 2, ROW + 4), one.words, fill="black", font=font)
        left += picture.width + GAP
    return page


def _picture(shown: Shown) -> Image.Image:
    options = {"partial": 0.0, "mirrored": 0.0, "odd_count": 0.0} | shown.options
    phantom = generate(shown.seed, family=shown.family, **options)
    grey = (phantom.pixels * (255.0 / (2**phantom.bits - 1))).astype(np.uint8)
    tall, wide = grey.shape
    aspect = wide * phantom.spacing_mm[1] / (tall * phantom.spacing_mm[0])
    picture = Image.fromarray(grey).resize((round(ROW * aspect), ROW)).convert("RGB")
    if shown.corners:
        draw = ImageDraw.Draw(picture)
        scale = np.array([picture.width / wide, ROW / tall])
        for x, y in (phantom.corners.reshape(-1, 2) + 0.5) * scale:
            if np.isfinite(x):
                draw.ellipse((x - 1.5, y - 1.5, x + 1.5, y + 1.5), fill=MARK)
    return picture


def training_sheet() -> Image.Image:
    """Neighbouring examples of training: each subject twice, disturbed in two ways."""
    recipe = PhantomRecipe(other_view=0.0, mirrored=0.0, masked=0.7)
    examples = [draw_example(seed, recipe).grey for seed in TRAINING]
    row = np.concatenate(examples, axis=1)
    page = Image.fromarray((row * 255).astype(np.uint8))
    return page.resize((round(page.width * ROW / page.height), ROW))


def main(folder: Path) -> None:
    training_sheet().save(folder / "phantom-training.jpg", quality=75, optimize=True)
    for name, shown in (("phantom-families", FAMILIES), ("phantom-subjects", SUBJECTS)):
        sheet(shown).save(folder / f"{name}.jpg", quality=80, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
