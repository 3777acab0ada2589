"""Targets and loss of the paper, for networks that label six bodies by rank."""

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
"""Overlap that determines the radius of heat map peaks, as in the authors' code."""
MIRRORED: Final = (1, 0, 3, 2)
"""Corner order of mirrored images: the paper names corners by left and right in the image."""


def ranked_targets(example: Example) -> dict[str, NDArray[Any]]:
    """Return the training targets for T12 to L5.

    Returns
    -------
    dict
        ``grey`` (H, W); ``heat`` (H / 4, W / 4); ``center`` (6, 2) and ``corners`` (6, 4, 2) in
        cells of stride 4; ``body`` (6,), bodies to train on.
    """
    height, width = example.grey.shape
    order = slice(None) if example.anterior_right else list(MIRRORED)
    corners = example.corners[ROWS][:, order].astype(np.float32) / STRIDE
    center = corners.mean(axis=1)
    body = example.visible[ROWS] & bool(example.view)
    heat = np.zeros((height // STRIDE, width // STRIDE), np.float32)
    for index in np.flatnonzero(body):
        tall = float(corners[index, 2:, 1].mean() - corners[index, :2, 1].mean())
        wide = float(np.abs(corners[index, 1::2, 0].mean() - corners[index, ::2, 0].mean()))
        radius = max(0, int(overlap_radius(math.ceil(tall), math.ceil(wide))))
        add_peak(heat, center[index], radius)
    return {"grey": example.grey, "heat": heat, "center": center, "corners": corners, "body": body}


def ranked_loss(result: dict[str, Tensor], batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return focal loss of the heat map, L1 losses of offsets and corners, and ``total``."""
    everywhere = torch.ones_like(batch["heat"][:, :1, :1])
    parts = {"hm": focal_loss(result["hm"][:, 0], batch["heat"], everywhere)}
    image, body = batch["body"].nonzero(as_tuple=True)
    if len(image):
        center, corners = batch["center"][image, body], batch["corners"][image, body]
        # Offsets and corners are trained only at the cell of the peak, as in the authors' code.
        cell = center.floor().long()
        at = (image, slice(None), cell[:, 1], cell[:, 0])
        reach = (center[:, None] - corners).flatten(1)
        parts["reg"] = functional.l1_loss(result["reg"][at].float(), center - cell)
        parts["wh"] = functional.l1_loss(result["wh"][at].float(), reach)
    parts["total"] = torch.stack(list(parts.values())).sum()
    return parts


def overlap_radius(height: int, width: int, overlap: float = OVERLAP) -> float:
    """Return by how much two corners of a box may move for a given overlap (Law and Deng 2018).

    It is the smallest of three cases: both corners move outwards, both inwards, or one each way.
    The roots are those of the CenterNet code, which differ from the publication and which the
    training of the paper uses.

    Parameters
    ----------
    height, width
        Size of the box in cells.
    overlap
        Required intersection over union of the original and the changed box.
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
    """Add a Gaussian peak of height 1 and sigma (2 radius + 1) / 6 to a heat map, in place.

    ``center`` is x, y in cells; the peak is at the centre of its cell.
    """
    column, row = np.floor(center).astype(int)
    ys, xs = np.ogrid[: heat.shape[0], : heat.shape[1]]
    near = (np.abs(xs - column) <= radius) & (np.abs(ys - row) <= radius)
    away = (xs - column) ** 2 + (ys - row) ** 2
    peak = np.exp(-away / (2 * ((2 * radius + 1) / 6) ** 2)) * near
    # Peaks of neighbouring bodies may overlap.
    np.maximum(heat, peak.astype(np.float32), out=heat)
