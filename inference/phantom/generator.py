"""Generation of a phantom from a seed: subject, image and reference standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.phantom.acquisition import FAMILIES, Family, render_grey_values, sample_field
from inference.phantom.anatomy import Spine
from inference.phantom.aorta import Aorta, sample_aorta
from inference.phantom.ground_truth import describe
from inference.phantom.population import sample_spine
from inference.phantom.projection import project
from inference.phantom.raster import Array, Grid


@dataclass(frozen=True, slots=True)
class Phantom:
    """A synthetic image with its reference standard.

    Attributes
    ----------
    pixels : uint8 or uint16 array (H, W)
        Grey values, bright where dense.
    bits : int
        Bits in use, 8 or 12.
    spacing_mm : (float, float)
        Row and column spacing in mm.
    seed : int
        Seed of the phantom.
    family : str
        Key of the scanner family.
    anterior : {"right", "left"}
        Side of the image that is anterior.
    corners : float64 array (17, 4, 2)
        Landmarks in image pixels, in the order of ``LEVELS`` and of ``CORNERS``; NaN for vertebrae
        that the subject does not have.
    aac24 : dict
        Reference grade of each of the eight cells.
    front_mm : dict
        Smallest distance in mm from the anterior aortic wall to the anterior edge of the field, for
        each of L1-L4; negative where the wall lies outside.
    ends_mm : dict
        The same to the cranial and caudal edges of the field.
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
        """Return the reference standard as `ground_truth.describe` defines it."""
        return describe(self)


@dataclass(frozen=True, slots=True)
class PlaqueLine:
    """The centre line of a calcified plaque in an image.

    Attributes
    ----------
    level, wall : str
        Where it lies.
    points : float64 array (points, 2)
        In image pixels, from cranial to caudal.
    """

    level: str
    wall: str
    points: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scene:
    """A subject and a field of view, which can be drawn at any resolution.

    Attributes
    ----------
    family : Family
        The scanner.
    spine, aorta
        The subject.
    field_mm : (float, float, float, float)
        Left, top, width and height of the field in mm.
    mirrored : bool
        Whether anterior is on the left.
    """

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

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    family : str, optional
        Key of the scanner family; drawn by default.
    partial : float
        Probability that the field ends anywhere.
    mirrored : float
        Probability that anterior is on the left.
    odd_count : float
        Probability of four or six lumbar bodies.
    """
    kind = FAMILIES[family or str(rng.choice(sorted(FAMILIES)))]
    spine = sample_spine(rng, odd_count=odd_count)
    aorta = sample_aorta(rng, spine)
    field_mm = sample_field(rng, kind, spine, partial=partial)
    return Scene(kind, spine, aorta, field_mm, bool(rng.random() < mirrored))


def draw_scene(rng: np.random.Generator, scene: Scene, grid: Grid) -> Array:
    """Return grey values (H, W) in [0, 1] of a scene on a grid, with anterior on the right."""
    seen = project(rng, scene.spine, scene.aorta, grid)
    return render_grey_values(rng, scene.family, seen, grid)


def generate(
    seed: int,
    *,
    family: str | None = None,
    partial: float = 0.1,
    mirrored: float = 0.1,
    odd_count: float = 0.04,
) -> Phantom:
    """Return the phantom of a seed, at the resolution of its scanner.

    Parameters
    ----------
    seed : int
        Determines the phantom completely; `seeds` lists the reserved ranges.
    family, partial, mirrored, odd_count
        As in `sample_scene`.

    Examples
    --------
    >>> from inference.phantom import generate
    >>> generate(1).family == generate(1).family
    True
    """
    layout = lay_out(seed, family=family, partial=partial, mirrored=mirrored, odd_count=odd_count)
    return draw_phantom(layout)


@dataclass(frozen=True, slots=True)
class Layout:
    """A phantom whose image has not been drawn: everything that is known without drawing it.

    Attributes
    ----------
    seed : int
        Seed of the phantom.
    scene : Scene
        Subject and field of view.
    grid : Grid
        The pixels of the image, before mirroring.
    rng : Generator
        Source of the random numbers with which the image is drawn.
    """

    seed: int
    scene: Scene
    grid: Grid
    rng: np.random.Generator

    @property
    def anterior(self) -> str:
        """Return the side of the image that is anterior."""
        return "left" if self.scene.mirrored else "right"

    @property
    def grades(self) -> dict[str, int]:
        """Return the reference grade of each of the eight cells."""
        return self.scene.aorta.grades

    @property
    def corners(self) -> NDArray[np.float64]:
        """Return the landmarks (17, 4, 2) in image pixels, as in `Phantom`."""
        return self.to_image(self.scene.spine.corners())

    @property
    def front_mm(self) -> dict[str, float]:
        """Return the margin to the anterior edge of the field by level, as in `Phantom`."""
        right = self.grid.left + self.grid.width * self.grid.column_mm
        walls = self.scene.aorta.front.items()
        return {level: float(right - points[:, 0].max()) for level, points in walls}

    @property
    def ends_mm(self) -> dict[str, float]:
        """Return the margin to the cranial and caudal edges by level, as in `Phantom`."""
        bottom = self.grid.top + self.grid.height * self.grid.row_mm
        return {
            level: float(min(bottom - points[:, 1].max(), points[:, 1].min() - self.grid.top))
            for level, points in self.scene.aorta.front.items()
        }

    @property
    def plaques(self) -> tuple[PlaqueLine, ...]:
        """Return the centre lines of all plaques in image pixels."""
        return tuple(
            PlaqueLine(plaque.level, plaque.wall, self.to_image(plaque.points))
            for plaque in self.scene.aorta.plaques
        )

    def to_image(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points (..., 2) in mm as image pixels, mirrored as the image is."""
        pixels = self.grid.to_pixels(points)
        if self.scene.mirrored:
            pixels[..., 0] = self.grid.width - 1 - pixels[..., 0]
        return pixels


def lay_out(
    seed: int,
    *,
    family: str | None = None,
    partial: float = 0.1,
    mirrored: float = 0.1,
    odd_count: float = 0.04,
) -> Layout:
    """Return the layout of the phantom that `generate` draws for the same arguments."""
    rng = np.random.default_rng(seed)
    scene = sample_scene(
        rng, family=family, partial=partial, mirrored=mirrored, odd_count=odd_count
    )
    left, top, width, height = scene.field_mm
    row_mm = float(rng.uniform(*scene.family.pixel_mm))
    column_mm = row_mm * float(rng.uniform(*scene.family.aspect))
    columns, rows = round(width / column_mm), round(height / row_mm)
    if scene.family.maker.startswith("GE"):  # files give the field in whole mm, no pixel size
        column_mm, row_mm = round(width) / columns, round(height) / rows
    return Layout(seed, scene, Grid(left, top, columns, rows, column_mm, row_mm), rng)


def draw_phantom(layout: Layout) -> Phantom:
    """Draw the image of a layout; call it once, because drawing consumes its random numbers."""
    scene, grid = layout.scene, layout.grid
    values = draw_scene(layout.rng, scene, grid)
    top_value = 2**scene.family.bits - 1
    pixels = np.rint(values * top_value).astype(np.uint8 if scene.family.bits == 8 else np.uint16)
    if scene.mirrored:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    return Phantom(
        pixels=pixels,
        bits=scene.family.bits,
        spacing_mm=(grid.row_mm, grid.column_mm),
        seed=layout.seed,
        family=scene.family.name,
        anterior=layout.anterior,
        corners=layout.corners,
        aac24=layout.grades,
        front_mm=layout.front_mm,
        ends_mm=layout.ends_mm,
    )
