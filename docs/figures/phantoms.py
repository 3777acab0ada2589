"""Draw the images of docs/phantom.md: ``python -m docs.figures.phantoms FOLDER``.

The images are drawn from seeds. Draw them again after a change of the phantom.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inference.phantom import generate
from inference.phantom.families import CLASSIC
from inference.training.data.samples import PhantomRecipe, draw_example

ROW, GAP, CAPTION = 460, 6, 40
"""Pixels: height of an image, gap between images, height of the caption below."""
MARK: Final = (86, 180, 233)


@dataclass(frozen=True, slots=True)
class Subject:
    """One phantom of a sheet: seed, scanner family, caption, and whether corners are marked."""

    seed: int
    family: str | tuple[str, ...]
    caption: str
    options: dict[str, Any] = field(default_factory=dict)
    corners: bool = False


FAMILIES: Final = (
    Subject(1, "hologic_se", "hologic_se", corners=True),
    Subject(14, "hologic_de", "hologic_de", corners=True),
    Subject(12, "ge_prodigy", "ge_prodigy", corners=True),
    Subject(3, "ge_idxa", "ge_idxa", corners=True),
)
SUBJECTS: Final = (
    Subject(36, CLASSIC, "ge_prodigy:\nwedge fracture, L1"),
    Subject(350, CLASSIC, "ge_prodigy: screws, rods"),
    Subject(120, CLASSIC, "ge_prodigy: fused bodies"),
    Subject(372, CLASSIC, "hologic_de: cement"),
    Subject(149, CLASSIC, "scoliosis"),
    Subject(246, CLASSIC, "hologic_de: AAC-24 of 24"),
    Subject(7, CLASSIC, "six lumbar bodies", {"odd_count": 1.0}),
    Subject(8, CLASSIC, "ends within L5", {"partial": 1.0}),
)
DEMANDING: Final = (
    Subject(7_700_001, "ge_de", "ge_de", corners=True),
    Subject(7_700_002, "ge_de", "ge_de"),
    Subject(7_700_001, "degenerative", "degenerative", corners=True),
    Subject(7_700_002, "degenerative", "degenerative"),
    Subject(7_700_001, "limited_field", "limited_field", {"partial": 0.1}),
    Subject(7_700_002, "limited_field", "limited_field", {"partial": 0.1}),
    Subject(7_700_001, "altered_export", "altered_export"),
    Subject(7_700_002, "altered_export", "altered_export"),
)
TRAINING: Final = range(10_500_000, 10_500_008)


def sheet(subjects: tuple[Subject, ...]) -> Image.Image:
    """Return the phantoms side by side in their true proportions, with captions below."""
    images = [_image(subject) for subject in subjects]
    width = sum(image.width + GAP for image in images) - GAP
    page = Image.new("RGB", (width, ROW + CAPTION), "white")
    draw, left = ImageDraw.Draw(page), 0
    font = ImageFont.load_default(size=14)
    for subject, image in zip(subjects, images, strict=True):
        page.paste(image, (left, 0))
        draw.multiline_text((left + 2, ROW + 4), subject.caption, fill="black", font=font)
        left += image.width + GAP
    return page


def _image(subject: Subject) -> Image.Image:
    options = {"partial": 0.0, "mirrored": 0.0, "odd_count": 0.0} | subject.options
    phantom = generate(subject.seed, family=subject.family, **options)
    grey = (phantom.grey * 255).astype(np.uint8)
    tall, wide = grey.shape
    aspect = wide * phantom.spacing_mm[1] / (tall * phantom.spacing_mm[0])
    image = Image.fromarray(grey).resize((round(ROW * aspect), ROW)).convert("RGB")
    if subject.corners:
        draw = ImageDraw.Draw(image)
        scale = np.array([image.width / wide, ROW / tall])
        for x, y in (phantom.corners.reshape(-1, 2) + 0.5) * scale:
            if np.isfinite(x):
                draw.ellipse((x - 1.5, y - 1.5, x + 1.5, y + 1.5), fill=MARK)
    return image


def training_sheet() -> Image.Image:
    """Return neighbouring training examples: each subject twice, with different augmentations."""
    recipe = PhantomRecipe(other_view=0.0, mirrored=0.0, masked=0.7)
    examples = [draw_example(seed, recipe).grey for seed in TRAINING]
    row = np.concatenate(examples, axis=1)
    page = Image.fromarray((row * 255).astype(np.uint8))
    return page.resize((round(page.width * ROW / page.height), ROW))


def main(folder: Path) -> None:
    training_sheet().save(folder / "phantom-training.jpg", quality=75, optimize=True)
    for name, subjects in (
        ("phantom-families", FAMILIES),
        ("phantom-demanding", DEMANDING),
        ("phantom-subjects", SUBJECTS),
    ):
        sheet(subjects).save(folder / f"{name}.jpg", quality=80, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
