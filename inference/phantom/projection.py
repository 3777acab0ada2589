"""Projection of anatomy to attenuation, with bone and soft tissue as separate maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.phantom.anatomy import Spine
from inference.phantom.aorta import Aorta
from inference.phantom.bones.skeleton import draw_skeleton
from inference.phantom.families import USUAL_BONE, BoneStyle
from inference.phantom.raster import Array, Grid, add_tube
from inference.phantom.soft_tissue import draw_soft_tissue


@dataclass(frozen=True, slots=True)
class Attenuation:
    """Attenuation maps (H, W).

    Attributes
    ----------
    bone : float32 array (H, W)
        A vertebral body is near 0.6.
    soft : float32 array (H, W)
        The abdomen is near 1, air is 0.
    """

    bone: Array
    soft: Array


def project(
    rng: np.random.Generator,
    spine: Spine,
    aorta: Aorta,
    grid: Grid,
    style: BoneStyle = USUAL_BONE,
    *,
    obscured: bool = False,
) -> Attenuation:
    """Return the attenuation of a subject in lateral projection.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    spine, aorta
        The subject.
    grid : Grid
        Pixels of the maps.
    style : BoneStyle
        Appearance of the bones.
    obscured : bool
        Whether a bright pelvis hides L5 and S1.
    """
    bone = draw_skeleton(rng, spine, grid, style, obscured=obscured)
    soft = draw_soft_tissue(rng, spine, aorta, grid)
    _add_plaques(rng, bone, grid, aorta, style.plaque)
    return Attenuation(bone=bone, soft=soft)


def _add_plaques(
    rng: np.random.Generator, bone: Array, grid: Grid, aorta: Aorta, bright: float
) -> None:
    """Add plaques as uneven streaks along the wall, diluted by coarse pixels as by a detector."""
    for plaque in aorta.plaques:
        count = len(plaque.points)
        lumps = plaque.radius * np.clip(1 + rng.normal(0, 0.35, count), 0.4, 1.8)
        wobble = plaque.points + rng.normal(0, 0.25, plaque.points.shape)
        # A plaque thinner than a pixel is drawn wider and fainter by the same factor.
        drawn = np.maximum(lumps, 0.45 * grid.finest_mm)
        fill = 0.34 * bright * plaque.density * float(np.mean(lumps / drawn))
        add_tube(bone, grid, wobble, drawn, fill=fill, edge_mm=0.6)
