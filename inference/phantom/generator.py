"""One seed, one subject, one image, and everything that is true of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.phantom.acquisition import FAMILIES, Family, choose_field, look
from inference.phantom.anatomy import Spine
from inference.phantom.aorta import Aorta, sample_aorta
from inference.phantom.ground_truth import describe
from inference.phantom.population import sample_spine
from inference.phantom.projection import project
from inference.phantom.raster import Array, Grid


@dataclass(frozen=True, slots=True)
class Phantom:
    """An image and its truth.

    Attributes
    ----------
    pixels : uint8 or uint16 (H, W), brighter = denser
    bits : 8 or 12, the values used
    spacing_mm : (row, column)
    seed, family : what it was made from
    anterior : "right" or "left"
    corners : float64 (17, 4, 2), image pixels, in the order of ``LEVELS`` and of ``CORNERS``; NaN
        for a vertebra that the subject has not
    aac24 : the eight true grades
    front_mm : per level L1-L4, the least distance from the aorta's anterior wall to the field's
        end in front of it, in mm; negative where the wall lies outside
    ends_mm : the same to the field's ends above and below
    """

    pixels: NDArray[Any]
    bits: int
    spacing_mm: tuple[float, float]
    seed: int
    family: str
    anterior: str
    corners: NDArray[np.float64]
    aac24: dict[str, int]
    front_mm: dict[str, float]
    ends_mm: dict[str, float]

    @property
    def truth(self) -> dict[str, Any]:
        """What is true of it, with the keys of ``predict`` and ``aac24``, ``family``, ``seed``."""
        return describe(self)


@dataclass(frozen=True, slots=True)
class Scene:
    """A subject in front of a scanner: what is needed to draw at any resolution."""

    family: Family
    spine: Spine
    aorta: Aorta
    field_mm: tuple[float, float, float, float]
    mirrored: bool


def sample_scene(
    rng: np.random.Generator,
    *,
    family: str | None = None,
    partial: float = 0.1,
    mirrored: float = 0.1,
    odd_count: float = 0.04,
) -> Scene:
    """Draw a subject, a scanner and a field of view.

    ``partial`` is the chance that the field ends anywhere, ``mirrored`` that the front is left,
    ``odd_count`` that the subject has four or six lumbar bodies.
    """
    kind = FAMILIES[family or str(rng.choice(sorted(FAMILIES)))]
    spine = sample_spine(rng, odd_count=odd_count)
    aorta = sample_aorta(rng, spine)
    field_mm = choose_field(rng, kind, spine, partial=partial)
    return Scene(kind, spine, aorta, field_mm, bool(rng.random() < mirrored))


def draw_scene(rng: np.random.Generator, scene: Scene, grid: Grid) -> Array:
    """Grey values in [0, 1] of a scene on a grid, anterior to the right."""
    seen = project(rng, scene.spine, scene.aorta, grid)
    return look(rng, scene.family, seen, grid)


def generate(
    seed: int,
    *,
    family: str | None = None,
    partial: float = 0.1,
    mirrored: float = 0.1,
    odd_count: float = 0.04,
) -> Phantom:
    """Make the phantom of a seed at its scanner's own resolution.

    Examples
    --------
    >>> from inference.phantom import generate
    >>> generate(1).family == generate(1).family
    True
    """
    rng = np.random.default_rng(seed)
    scene = sample_scene(
        rng, family=family, partial=partial, mirrored=mirrored, odd_count=odd_count
    )
    left, top, width, height = scene.field_mm
    row_mm = float(rng.uniform(*scene.family.pixel_mm))
    column_mm = row_mm * float(rng.uniform(*scene.family.aspect))
    columns, rows = round(width / column_mm), round(height / row_mm)
    if scene.family.maker.startswith("GE"):  # the file tells whole mm of field, no pixel size
        column_mm, row_mm = round(width) / columns, round(height) / rows
    grid = Grid(left, top, columns, rows, column_mm, row_mm)
    values = draw_scene(rng, scene, grid)
    top_value = 2**scene.family.bits - 1
    pixels = np.rint(values * top_value).astype(np.uint8 if scene.family.bits == 8 else np.uint16)
    corners = grid.to_pixels(scene.spine.corners())
    if scene.mirrored:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        corners[..., 0] = grid.width - 1 - corners[..., 0]
    right = grid.left + grid.width * grid.column_mm
    bottom = grid.top + grid.height * grid.row_mm
    walls = scene.aorta.front.items()
    front = {level: float(right - points[:, 0].max()) for level, points in walls}
    ends = {
        level: float(min(bottom - points[:, 1].max(), points[:, 1].min() - grid.top))
        for level, points in walls
    }
    return Phantom(
        pixels=pixels,
        bits=scene.family.bits,
        spacing_mm=(row_mm, column_mm),
        seed=seed,
        family=scene.family.name,
        anterior="left" if scene.mirrored else "right",
        corners=corners,
        aac24=scene.aorta.grades,
        front_mm=front,
        ends_mm=ends,
    )
