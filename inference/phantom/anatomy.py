"""Lateral anatomy of one subject's spine: shape and position of each vertebral body, in mm.

Frame: x points anteriorly, y caudally, with the origin in the centre of L3. A tilt is the angle of
a body's antero-posterior axis, positive if the anterior side is lower.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.landmarks import COLUMN

Array = NDArray[np.float32]
Values = NDArray[Any]
# Search range in mm, from the intersection of straight edges to the tip of a rounded corner.
_DEEPEST_TIP: Final = 6.0
_STEPS: Final = np.linspace(0, _DEEPEST_TIP, 121)

LEVELS: Final = COLUMN
"""All bodies that a phantom can have, in cranio-caudal order."""


@dataclass(frozen=True, slots=True)
class BodyShape:
    """One vertebral body: a quadrilateral with concave sides and rounded corners.

    Attributes
    ----------
    level : str
        Name of the vertebra.
    center : (float, float), mm
        Centre of the body.
    tilt : float, radians
        Angle of the antero-posterior axis.
    depth : float, mm
        Antero-posterior depth at mid-height.
    posterior, anterior : float, mm
        Heights at the two walls.
    concavity_superior, concavity_inferior : float, mm
        Depth of the concavity of each endplate.
    waist_anterior, waist_posterior : float, mm
        Depth of the concavity of each wall.
    flare : float
        1 for parabolic walls, less for straight walls with protruding corners.
    corner : float, mm
        Radius of the posterior corners.
    corner_superior, corner_inferior : float, mm
        Radii of the anterior corners, which wear more.
    roll_superior, roll_inferior : float, mm
        Half the distance between the two projected rims of an endplate.
    lip_superior, lip_inferior : float, mm
        Length of the anterior osteophyte at that corner.
    lip_superior_posterior, lip_inferior_posterior : float, mm
        Length of the posterior osteophyte at that corner.
    sclerosis_superior, sclerosis_inferior : float
        How much denser and thicker a sclerotic endplate is; 0 for a normal one.
    density : float
        Relative density; 1 is typical.
    rims_back : float, mm
        How far the posterior wall extends further back left and right than in the midline, where
        the landmarks are.
    dents : tuple
        Schmorl's nodes: endplate (-1 superior, 1 inferior), position along it, half width and
        depth in mm.
    shade, fade : float
        How much denser trabecular bone and endplates are anteriorly than posteriorly, as a share
        of the mean.
    """

    level: str
    center: tuple[float, float]
    tilt: float
    depth: float
    posterior: float
    anterior: float
    concavity_superior: float
    concavity_inferior: float
    waist_anterior: float
    waist_posterior: float
    flare: float
    corner: float
    corner_superior: float
    corner_inferior: float
    roll_superior: float
    roll_inferior: float
    lip_superior: float
    lip_inferior: float
    density: float
    rims_back: float = 0.0
    dents: tuple[tuple[int, float, float, float], ...] = ()
    shade: float = 0.0
    fade: float = 0.0
    lip_superior_posterior: float = 0.0
    lip_inferior_posterior: float = 0.0
    sclerosis_superior: float = 0.0
    sclerosis_inferior: float = 0.0

    def point_at(self, along: float, down: float) -> tuple[float, float]:
        """Return the point ``along`` mm anterior and ``down`` mm caudal along the body's axes."""
        cos, sin = math.cos(self.tilt), math.sin(self.tilt)
        return (
            self.center[0] + along * cos - down * sin,
            self.center[1] + along * sin + down * cos,
        )

    def half_height(self, along: float) -> float:
        """Return half the height (mm) at ``along`` mm, without the concavity of the endplates."""
        share = (along + self.depth / 2) / self.depth
        return (self.posterior + (self.anterior - self.posterior) * share) / 2

    def depth_within_walls(self, along: Values, v: Values) -> tuple[Values, Values]:
        """Return distances in mm from the anterior and from the posterior wall, positive inside.

        ``along`` is in mm; ``v`` is -1 at the superior and 1 at the inferior endplate.
        Osteophytes are not included.
        """
        # The contour that is drawn also gives the landmarks: anterior corners of waisted bodies
        # once lay up to a millimetre outside it.
        waist = np.maximum(1 - v * v, 0) ** np.float32(self.flare)
        front = np.float32(self.depth / 2) - along - np.float32(self.waist_anterior) * waist
        back = np.float32(self.depth / 2) + along - np.float32(self.waist_posterior) * waist
        return front, back

    def depth_within_endplates(
        self, u: Values, half: Values, down: Values
    ) -> tuple[Values, Values]:
        """Return distances in mm from the superior and the inferior endplate, positive inside.

        ``u`` is -1 at the posterior and 1 at the anterior wall; ``half`` (half the height there)
        and ``down`` are in mm.
        """
        bow = np.maximum(1 - u * u, 0)
        above = half + down - np.float32(self.concavity_superior) * bow
        below = half - down - np.float32(self.concavity_inferior) * bow
        return above, below

    def radius(self, u: Values, v: Values) -> Values:
        """Return the radius in mm of the nearest corner."""
        anterior = np.where(v < 0, self.corner_superior, self.corner_inferior)
        return np.where(u < 0, self.corner, anterior).astype(np.float32)

    def corners(self) -> NDArray[np.float64]:
        """Return the corner landmarks (4, 2) in mm.

        Order: superior posterior, superior anterior, inferior posterior, inferior anterior. Each is
        the tip of the rounded corner, where the contour crosses the corner's bisector. Osteophytes
        do not move it; of a doubled endplate it is halfway between the two rims.
        """
        return _tips(self)


def rounded(vertical: Values, horizontal: Values, radius: Values) -> Array:
    """Return the signed distance (mm, positive inside) from two edges with a rounded corner."""
    nearest = np.minimum(vertical, horizontal)
    a, b = np.maximum(radius - vertical, 0), np.maximum(radius - horizontal, 0)
    round_part = radius - np.sqrt(a * a + b * b)
    # Where only one edge is near, the distance to it is the same in both formulas.
    return np.where((a > 0) & (b > 0), round_part, nearest).astype(np.float32)


@lru_cache(maxsize=64)
def _tips(body: BodyShape) -> NDArray[np.float64]:
    """Return the points (4, 2) where the contour crosses the bisectors of the corners."""
    steps, signs, fronts = _STEPS, (-1.0, -1.0, 1.0, 1.0), (-1.0, 1.0, -1.0, 1.0)
    sign, front = np.array(signs)[:, None], np.array(fronts)[:, None]
    along = front * (body.depth / 2 - steps)
    lean = (body.anterior - body.posterior) / (2 * body.depth)
    half = (body.posterior + body.anterior) / 4 + along * lean
    down = sign * (half - steps)
    u, v = along / (body.depth / 2), down / half
    before, behind = body.depth_within_walls(along, v)
    above, below = body.depth_within_endplates(u, half, down)
    wall, plate = np.where(front > 0, before, behind), np.where(sign < 0, above, below)
    inside = rounded(plate, wall, body.radius(u, v))
    tips = np.empty((4, 2))
    for corner, way in enumerate(inside):
        k = int(np.argmax(way >= 0)) if (way >= 0).any() else len(steps) - 1
        # Interpolated between two steps, so that landmarks are exact to less than a step.
        share = way[k - 1] / (way[k - 1] - way[k]) if k else 0.0
        step = steps[k - 1] + share * (steps[k] - steps[k - 1]) if k else 0.0
        tall = np.interp(step, steps, half[corner])
        in_depth, in_height = body.depth / 2 - float(step), float(tall - step)
        tips[corner] = body.point_at(fronts[corner] * in_depth, signs[corner] * in_height)
    # The array is shared by all callers of the cache.
    tips.flags.writeable = False
    return tips


@dataclass(frozen=True, slots=True)
class Spine:
    """The vertebral bodies of one subject from T3 to S1, in cranio-caudal order.

    Attributes
    ----------
    bodies : tuple of BodyShape
        The bodies.
    fused : tuple of int
        Indices of bodies that are fused with the next one.
    asymmetry : float
        Relative distance between left and right posterior elements in projection: 1 in a straight
        spine, more in scoliosis.
    bridges : tuple of (int, str)
        Osteophytes that bridge the disc below a body, at its "anterior" or "posterior" side.
    vacuum : tuple of int
        Indices of bodies with gas in the disc below.
    """

    bodies: tuple[BodyShape, ...]
    fused: tuple[int, ...] = ()
    asymmetry: float = 1.0
    bridges: tuple[tuple[int, str], ...] = ()
    vacuum: tuple[int, ...] = ()

    def body(self, level: str) -> BodyShape:
        """Return the body of a level; raise ``KeyError`` if the subject has no such vertebra."""
        for body in self.bodies:
            if body.level == level:
                return body
        raise KeyError(level)

    @property
    def lumbar(self) -> tuple[BodyShape, ...]:
        """Return the lumbar bodies in cranio-caudal order: five, rarely four or six."""
        return tuple(body for body in self.bodies if body.level.startswith("L"))

    def corners(self) -> NDArray[np.float64]:
        """Return landmarks (17, 4, 2) in mm in the order of `LEVELS`, NaN for absent bodies."""
        corners = np.full((len(LEVELS), 4, 2), np.nan)
        for body in self.bodies:
            corners[LEVELS.index(body.level)] = body.corners()
        return corners
