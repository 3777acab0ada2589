"""A subject in the field of view of a scanner, which can be drawn at any resolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from inference.phantom.anatomy import Spine
from inference.phantom.aorta import Aorta, sample_aorta
from inference.phantom.appearance.acquisition import render_grey_values
from inference.phantom.appearance.alterations import (
    Alterations,
    apply_alterations,
    sample_alterations,
)
from inference.phantom.degeneration import add_parallax
from inference.phantom.families import FAMILIES, SCANNERS, Family, Scanner, draw_family
from inference.phantom.fields import (
    Field,
    Sweep,
    sample_field,
    sample_limited_field,
    sample_sweeps,
)
from inference.phantom.population import ODD_COUNT, sample_spine
from inference.phantom.projection import project
from inference.phantom.raster import Array, Grid

_SIGNED_SHARE = 0.5
"""Share of subtracted images that are stored with a sign, the others have 8 bits."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A subject and a field of view.

    Attributes
    ----------
    family : Family
        The family of phantoms.
    scanner : Scanner
        The scanner.
    spine, aorta
        The subject.
    field_mm : (float, float, float, float)
        Left, top, width and height of the field in mm.
    mirrored : bool
        Whether anterior is on the left.
    sweeps : tuple of Sweep
        Sweeps whose lateral edges differ; empty if the field is a rectangle.
    obscured : bool
        Whether a bright pelvis hides L5 and S1.
    signed : bool
        Whether grey values are stored with a sign, centred around mid-scale.
    alterations : Alterations, optional
        What export software changes.
    """

    family: Family
    scanner: Scanner
    spine: Spine
    aorta: Aorta
    field_mm: Field
    mirrored: bool
    sweeps: tuple[Sweep, ...] = ()
    obscured: bool = False
    signed: bool = False
    alterations: Alterations | None = None

    @property
    def bits(self) -> int:
        """Return the number of bits per pixel: 12, or 8 for exports to be viewed."""
        exported = self.alterations is not None or (self.scanner.subtracted and not self.signed)
        return 8 if exported else self.scanner.bits


def sample_scene(
    rng: np.random.Generator,
    *,
    family: str | tuple[str, ...] | None = None,
    partial: float = 0.1,
    mirrored: float | None = None,
    odd_count: float = ODD_COUNT,
) -> Scene:
    """Draw a subject, a scanner and a field of view.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    family : str or tuple of str, optional
        Key of the family, or several of which one is drawn with equal probability; by default one
        of all families, by their shares.
    partial : float
        Probability that the field ends anywhere. If it is 0, all fields show T12 to the last
        lumbar body, also those of the family ``limited_field``.
    mirrored : float, optional
        Probability that anterior is on the left; by default that of the family.
    odd_count : float
        Probability of four or six lumbar bodies.
    """
    kind = FAMILIES[_family_name(rng, family)]
    # Families with one scanner must not draw: existing seeds give the layouts that they always did.
    only = len(kind.scanners) == 1
    scanner = SCANNERS[kind.scanners[0] if only else str(rng.choice(kind.scanners))]
    degenerative = kind.degenerative > 0 and bool(rng.random() < kind.degenerative)
    spine = sample_spine(rng, odd_count=odd_count, degenerative=degenerative)
    if scanner.subtracted:
        spine = add_parallax(rng, spine)
    aorta = sample_aorta(rng, spine)
    if kind.limited and partial > 0 and rng.random() < kind.limited:
        field_mm = sample_limited_field(rng, scanner, spine)
    else:
        field_mm = sample_field(rng, scanner, spine, partial=partial)
    flipped = bool(rng.random() < (kind.mirrored if mirrored is None else mirrored))
    sweeps: tuple[Sweep, ...] = ()
    signed = False
    if scanner.subtracted:
        field_mm, sweeps = sample_sweeps(rng, spine, field_mm)
        signed = not kind.altered and bool(rng.random() < _SIGNED_SHARE)
    return Scene(
        family=kind,
        scanner=scanner,
        spine=spine,
        aorta=aorta,
        field_mm=field_mm,
        mirrored=flipped,
        sweeps=sweeps,
        obscured=kind.obscured > 0 and bool(rng.random() < kind.obscured),
        signed=signed,
        alterations=sample_alterations(rng) if kind.altered else None,
    )


def _family_name(rng: np.random.Generator, family: str | tuple[str, ...] | None) -> str:
    if family is None:
        return draw_family(rng)
    return family if isinstance(family, str) else str(rng.choice(sorted(family)))


def draw_scene(rng: np.random.Generator, scene: Scene, grid: Grid) -> Array:
    """Return grey values (H, W) in [0, 1] of a scene on a grid, with anterior on the right.

    A thumbnail is drawn at its own resolution and enlarged if the grid is finer.
    """
    changes = scene.alterations
    columns = None if changes is None else changes.thumbnail_columns
    if columns is not None and columns < 0.9 * grid.width:
        rows = max(round(columns * _rows_per_column(grid)), 16)
        wide, high = grid.width * grid.column_mm, grid.height * grid.row_mm
        small = Grid(grid.left, grid.top, columns, rows, wide / columns, high / rows)
        enlarged = Image.fromarray(_draw(rng, scene, small)).resize(
            (grid.width, grid.height), Image.Resampling.BILINEAR
        )
        return np.array(enlarged)
    return _draw(rng, scene, grid)


def _rows_per_column(grid: Grid) -> float:
    """Return the height of a field over its width."""
    return grid.height * grid.row_mm / (grid.width * grid.column_mm)


def _draw(rng: np.random.Generator, scene: Scene, grid: Grid) -> Array:
    seen = project(rng, scene.spine, scene.aorta, grid, scene.scanner.bone, obscured=scene.obscured)
    grey = render_grey_values(rng, scene.scanner, seen, grid, scene.sweeps)
    if scene.alterations is None:
        return grey
    # Text is drawn on the displayed image, so that it is not mirrored.
    step = -1 if scene.mirrored else 1
    bone = seen.bone[:, ::step]
    altered = apply_alterations(rng, grey[:, ::step], bone, scene.alterations)
    return np.ascontiguousarray(altered[:, ::step])
