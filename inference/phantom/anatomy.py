"""The bones of one subject: where each vertebral body lies, in mm, seen from the side.

The frame is the phantom's own: x towards the front of the body, y towards the feet, the origin in
the middle of L3. A tilt is the angle of a body's antero-posterior axis, positive where the front
is lower.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

LEVELS: Final[tuple[str, ...]] = (
    *(f"T{n}" for n in range(3, 13)),
    *(f"L{n}" for n in range(1, 6)),
    "S1",
)
"""Every body that the phantom draws and marks, from above."""

# Typical adults, from T3 to S1: depth (front to back) and posterior height of the body in mm,
# anterior over posterior height, height of the disc below in mm, and tilt in degrees.
_DEPTH: Final = (20, 21, 22, 23.5, 25, 26.5, 28, 29, 30, 31, 32, 33, 34, 34.5, 34.5, 33)
_HEIGHT: Final = (17, 17.8, 18.5, 19.2, 20, 20.8, 21.5, 22.5, 23.7, 25.4, 27, 28, 28, 27.3, 25, 27)
_WEDGE: Final = (
    *(0.97, 0.97, 0.97, 0.96, 0.96, 0.96, 0.97, 0.97, 0.97, 0.97),
    *(0.97, 1.00, 1.02, 1.05, 1.17, 1.08),
)
_DISC: Final = (3, 3, 3.2, 3.4, 3.6, 3.9, 4.2, 4.6, 5.2, 6.0, 7.2, 8.4, 9.6, 10.6, 9.5, 1.5)
_TILT: Final = (15, 12, 9, 5, 1, -3, -6, -8, -9.5, -10.5, -9.5, -6, 0, 9, 23, 47)


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
    corner : mm, radius of the rounded corners
    roll_superior, roll_inferior : mm, half the distance between the doubled edges of an end plate
    lip_superior, lip_inferior : mm, reach of the anterior osteophyte at that corner
    density : 1 is typical
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
    roll_superior: float
    roll_inferior: float
    lip_superior: float
    lip_inferior: float
    density: float
    shade: float = 0.0
    fade: float = 0.0

    def place(self, along: float, down: float) -> tuple[float, float]:
        """Point at ``along`` mm to the front and ``down`` mm to the feet in the body's own axes."""
        cos, sin = float(np.cos(self.tilt)), float(np.sin(self.tilt))
        return (
            self.center[0] + along * cos - down * sin,
            self.center[1] + along * sin + down * cos,
        )

    def half_height(self, along: float) -> float:
        """Half the height at ``along``, without the dip of the end plates."""
        share = (along + self.depth / 2) / self.depth
        return (self.posterior + (self.anterior - self.posterior) * share) / 2

    def corners(self) -> NDArray[np.float64]:
        """The four landmarks (4, 2): superior posterior, superior anterior, inferior the same.

        Each is the tip of the rounded corner: the point of the contour on the corner's bisector.
        An osteophyte does not move it; of two edges of a doubled end plate it is the middle.
        """
        inset = self.corner * (1 - 1 / np.sqrt(2))
        points = []
        for sign in (-1.0, 1.0):
            for front in (-1.0, 1.0):
                along = front * (self.depth / 2 - inset)
                points.append(self.place(along, sign * (self.half_height(along) - inset)))
        return np.array(points)


@dataclass(frozen=True, slots=True)
class Spine:
    """The bodies from T3 to S1, in the order of ``LEVELS``."""

    bodies: tuple[BodyShape, ...]

    def body(self, level: str) -> BodyShape:
        return self.bodies[LEVELS.index(level)]


def sample_spine(rng: np.random.Generator) -> Spine:
    """Draw one subject's column: size, curvature, degeneration, fractures."""
    count = len(LEVELS)
    size = rng.normal(1.0, 0.075)
    depth = np.array(_DEPTH) * size * rng.normal(1.0, 0.05) * (1 + rng.normal(0, 0.015, count))
    height = np.array(_HEIGHT) * size * rng.normal(1.0, 0.03) * (1 + rng.normal(0, 0.02, count))
    wedge = np.array(_WEDGE) + rng.normal(0, 0.025, count)
    disc = np.array(_DISC) * size * rng.normal(0.95, 0.16) * np.exp(rng.normal(0, 0.14, count))
    if rng.random() < 0.3:  # narrowed discs
        for _ in range(int(rng.integers(1, 4))):
            disc[int(rng.integers(6, count - 1))] *= rng.uniform(0.25, 0.7)
    tilt = _sample_tilt(rng)
    anterior, posterior, biconcave = _fracture(rng, height, wedge)

    concavity = rng.uniform(0.5, 2.2) * size * (1 + rng.normal(0, 0.25, (2, count)))
    concavity = np.clip(concavity, 0.2, 4) + biconcave
    concavity[1] *= rng.uniform(0.9, 1.4)
    roll_scale = abs(rng.normal(0, 1.1))
    roll = np.abs(roll_scale * _smooth(rng, count) + rng.normal(0, 0.25, count))
    lips = np.where(rng.random((2, count)) < rng.uniform(0, 0.3), rng.gamma(2, 1.1, (2, count)), 0)
    waist = rng.uniform(0.6, 2.8) * size
    flare = rng.uniform(0.45, 1.1)
    corner = rng.uniform(1.0, 2.8)
    density = np.exp(rng.normal(0, 0.06, count))

    centers = _stack(height, anterior, posterior, disc, tilt)
    bodies = tuple(
        BodyShape(
            level=level,
            center=(float(centers[k, 0]), float(centers[k, 1])),
            tilt=float(tilt[k]),
            depth=float(depth[k]),
            posterior=float(posterior[k]),
            anterior=float(anterior[k]),
            concavity_superior=float(concavity[0, k]) * (0.4 if level == "S1" else 1.0),
            concavity_inferior=float(concavity[1, k]) * (0.2 if level == "S1" else 1.0),
            waist_anterior=float(waist * rng.uniform(0.7, 1.3)),
            waist_posterior=float(0.6 * waist * rng.uniform(0.6, 1.3)),
            flare=float(flare * rng.uniform(0.8, 1.25)),
            corner=float(corner * rng.uniform(0.8, 1.2)),
            roll_superior=float(roll[k]),
            roll_inferior=float(roll[min(k + 1, count - 1)] * rng.uniform(0.7, 1.3)),
            lip_superior=float(min(lips[0, k], 7.0)),
            lip_inferior=float(min(lips[1, k], 7.0)),
            density=float(density[k]),
            shade=float(rng.normal(0, 0.12)),
            fade=float(np.clip(rng.normal(0, 0.4), -0.9, 0.9)),
        )
        for k, level in enumerate(LEVELS)
    )
    return Spine(bodies)


def _sample_tilt(rng: np.random.Generator) -> NDArray[np.float64]:
    typical = np.array(_TILT, dtype=float)
    middle = LEVELS.index("L2")
    lordosis = float(np.clip(rng.normal(1.0, 0.3), 0.35, 1.8))
    kyphosis = float(np.clip(rng.normal(1.0, 0.4), 0.1, 2.2))
    apex = typical[middle]
    factor = np.where(np.arange(len(LEVELS)) > middle, lordosis, kyphosis)
    tilt = apex + (typical - apex) * factor
    tilt[-1] = min(tilt[-1], tilt[-2] + 30)
    tilt = tilt + rng.normal(0, 4.5) + rng.normal(0, 1.2, len(LEVELS)) + 3 * _smooth(rng, 16)
    return np.asarray(np.deg2rad(tilt))


def _fracture(
    rng: np.random.Generator, height: NDArray[np.float64], wedge: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Anterior and posterior heights and added concavity; some subjects have fractured bodies."""
    posterior = height.copy()
    anterior = height * wedge
    biconcave = np.zeros((2, height.size))
    if rng.random() < 0.22:
        for _ in range(int(rng.integers(1, 4))):
            k = int(rng.integers(3, 14))
            loss = rng.uniform(0.12, 0.45)
            kind = rng.random()
            if kind < 0.5:
                anterior[k] *= 1 - loss
            elif kind < 0.8:
                biconcave[:, k] += loss * height[k] * rng.uniform(0.15, 0.4, 2)
            else:
                anterior[k] *= 1 - loss
                posterior[k] *= 1 - loss * rng.uniform(0.6, 1.0)
    return anterior, posterior, biconcave


def _stack(
    height: NDArray[np.float64],
    anterior: NDArray[np.float64],
    posterior: NDArray[np.float64],
    disc: NDArray[np.float64],
    tilt: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Centres (n, 2) of bodies that stand on each other with the discs between them."""
    down = np.stack([-np.sin(tilt), np.cos(tilt)], axis=1)
    half = (anterior + posterior)[:, None] / 4
    step = half[:-1] * down[:-1] + half[1:] * down[1:]
    step += disc[:-1, None] * (down[:-1] + down[1:]) / 2
    centers = np.concatenate([np.zeros((1, 2)), np.cumsum(step, axis=0)])
    return np.asarray(centers - centers[LEVELS.index("L3")])


def _smooth(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """A slow random curve of ``count`` values within about -1 and 1."""
    phase, turns = rng.uniform(0, 2 * np.pi), rng.uniform(0.4, 1.4)
    return np.asarray(np.sin(phase + np.linspace(0, 2 * np.pi * turns, count)))
