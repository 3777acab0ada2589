"""Targets and loss of a network that finds six bodies by rank: the paper's."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from inference.decoding.vertebrae import STRIDE
from inference.training.data.marked_examples import ROWS
from inference.training.data.samples import Example
from inference.training.losses import focal_loss

OVERLAP: Final = 0.7
MIRRORED: Final = (1, 0, 3, 2)
"""Left and right corners change places when the front lies left: they are named by the image."""


def ranked_targets(example: Example) -> dict[str, NDArray[Any]]:
    """T12 to L5 alone: heat map at stride 4, centres (6, 2), corners (6, 4, 2) in its cells."""
    height, width = example.grey.shape
    order = slice(None) if example.front else list(MIRRORED)
    corners = example.corners[ROWS][:, order].astype(np.float32) / STRIDE
    center = corners.mean(axis=1)
    body = example.visible[ROWS] & bool(example.view)
    heat = np.zeros((height // STRIDE, width // STRIDE), np.float32)
    for place in np.flatnonzero(body):
        tall = float(corners[place, 2:, 1].mean() - corners[place, :2, 1].mean())
        wide = float(np.abs(corners[place, 1::2, 0].mean() - corners[place, ::2, 0].mean()))
        radius = max(0, int(overlap_radius(math.ceil(tall), math.ceil(wide))))
        add_peak(heat, center[place], radius)
    return {"grey": example.grey, "heat": heat, "center": center, "corners": corners, "body": body}


def ranked_loss(result: dict[str, Tensor], batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Focal loss of the heat map and L1 of offsets and corners at the bodies' cells; ``total``."""
    every = torch.ones_like(batch["heat"][:, :1, :1])
    parts = {"hm": focal_loss(result["hm"][:, 0], batch["heat"], every)}
    image, body = batch["body"].nonzero(as_tuple=True)
    if len(image):
        center, corners = batch["center"][image, body], batch["corners"][image, body]
        cell = center.floor().long()
        at = (image, slice(None), cell[:, 1], cell[:, 0])
        reach = (center[:, None] - corners).flatten(1)
        parts["reg"] = functional.l1_loss(result["reg"][at].float(), center - cell)
        parts["wh"] = functional.l1_loss(result["wh"][at].float(), reach)
    parts["total"] = torch.stack(list(parts.values())).sum()
    return parts


def overlap_radius(height: int, width: int, overlap: float = OVERLAP) -> float:
    """How far two corners of a box may move so that it still overlaps itself by ``overlap``.

    The least of three cases, both corners outwards, both inwards, one each way (Law and Deng 2018,
    with the roots as CenterNet's code has them, which the paper's training uses).
    """
    total = height + width
    area = width * height
    roots = []
    for a, b, c in (
        (1.0, total, area * (1 - overlap) / (1 + overlap)),
        (4.0, 2.0 * total, (1 - overlap) * area),
        (4 * overlap, -2 * overlap * total, (overlap - 1) * area),
    ):
        roots.append((b + math.sqrt(b * b - 4 * a * c)) / 2)
    return min(roots)


def add_peak(heat: NDArray[np.float32], center: NDArray[np.float32], radius: int) -> None:
    """A Gaussian of sigma (2 radius + 1) / 6 around the cell of ``center``, 1 in its middle."""
    column, row = np.floor(center).astype(int)
    ys, xs = np.ogrid[: heat.shape[0], : heat.shape[1]]
    near = (np.abs(xs - column) <= radius) & (np.abs(ys - row) <= radius)
    away = (xs - column) ** 2 + (ys - row) ** 2
    peak = np.exp(-away / (2 * ((2 * radius + 1) / 6) ** 2)) * near
    np.maximum(heat, peak.astype(np.float32), out=heat)
