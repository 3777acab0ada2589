"""Vertebral heights, what is missing of them, and the lordosis, from four corners a body.

Four corners give no middle height: a biconcave deformity cannot be seen here.
"""

from __future__ import annotations

from typing import Literal

from inference.geometry.pixel_size import PixelSize
from inference.results import VERTEBRAE, BodyShape, Landmarks, Morphometry, Side, Vertebra

Grade = Literal["normal", "mild", "moderate", "severe"]
GRADES: tuple[tuple[float, Grade], ...] = ((0.20, "normal"), (0.25, "mild"), (0.40, "moderate"))


def measure_bodies(landmarks: Landmarks, size: PixelSize, anterior: Side) -> Morphometry:
    """Heights, wedge, reverse wedge, crush and Genant's grade of each body, and the lordosis.

    Parameters
    ----------
    landmarks
        Corners in image pixels.
    size
        The pixels' width and height; heights in mm are given where it is in mm.
    anterior
        The side of the image on which anterior lies.

    Notes
    -----
    With the posterior height Hp and the anterior height Ha: wedge 1 - Ha/Hp, reverse wedge
    1 - Hp/Ha, crush 1 - Hp / mean Hp of the neighbours that are there. Genant 1993: mild from
    20 %, moderate above 25 %, severe above 40 %, by the largest loss. Lordosis is the tilt of L5's
    lower endplate minus that of L1's upper endplate, positive where the spine is lordotic.
    """
    posterior = {v: _height(landmarks, v, "posterior", size) for v in landmarks.bodies}
    shapes = {v: _shape(landmarks, v, size, posterior) for v in landmarks.bodies}
    return Morphometry(shapes, _lordosis_deg(landmarks, size, anterior))


def genant_grade(loss: float) -> Grade:
    """Genant's grade of a loss of height (a fraction).

    Examples
    --------
    >>> genant_grade(0.19), genant_grade(0.25), genant_grade(0.41)
    ('normal', 'mild', 'severe')
    """
    if loss < GRADES[0][0]:
        return "normal"
    return next((grade for limit, grade in GRADES[1:] if loss <= limit), "severe")


def _height(landmarks: Landmarks, vertebra: Vertebra, wall: str, size: PixelSize) -> float | None:
    upper = landmarks.corner(vertebra, f"superior_{wall}")
    lower = landmarks.corner(vertebra, f"inferior_{wall}")
    if upper is None or lower is None or upper == lower:
        return None
    return size.length(upper, lower)


def _shape(
    landmarks: Landmarks,
    vertebra: Vertebra,
    size: PixelSize,
    posterior: dict[Vertebra, float | None],
) -> BodyShape:
    back, front = posterior[vertebra], _height(landmarks, vertebra, "anterior", size)
    wedge = 1 - front / back if front and back else None
    reverse = 1 - back / front if front and back else None
    place = VERTEBRAE.index(vertebra)
    around = VERTEBRAE[max(0, place - 1) : place] + VERTEBRAE[place + 1 : place + 2]
    heights = [height for v in around if (height := posterior.get(v))]
    crush = 1 - back / (sum(heights) / len(heights)) if back and heights else None
    losses = [loss for loss in (wedge, reverse, crush) if loss is not None]
    return BodyShape(
        posterior_height_mm=_rounded(back if size.in_mm else None, 2),
        anterior_height_mm=_rounded(front if size.in_mm else None, 2),
        wedge=_rounded(wedge, 4),
        reverse_wedge=_rounded(reverse, 4),
        crush=_rounded(crush, 4),
        grade=genant_grade(max(losses)) if wedge is not None else None,
    )


def _lordosis_deg(landmarks: Landmarks, size: PixelSize, anterior: Side) -> float | None:
    upper = _tilt(landmarks, Vertebra.L1, "superior", size, anterior)
    lower = _tilt(landmarks, Vertebra.L5, "inferior", size, anterior)
    if upper is None or lower is None:
        return None
    return round((lower - upper + 180) % 360 - 180, 2)


def _tilt(
    landmarks: Landmarks, vertebra: Vertebra, plate: str, size: PixelSize, side: Side
) -> float | None:
    back = landmarks.corner(vertebra, f"{plate}_posterior")
    front = landmarks.corner(vertebra, f"{plate}_anterior")
    return None if back is None or front is None else size.tilt_deg(back, front, side)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
