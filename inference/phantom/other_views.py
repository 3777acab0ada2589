"""Views other than a lateral spine, in which a network must learn to find nothing."""

from __future__ import annotations

import numpy as np

from inference.phantom.appearance.acquisition import render_grey_values
from inference.phantom.bones.vertebral_body import add_body
from inference.phantom.families import SCANNERS
from inference.phantom.population import sample_spine
from inference.phantom.projection import Attenuation
from inference.phantom.raster import Array, Grid, add_tube, cloud, ramp

KINDS = ("spine_ap", "hip", "limb", "whole_body", "nothing")


def draw_other_view(rng: np.random.Generator, grid: Grid, kind: str | None = None) -> Array:
    """Return grey values (H, W) in [0, 1] of a view that is not a lateral spine.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    grid : Grid
        Pixels of the image.
    kind : {"spine_ap", "hip", "limb", "whole_body", "nothing"}, optional
        The view; drawn by default. "nothing" has soft tissue only.
    """
    # AP spines and whole bodies resemble the lateral spine most, so they are the most frequent.
    kind = kind or str(rng.choice(KINDS, p=(0.4, 0.2, 0.15, 0.2, 0.05)))
    bone = np.zeros((grid.height, grid.width), np.float32)
    soft = np.ones_like(bone) + 0.1 * cloud(rng, bone.shape, (8, 5))
    middle = grid.left + grid.width * grid.column_mm / 2
    center = grid.top + grid.height * grid.row_mm / 2
    if kind == "spine_ap":
        _ap_spine(rng, bone, grid, middle + rng.normal(0, 12), center)
    elif kind == "hip":
        _hip(rng, bone, grid, middle, center)
    elif kind == "limb":
        _limb(rng, bone, grid, middle, center)
        soft *= np.float32(rng.uniform(0.05, 0.6))
    elif kind == "whole_body":
        _whole_body(rng, bone, soft, grid, middle, center)
    scanner = SCANNERS[str(rng.choice(sorted(SCANNERS)))]
    return render_grey_values(rng, scanner, Attenuation(bone=bone, soft=soft), grid)


def _ap_spine(
    rng: np.random.Generator, bone: Array, grid: Grid, middle: float, center: float
) -> None:
    spine = sample_spine(rng)
    bright = rng.uniform(0.5, 1.2)
    bend = rng.normal(0, 14)
    for k, body in enumerate(spine.bodies):
        y = body.center[1] + center + rng.normal(0, 1)
        x = middle + bend * np.sin(k / 4 + bend)
        width = body.depth * 1.25
        # Seen from the front, a body is wider than deep and has two symmetric walls.
        front = type(body)(
            **{
                **{name: getattr(body, name) for name in body.__slots__},
                "center": (float(x), float(y)),
                "tilt": float(rng.normal(0, 0.05)),
                "depth": float(width),
                "anterior": body.posterior,
                "waist_anterior": body.waist_anterior + 1.5,
                "waist_posterior": body.waist_anterior + 1.5,
            }
        )
        add_body(bone, grid, front, fill=0.4 * bright, endplate=0.2, wall=0.15, shell_mm=0.8)
        for side in (-1, 1):
            eye = np.array([[x + side * width * 0.28, y - 4], [x + side * width * 0.28, y - 1]])
            add_tube(bone, grid, eye, 4.5, fill=0.15, rim=0.15)
            arm = np.array(
                [
                    [x + side * width * 0.45, y - 3],
                    [x + side * width * rng.uniform(0.8, 1.1), y + rng.normal(-4, 3)],
                ]
            )
            add_tube(bone, grid, arm, 4.0, fill=0.15)
            if k < 10:
                t = np.linspace(0, 1, 10)[:, None]
                rib = np.array([[x, y - 8]]) + np.hstack(
                    [side * (20 + 95 * t), -14 * np.sin(t * 2.0) + 75 * t**2]
                )
                add_tube(bone, grid, rib, 4.5, fill=0.12, rim=0.06)
        add_tube(bone, grid, np.array([[x, y], [x, y + 9]]), 3.5, fill=0.25)
    hip = center + spine.bodies[-2].center[1]
    for side in (-1, 1):
        wing = np.array(
            [
                [middle + side * 22, hip + 30],
                [middle + side * 75, hip - 5],
                [middle + side * 115, hip + 25],
            ]
        )
        add_tube(bone, grid, wing, np.array([16.0, 22.0, 16.0]), fill=0.35, rim=0.1, flat=True)


def _hip(rng: np.random.Generator, bone: Array, grid: Grid, middle: float, center: float) -> None:
    side = float(rng.choice([-1, 1]))
    head = np.array([middle - side * 15, center - rng.uniform(10, 40)])
    neck = head + np.array([side * 38, 32])
    shaft = neck + np.array([side * 6, 150])
    add_tube(bone, grid, np.stack([head, head + 1]), 24, fill=0.6, rim=0.1)
    add_tube(
        bone,
        grid,
        np.stack([head, neck, shaft]),
        np.array([17.0, 20.0, 15.0]),
        fill=0.5,
        rim=0.3,
        edge_mm=2.0,
    )
    socket = np.array(
        [
            [head[0] - side * 45, head[1] - 60],
            [head[0] - side * 25, head[1] - 20],
            [head[0] - side * 40, head[1] + 60],
        ]
    )
    add_tube(bone, grid, socket, 14, fill=0.5, rim=0.1)


def _limb(rng: np.random.Generator, bone: Array, grid: Grid, middle: float, center: float) -> None:
    length = grid.height * grid.row_mm
    for offset in (-9.0, 9.0):
        x = middle + offset + rng.normal(0, 3)
        rod = np.array([[x, center - length], [x + rng.normal(0, 4), center + 0.3 * length]])
        add_tube(bone, grid, rod, rng.uniform(5, 8), fill=0.3, rim=0.35, edge_mm=1.5)
    for finger in range(5):
        x = middle + (finger - 2) * 9
        rod = np.array([[x, center + 0.3 * length + 15], [x * 1.02, center + 0.45 * length]])
        add_tube(bone, grid, rod, 4.0, fill=0.3, rim=0.2)


def _whole_body(
    rng: np.random.Generator, bone: Array, soft: Array, grid: Grid, middle: float, center: float
) -> None:
    height = grid.height * grid.row_mm
    unit = height / 180
    top = center - height / 2
    column = np.array([[middle, top + 25 * unit], [middle + rng.normal(0, 2), top + 88 * unit]])
    add_tube(bone, grid, column, 3.2 * unit, fill=0.35)
    add_tube(
        bone,
        grid,
        np.array([[middle, top + 8 * unit], [middle, top + 14 * unit]]),
        8 * unit,
        fill=0.4,
        rim=0.2,
    )
    for side in (-1, 1):
        leg = np.array(
            [
                [middle + side * 9 * unit, top + 92 * unit],
                [middle + side * 9 * unit, top + 170 * unit],
            ]
        )
        arm = np.array(
            [
                [middle + side * 18 * unit, top + 32 * unit],
                [middle + side * 24 * unit, top + 90 * unit],
            ]
        )
        add_tube(bone, grid, leg, 2.4 * unit, fill=0.35, rim=0.1)
        add_tube(bone, grid, arm, 1.6 * unit, fill=0.3, rim=0.1)
        for rib in range(9):
            y = top + (32 + 4.2 * rib) * unit
            path = np.array(
                [
                    [middle, y],
                    [middle + side * 8 * unit, y + unit],
                    [middle + side * 14 * unit, y + 6 * unit],
                ]
            )
            add_tube(bone, grid, path, 0.8 * unit, fill=0.12)
    pelvis = np.array(
        [
            [middle - 13 * unit, top + 84 * unit],
            [middle, top + 90 * unit],
            [middle + 13 * unit, top + 84 * unit],
        ]
    )
    add_tube(bone, grid, pelvis, 5 * unit, fill=0.25, rim=0.1)
    xs = np.abs(grid.xs - np.float32(middle))[None, :]
    soft *= ramp(np.float32(24 * unit) - xs, 6.0)
