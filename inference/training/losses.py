"""Loss of a network that labels all bodies: centres, corners, levels, anterior side and view.

The second stage has a separate loss.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from inference.decoding.corner_patches import PRIOR_SPREAD
from inference.decoding.corners import CORNER_STRIDE, WINDOW
from inference.decoding.vertebrae import STRIDE

_SPREAD_CELLS: Final = 0.9
"""Standard deviation of the corner target, in cells of stride 2."""
_GUESS_NOISE_CELLS: Final = 1.8
"""Standard deviation of the simulated error of the first corner estimate."""
_MAP_WEIGHT: Final = 0.25
_POSITION_WEIGHT: Final = 0.6
"""Weights of the map and of the position of a corner in the second stage, as in the first one."""


def total_loss(result: dict[str, Tensor], batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return each part of the loss, and ``total``.

    Bodies of mirrored images and of other views do not contribute.

    Parameters
    ----------
    result
        Result maps of the network.
    batch
        Targets from `inference.training.data.samples.all_body_targets`, and ``known``.
    """
    bodies = batch["body"].nonzero()
    parts = {"hm": focal_loss(result["hm"][:, 0], batch["heat"], _counted(batch))}
    parts["image"] = functional.cross_entropy(
        torch.stack([-result["image"][:, 0], result["image"][:, 0]], 1), batch["view"]
    )
    lateral = batch["view"] == 1
    # The anterior side is defined on lateral images only.
    if bool(lateral.any()):
        side = result["image"][:, 1][lateral]
        parts["side"] = functional.binary_cross_entropy_with_logits(
            side, batch["anterior_right"][lateral].float()
        )
    if len(bodies):
        parts |= _body_losses(result, batch, bodies)
    # Relative weights of the parts in the total.
    weights = {
        "hm": 1.0,
        "image": 0.3,
        "side": 0.3,
        "wh": 0.12,
        "reg": 0.2,
        "level": 0.6,
        "corner": 0.25,
        "offset": 0.6,
    }
    parts["total"] = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
    return parts


def focal_loss(heat: Tensor, target: Tensor, counted: Tensor) -> Tensor:
    """Return the penalty-reduced focal loss per body (Zhou et al. 2019, CenterNet).

    Parameters
    ----------
    heat, target
        Predicted and target heat map (N, H, W).
    counted
        Weights (N, H, W), 0 where the ground truth is not known.
    """
    # The logarithms must stay finite.
    heat = heat.float().clamp(1e-4, 1 - 1e-4)
    # Cells of a peak have exactly 1 before rounding to the type of the batch.
    peak = (target > 0.999).float()
    positive = torch.log(heat) * (1 - heat) ** 2 * peak
    negative = torch.log(1 - heat) * heat**2 * (1 - target) ** 4 * (1 - peak)
    return -((positive + negative) * counted).sum() / ((peak * counted).sum() + 1)


def _counted(batch: dict[str, Tensor]) -> Tensor:
    """Return where bodies are known: nowhere on an image with the anterior side on the left."""
    return batch["anterior_right"][:, None, None] * batch["known"]


def _body_losses(
    result: dict[str, Tensor], batch: dict[str, Tensor], bodies: Tensor
) -> dict[str, Tensor]:
    """Return the parts of the loss that are read at bodies, given as (image, body) indices."""
    image, body = bodies[:, 0], bodies[:, 1]
    center = batch["center"][image, body]
    corners = batch["corners"][image, body]
    height, width = result["hm"].shape[-2:]
    # Decoding may pick a neighbouring cell as peak, so these are trained as well.
    # Drawn on the CPU, whose random state is saved for an exact resumption (Trainer.save_state).
    jitter = torch.randint(-1, 2, center.shape).to(center.device)
    cell = center.round().long() + jitter
    cell[:, 0].clamp_(0, width - 1)
    cell[:, 1].clamp_(0, height - 1)
    at = (image, slice(None), cell[:, 1], cell[:, 0])
    reg, wh = result["reg"][at].float(), result["wh"][at].float()
    offset = center - cell
    reach = (center[:, None] - corners / STRIDE).flatten(1)
    parts = {
        "reg": functional.l1_loss(reg, offset),
        "wh": functional.smooth_l1_loss(wh, reach, beta=0.5),
        "level": level_loss(result["level"].float(), center, image, body, (height, width)),
    }
    end = torch.tensor([width, height], device=corners.device) * STRIDE
    # Corners outside the image cannot be located.
    inside = ((corners > 0) & (corners < end)).all(-1)
    item, kind = inside.nonzero(as_tuple=True)
    if len(item):
        point = corners[item, kind] / CORNER_STRIDE
        # Logits are read around a noisy estimate, as decoding reads them around the coarse corner.
        guess = point + _GUESS_NOISE_CELLS * torch.randn(point.shape).to(point.device)
        logits, xs, ys = read_windows(result["corner"].float(), image[item], kind, guess)
        away = (xs - point[:, None, 0]) ** 2 + (ys - point[:, None, 1]) ** 2
        target = torch.softmax(-away / (2 * _SPREAD_CELLS**2), 1)
        log_share = torch.log_softmax(logits, 1)
        share = log_share.exp()
        parts["corner"] = -(target * log_share).sum(1).mean()
        mean = torch.stack([(share * xs).sum(1), (share * ys).sum(1)], 1)
        parts["offset"] = functional.smooth_l1_loss(mean, point, beta=0.3)
    return parts


def level_loss(
    level: Tensor, center: Tensor, image: Tensor, body: Tensor, size: tuple[int, int]
) -> Tensor:
    """Return the cross-entropy of level logits, read at the centres of bodies."""
    return functional.cross_entropy(sample_levels(level, center, image, size), body)


def sample_levels(level: Tensor, center: Tensor, image: Tensor, size: tuple[int, int]) -> Tensor:
    """Return level logits at the centres of bodies.

    Values are interpolated bilinearly with repeated borders, as by ``grid_sample``, but for all
    images at once.

    Parameters
    ----------
    level
        Map (N, classes, h, w).
    center
        Centres (bodies, 2) as x, y in cells of a map of ``size``.
    image
        Index of the image of each body, (bodies,).
    size
        Height and width of the map to which ``center`` refers.

    Returns
    -------
    Tensor
        Logits (bodies, classes).
    """
    height, width = level.shape[-2:]
    x = ((center[:, 0] + 0.5) * (width / size[1]) - 0.5).clamp(0, width - 1)
    y = ((center[:, 1] + 0.5) * (height / size[0]) - 0.5).clamp(0, height - 1)
    left, above = x.floor().long(), y.floor().long()
    right, below = (left + 1).clamp_max(width - 1), (above + 1).clamp_max(height - 1)
    across, down = (x - left)[:, None], (y - above)[:, None]
    upper = level[image, :, above, left] * (1 - across) + level[image, :, above, right] * across
    lower = level[image, :, below, left] * (1 - across) + level[image, :, below, right] * across
    return upper * (1 - down) + lower * down


def read_windows(
    maps: Tensor, image: Tensor, kind: Tensor, guess: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the logits in windows around estimated corners.

    Parameters
    ----------
    maps
        Corner maps (N, 4, H, W).
    image, kind
        Index of image and of corner for each point, (points,).
    guess
        Estimated corners (points, 2) as x, y in cells.

    Returns
    -------
    logits, xs, ys
        (points, cells) each; logits outside the map are -30, which is a probability near 0.
    """
    height, width = maps.shape[-2:]
    span = torch.arange(-WINDOW, WINDOW + 1, device=guess.device)
    middle = guess.round().long()
    ys = (middle[:, 1, None, None] + span[None, :, None]).expand(-1, -1, len(span)).flatten(1)
    xs = (middle[:, 0, None, None] + span[None, None, :]).expand(-1, len(span), -1).flatten(1)
    outside = (xs < 0) | (xs >= width) | (ys < 0) | (ys >= height)
    # Clipping only keeps indices valid; such cells are masked below.
    logits = maps[image[:, None], kind[:, None], ys.clamp(0, height - 1), xs.clamp(0, width - 1)]
    return logits.masked_fill(outside, -30.0), xs.float(), ys.float()


def refinement_loss(logits: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """Return the mean loss per corner: cross-entropy of the map, and error of its mean position.

    Parameters
    ----------
    logits
        Corner maps (N, patches, 4, h, w).
    batch
        Targets from `inference.training.data.corner_patches.patch_targets`.
    """
    height, width = logits.shape[-2:]
    ys, xs = (torch.arange(n, device=logits.device, dtype=torch.float32) for n in (height, width))
    first, true = batch["patch_first"], batch["patch_corners"]
    # As in `inference.decoding.corner_patches.locate_in_patches`.
    log_share = torch.log_softmax(
        (logits.float() - _squared(first, xs, ys) / (2 * (PRIOR_SPREAD * width) ** 2)).flatten(3), 3
    )
    target = torch.softmax((-_squared(true, xs, ys) / (2 * _SPREAD_CELLS**2)).flatten(3), 3)
    cross_entropy = -(target * log_share).sum(3)
    share = log_share.exp().reshape(logits.shape)
    mean = torch.stack([(share.sum(3) * xs).sum(3), (share.sum(4) * ys).sum(3)], dim=-1)
    distance = functional.smooth_l1_loss(mean, true, beta=0.2, reduction="none").sum(3)
    known = batch["patch_known"].float()
    total = ((_MAP_WEIGHT * cross_entropy + _POSITION_WEIGHT * distance) * known).sum()
    return total / known.sum().clamp_min(1)


def _squared(points: Tensor, xs: Tensor, ys: Tensor) -> Tensor:
    """Return squared distances (..., h, w) of all cells from points (..., 2)."""
    across = (xs - points[..., 0, None]) ** 2
    down = (ys - points[..., 1, None]) ** 2
    return across[..., None, :] + down[..., :, None]
