"""Generation of a phantom from a seed: subject, image and reference standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.phantom.appearance.visibility import is_lumbosacral_disc_hidden
from inference.phantom.families import CLASSIC, draw_family
from inference.phantom.fields import anterior_margin
from inference.phantom.ground_truth import describe
from inference.phantom.population import ODD_COUNT
from inference.phantom.raster import Array, Grid
from inference.phantom.scene import Scene, draw_scene, sample_scene

_MIN_COLUMNS = 80
"""Smallest width of an image in pixels."""
_FAMILY_STREAM = 7
"""Separates the choice of the family from the stream that draws the subject."""


@dataclass(frozen=True, slots=True)
class Phantom:
    """A synthetic image with its reference standard.

    Attributes
    ----------
    pixels : uint8, uint16 or int16 array (H, W)
        Grey values, bright where dense except in some altered exports.
    bits : int
        Bits in use, 8 or 12.
    signed : bool
        Whether the values are centred around 0, from -2048 to 2047, instead of starting at 0.
    spacing_mm : (float, float)
        Row and column spacing in mm.
    seed : int
        Seed of the phantom.
    family, scanner : str
        Keys of the family and of the scanner.
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
    sacrum_hidden : bool
        Whether the disc between the last lumbar body and the sacrum lies in the image but cannot be
        seen, measured on the pixels.
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
    scanner: str = ""
    signed: bool = False
    sacrum_hidden: bool = False

    @property
    def grey(self) -> Array:
        """Return the grey values (H, W) in [0, 1], independent of how they are stored."""
        return (self.pixels.astype(np.float32) - self.black) / np.float32(2**self.bits - 1)

    @property
    def black(self) -> int:
        """Return the lowest value that can be stored."""
        return -(2 ** (self.bits - 1)) if self.signed else 0

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


def generate(
    seed: int,
    *,
    family: str | tuple[str, ...] | None = None,
    partial: float = 0.1,
    mirrored: float | None = None,
    odd_count: float = ODD_COUNT,
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
        return {
            level: anterior_margin(points, self.scene.sweeps, right)
            for level, points in self.scene.aorta.front.items()
        }

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

    def hides_sacrum(self, pixels: NDArray[Any]) -> bool:
        """Return whether an image (H, W) of this phantom hides the lumbosacral disc.

        The image is mirrored as the phantom is.
        """
        anterior_right = pixels[:, ::-1] if self.scene.mirrored else pixels
        return is_lumbosacral_disc_hidden(anterior_right, self.grid, self.scene.spine)

    def to_image(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points (..., 2) in mm as image pixels, mirrored as the image is."""
        pixels = self.grid.to_pixels(points)
        if self.scene.mirrored:
            pixels[..., 0] = self.grid.width - 1 - pixels[..., 0]
        return pixels


def lay_out(
    seed: int,
    *,
    family: str | tuple[str, ...] | None = None,
    partial: float = 0.1,
    mirrored: float | None = None,
    odd_count: float = ODD_COUNT,
) -> Layout:
    """Return the layout of the phantom that `generate` draws for the same arguments."""
    rng = np.random.default_rng(seed)
    if family is None:
        family = draw_family(np.random.default_rng([seed, _FAMILY_STREAM]))
        # Seeds of classic families keep the layouts that they had before there were others: grades
        # of practice cases are stored with them.
        family = CLASSIC if family in CLASSIC else family
    scene = sample_scene(
        rng, family=family, partial=partial, mirrored=mirrored, odd_count=odd_count
    )
    return Layout(seed, scene, _pixel_grid(rng, scene), rng)


def _pixel_grid(rng: np.random.Generator, scene: Scene) -> Grid:
    """Return the pixels of the scanner, or of a thumbnail, for the field of a scene."""
    left, top, width, height = scene.field_mm
    row_mm = float(rng.uniform(*scene.scanner.pixel_mm))
    column_mm = row_mm * float(rng.uniform(*scene.scanner.aspect))
    column_mm = min(column_mm, width / _MIN_COLUMNS)
    if scene.alterations is not None and scene.alterations.thumbnail_columns is not None:
        row_mm *= width / scene.alterations.thumbnail_columns / column_mm
        column_mm = width / scene.alterations.thumbnail_columns
    columns, rows = round(width / column_mm), round(height / row_mm)
    if scene.scanner.maker.startswith("GE"):  # files give the field in whole mm, no pixel size
        column_mm, row_mm = round(width) / columns, round(height) / rows
    return Grid(left, top, columns, rows, column_mm, row_mm)


def draw_phantom(layout: Layout) -> Phantom:
    """Draw the image of a layout; call it once, because drawing consumes its random numbers."""
    scene, grid = layout.scene, layout.grid
    values = draw_scene(layout.rng, scene, grid)
    if scene.mirrored:
        values = values[:, ::-1]
    pixels = _stored(values, scene.bits, signed=scene.signed)
    return Phantom(
        pixels=pixels,
        bits=scene.bits,
        spacing_mm=(grid.row_mm, grid.column_mm),
        seed=layout.seed,
        family=scene.family.name,
        anterior=layout.anterior,
        corners=layout.corners,
        aac24=layout.grades,
        front_mm=layout.front_mm,
        ends_mm=layout.ends_mm,
        scanner=scene.scanner.name,
        signed=scene.signed,
        sacrum_hidden=layout.hides_sacrum(pixels),
    )


def _stored(grey: Array, bits: int, *, signed: bool) -> NDArray[Any]:
    """Return grey values in [0, 1] as integers of ``bits`` bits, centred around 0 if signed."""
    levels: NDArray[Any] = np.rint(grey * np.float32(2**bits - 1))
    if signed:
        return np.asarray(levels - 2 ** (bits - 1), np.int16)
    return np.asarray(levels, np.uint8 if bits == 8 else np.uint16)
