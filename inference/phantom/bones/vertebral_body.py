"""Drawing of one vertebral body: trabecular bone, endplates, walls and osteophytes."""

from __future__ import annotations

import numpy as np

from inference.phantom.anatomy import BodyShape, Values, rounded
from inference.phantom.raster import Array, Grid, ramp

_MARGIN_MM = 3.0
"""Width of edges and shells beyond the outline of a body."""
_VISIBLE_RIM = 0.2
"""Two rims closer than this share of a pixel are drawn as one."""


def add_body(
    canvas: Array,
    grid: Grid,
    body: BodyShape,
    *,
    fill: float,
    endplate: float,
    wall: float,
    shell_mm: float,
) -> None:
    """Add a vertebral body with trabecular bone, cortical walls, end plates and osteophytes.

    Parameters
    ----------
    canvas : float32 array (H, W)
        The map, changed in place.
    grid : Grid
        Its pixels.
    body : BodyShape
        The body.
    fill, endplate, wall : float
        Values of trabecular bone, end plates and walls.
    shell_mm : float
        Thickness of the cortical bone.
    """
    box = grid.window(*_bounds(body))
    if box is None:
        return
    index, x, y = box
    cos, sin = np.float32(np.cos(body.tilt)), np.float32(np.sin(body.tilt))
    dx, dy = x - np.float32(body.center[0]), y - np.float32(body.center[1])
    along = dx * cos + dy * sin
    down = dy * cos - dx * sin

    u = along * np.float32(2 / body.depth)
    half = u * np.float32((body.anterior - body.posterior) / 4)
    half += np.float32((body.posterior + body.anterior) / 4)
    v = down / np.maximum(half, 4)
    front, back = body.depth_within_walls(along, v)
    front, back = _with_lips(body, front, back, v)
    above, below = body.depth_within_endplates(u, half, down)
    for plate, position, wide, deep in body.dents:
        dent = np.float32(deep) * np.exp(
            -(((along - np.float32(position)) / np.float32(wide)) ** 2)
        )
        above, below = (above - dent, below) if plate < 0 else (above, below - dent)

    edge = max(0.5, 0.7 * grid.finest_mm)
    # The posterior wall extends further back laterally: a grey margin without end plates.
    side = np.minimum(front, back + np.float32(body.rims_back))
    dense = 1 + back * np.float32(1 / max(body.rims_back, 0.1))
    dense = np.sqrt(np.minimum(np.maximum(dense, 0), 1))
    shell = max(shell_mm, 0.62 * grid.finest_mm)
    # The same amount of bone, spread over a wider shell on a coarse grid.
    strength = np.float32(shell_mm / shell)
    value, plates = _between_rims(
        body, grid, u, (above, below), side, body.radius(u, v), edge, shell
    )
    value *= dense
    chord = np.float32(0.72) + np.float32(0.28) * np.sqrt(np.maximum(1 - np.abs(u * u * u), 0))
    # No wall where the pedicles arise.
    free = np.minimum(np.maximum((v + np.float32(0.3)) * np.float32(2.5), np.float32(0.15)), 1)
    free *= np.float32(1 / (1 + 0.5 * body.rims_back))
    walls = _shell(front, shell) + np.float32(0.7) * free * _shell(back, shell)
    lean = np.minimum(np.maximum(u, -1), 1)
    plates *= dense * (1 + np.float32(body.fade) * lean) * ramp(back, 1.5)
    total = np.float32(fill) * value * chord * (1 + np.float32(body.shade) * lean)
    total += np.float32(endplate) * strength * plates
    total += np.float32(wall) * strength * walls * value
    total *= np.float32(body.density)
    canvas[index] += total


def _bounds(body: BodyShape) -> tuple[float, float, float, float]:
    """Return x0, x1, y0, y1 (mm) of a box that contains the body with its osteophytes."""
    ahead = max(body.lip_superior, body.lip_inferior)
    behind = max(body.rims_back, body.lip_superior_posterior, body.lip_inferior_posterior)
    deep = body.depth / 2 + max(ahead, behind) + _MARGIN_MM
    tall = max(body.posterior, body.anterior) / 2 + max(body.roll_superior, body.roll_inferior)
    tall += _MARGIN_MM
    cos, sin = abs(np.cos(body.tilt)), abs(np.sin(body.tilt))
    wide, high = float(deep * cos + tall * sin), float(deep * sin + tall * cos)
    cx, cy = body.center
    return cx - wide, cx + wide, cy - high, cy + high


def _with_lips(body: BodyShape, front: Values, back: Values, v: Values) -> tuple[Values, Values]:
    """Return distances from the walls (positive inside) including the osteophytes."""
    anterior = (body.lip_superior, body.lip_inferior)
    posterior = (body.lip_superior_posterior, body.lip_inferior_posterior)
    for sign, ahead, behind in zip((-1, 1), anterior, posterior, strict=True):
        if ahead or behind:
            beak = np.minimum(np.maximum((sign * v - np.float32(0.62)) * np.float32(2.6), 0), 1)
            beak *= beak
            front = front + np.float32(ahead) * beak
            back = back + np.float32(behind) * beak
    return front, back


def _between_rims(
    body: BodyShape,
    grid: Grid,
    u: Array,
    depths: tuple[Values, Values],
    side: Values,
    corner: Values,
    edge: float,
    shell: float,
) -> tuple[Array, Array]:
    """Return the amount of trabecular bone and of endplate, over both projected rims.

    ``depths`` are the distances in mm from the superior and the inferior endplate.
    """
    above, below = depths
    rolls = (body.roll_superior, body.roll_inferior)
    doubled = max(rolls) > _VISIBLE_RIM * grid.finest_mm
    signs = (-1.0, 1.0) if doubled else (0.0,)
    part = np.float32(1 / len(signs))
    arc = np.sqrt(np.maximum(1 - u * u, 0)) if doubled else np.float32(0)
    hard = (1 + body.sclerosis_superior, 1.15 * (1 + body.sclerosis_inferior))
    wide = tuple(
        shell * (1 + 0.6 * extra) for extra in (body.sclerosis_superior, body.sclerosis_inferior)
    )
    value, plates = np.zeros_like(u), np.zeros_like(u)
    for sign in signs:
        upper = above + np.float32(sign * rolls[0]) * arc
        lower = below + np.float32(sign * rolls[1]) * arc
        solid = ramp(rounded(np.minimum(upper, lower), side, corner), edge)
        value += solid
        near = np.float32(hard[0]) * _shell(upper, wide[0])
        near += np.float32(hard[1]) * _shell(lower, wide[1])
        plates += near * solid
    return value * part, plates * part


def _shell(depth: Values, thickness: float) -> Array:
    """Return the density of a shell of a thickness (mm) at a depth (mm) inside its surface."""
    share = depth * np.float32(1 / thickness) - np.float32(1)
    return np.asarray(np.exp(-(share * share)), np.float32)
