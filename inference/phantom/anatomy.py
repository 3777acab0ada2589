"""The bones of one subject: where each vertebral body lies, in mm, seen from the side.

The frame is the phantom's own: x towards the front of the body, y towards the feet, the origin in
the middle of L3. A tilt is the angle of a body's antero-posterior axis, positive where the front
is lower.
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
_DEEPEST_TIP: Final = 6.0
"""mm from where straightened edges would meet to the farthest tip of a rounded corner."""

LEVELS: Final = COLUMN
"""Every body that the phantom can draw and mark."""


@dataclass(frozen=True, slots=True)
class BodyShape:
    """One vertebral body: a quadrilateral with bowed sides and rounded corners.

    Attributes
    ----------
    center : (2,) mm
    tilt : radians, of the antero-posterior axis
    depth : mm, front to back in the middle
    posterior, anterior : mm, heights at the two walls
    concavity_superior, concavity_inferior : mm, how far the end plates dip in the middle
    waist_anterior, waist_posterior : mm, how far the walls dip in the middle
    flare : 1 for walls bowed like a parabola, less where the corners stand out from straight walls
    corner : mm, radius of the rounded posterior corners
    corner_superior, corner_inferior : mm, the same of the anterior ones, which wear more
    roll_superior, roll_inferior : mm, half the distance between the doubled edges of an end plate
    lip_superior, lip_inferior : mm, reach of the anterior osteophyte at that corner
    density : 1 is typical
    rims_back : mm by which the posterior wall stands further back left and right than in the
        middle, where the landmarks are
    dents : Schmorl's nodes: which end plate (-1 superior, 1 inferior), place along it, half width
        and depth in mm
    shade, fade : how much denser the spongy bone and the end plates are in front than behind, as a
        share of the mean
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

    def place(self, along: float, down: float) -> tuple[float, float]:
        """Point at ``along`` mm to the front and ``down`` mm to the feet in the body's own axes."""
        cos, sin = math.cos(self.tilt), math.sin(self.tilt)
        return (
            self.center[0] + along * cos - down * sin,
            self.center[1] + along * sin + down * cos,
        )

    def half_height(self, along: float) -> float:
        """Half the height at ``along``, without the dip of the end plates."""
        share = (along + self.depth / 2) / self.depth
        return (self.posterior + (self.anterior - self.posterior) * share) / 2

    def in_walls(self, along: Values, v: Values) -> tuple[Values, Values]:
        """How far, in mm, places lie behind the anterior wall and before the posterior one.

        ``v`` is -1 at the superior and 1 at the inferior end plate. Osteophytes do not count.
        """
        waist = np.clip(1 - v * v, 0, 1) ** np.float32(self.flare)
        front = np.float32(self.depth / 2) - along - np.float32(self.waist_anterior) * waist
        back = np.float32(self.depth / 2) + along - np.float32(self.waist_posterior) * waist
        return front, back

    def in_plates(self, u: Values, half: Values, down: Values) -> tuple[Values, Values]:
        """How far, in mm, places lie below the superior and above the inferior end plate.

        ``u`` is -1 at the posterior and 1 at the anterior wall, ``half`` half the height there.
        """
        bow = np.clip(1 - u * u, 0, 1)
        above = half + down - np.float32(self.concavity_superior) * bow
        below = half - down - np.float32(self.concavity_inferior) * bow
        return above, below

    def radius(self, u: Values, v: Values) -> Values:
        """Of the rounded corner that is nearest."""
        anterior = np.where(v < 0, self.corner_superior, self.corner_inferior)
        return np.where(u < 0, self.corner, anterior).astype(np.float32)

    def corners(self) -> NDArray[np.float64]:
        """The four landmarks (4, 2): superior posterior, superior anterior, inferior the same.

        Each is the tip of the rounded corner: the point of the contour on the corner's bisector.
        An osteophyte does not move it; of two edges of a doubled end plate it is the middle.
        """
        return _tips(self)


def rounded(vertical: Values, horizontal: Values, radius: Values) -> Array:
    """Signed distance within two perpendicular edges that meet in a rounded corner."""
    nearest = np.minimum(vertical, horizontal)
    a, b = radius - vertical, radius - horizontal
    round_part = radius - np.sqrt(np.clip(a, 0, None) ** 2 + np.clip(b, 0, None) ** 2)
    return np.where((a > 0) & (b > 0), round_part, nearest).astype(np.float32)


@lru_cache(maxsize=64)
def _tips(body: BodyShape) -> NDArray[np.float64]:
    """Where the contour crosses the bisectors of the corners."""
    steps = np.linspace(0, _DEEPEST_TIP, 121)
    signs, fronts = (-1.0, -1.0, 1.0, 1.0), (-1.0, 1.0, -1.0, 1.0)
    sign, front = np.array(signs)[:, None], np.array(fronts)[:, None]
    along = front * (body.depth / 2 - steps)
    lean = (body.anterior - body.posterior) / (2 * body.depth)
    half = (body.posterior + body.anterior) / 4 + along * lean
    down = sign * (half - steps)
    u, v = along / (body.depth / 2), down / half
    before, behind = body.in_walls(along, v)
    above, below = body.in_plates(u, half, down)
    wall, plate = np.where(front > 0, before, behind), np.where(sign < 0, above, below)
    inside = rounded(plate, wall, body.radius(u, v))
    tips = np.empty((4, 2))
    for corner, way in enumerate(inside):
        k = int(np.argmax(way >= 0)) if (way >= 0).any() else len(steps) - 1
        share = way[k - 1] / (way[k - 1] - way[k]) if k else 0.0
        step = steps[k - 1] + share * (steps[k] - steps[k - 1]) if k else 0.0
        tall = np.interp(step, steps, half[corner])
        in_depth, in_height = body.depth / 2 - float(step), float(tall - step)
        tips[corner] = body.place(fronts[corner] * in_depth, signs[corner] * in_height)
    tips.flags.writeable = False
    return tips


@dataclass(frozen=True, slots=True)
class Spine:
    """The bodies of one subject from T3 to S1, from above.

    ``fused`` holds the places (indices) of bodies that have grown together with the next one.
    ``turned`` is how far the posterior elements of left and right stand apart, 1 in a straight
    column and more in a scoliotic one.
    """

    bodies: tuple[BodyShape, ...]
    fused: tuple[int, ...] = ()
    turned: float = 1.0

    def body(self, level: str) -> BodyShape:
        """Raises ``KeyError`` where the subject has no such vertebra."""
        for body in self.bodies:
            if body.level == level:
                return body
        raise KeyError(level)

    @property
    def lumbar(self) -> tuple[BodyShape, ...]:
        """The lumbar bodies, from above: five, seldom four or six."""
        return tuple(body for body in self.bodies if body.level.startswith("L"))

    def corners(self) -> NDArray[np.float64]:
        """Landmarks (17, 4, 2) in mm in the order of ``LEVELS``; NaN where there is no body."""
        found = np.full((len(LEVELS), 4, 2), np.nan)
        for body in self.bodies:
            found[LEVELS.index(body.level)] = body.corners()
        return found
