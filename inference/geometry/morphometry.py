"""Measure vertebral heights, height loss and lordosis from four corners per body.

Four corners give no middle height, so biconcave deformities cannot be detected.
"""

from __future__ import annotations

from typing import Literal

from inference.geometry.pixel_size import PixelSize
from inference.results import VERTEBRAE, BodyShape, Landmarks, Morphometry, Side, Vertebra

Grade = Literal["normal", "mild", "moderate", "severe"]
GRADES: tuple[tuple[float, Grade], ...] = ((0.20, "normal"), (0.25, "mild"), (0.40, "moderate"))
"""Upper limits of height loss (Genant 1993); 20 % itself is mild, more than 40 % is severe."""


def measure_bodies(landmarks: Landmarks, size: PixelSize, anterior: Side) -> Morphometry:
    """Return the heights and deformity measures of each body, and the lumbar lordosis.

    Parameters
    ----------
    landmarks
        Corners in image pixels.
    size
        Pixel size. Heights are given only if it is in mm.
    anterior
        The anterior side of the image.

    Returns
    -------
    Morphometry
        Heights in mm, height losses as fractions, lordosis in degrees.

    Notes
    -----
    With posterior height Hp and anterior height Ha: wedge 1 - Ha/Hp, reverse wedge 1 - Hp/Ha, crush
    1 - Hp / mean Hp of the available neighbours. The grade follows from the largest loss: mild from
    20 %, moderate above 25 %, severe above 40 %. Lordosis is the tilt of the lower endplate of L5
    minus that of the upper endplate of L1; positive values are lordotic.

    References
    ----------
    Genant et al., J Bone Miner Res 1993;8:1137-1148.
    """
    posterior = {v: _height(landmarks, v, "posterior", size) for v in landmarks.bodies}
    shapes = {v: _shape(landmarks, v, size, posterior) for v in landmarks.bodies}
    return Morphometry(shapes, _lordosis_deg(landmarks, size, anterior))


def genant_grade(loss: float) -> Grade:
    """Return the Genant grade of a height loss, given as a fraction.

    Examples
    --------
    >>> genant_grade(0.19), genant_grade(0.25), genant_grade(0.41)
    ('normal', 'mild', 'severe')
    """
    # 20 % itself is mild, whereas the other limits belong to the lower grade (Genant 1993).
    if loss < GRADES[0][0]:
        return "normal"
    return next((grade for limit, grade in GRADES[1:] if loss <= limit), "severe")


def _height(landmarks: Landmarks, vertebra: Vertebra, wall: str, size: PixelSize) -> float | None:
    upper = landmarks.corner(vertebra, f"superior_{wall}")
    lower = landmarks.corner(vertebra, f"inferior_{wall}")
    # Coinciding corners would be a height of 0, by which the ratios divide.
    if upper is None or lower is None or upper == lower:
        return None
    return size.length(upper, lower)


def _shape(
    landmarks: Landmarks,
    vertebra: Vertebra,
    size: PixelSize,
    posterior: dict[Vertebra, float | None],
) -> BodyShape:
    """Return one body's heights and height losses; ``None`` where corners are missing."""
    posterior_height = posterior[vertebra]
    anterior_height = _height(landmarks, vertebra, "anterior", size)
    wedge = reverse = crush = None
    if posterior_height and anterior_height:
        wedge = 1 - anterior_height / posterior_height
        reverse = 1 - posterior_height / anterior_height
    # Crush compares with the neighbours, because a body that lost height evenly has no wedge.
    index = VERTEBRAE.index(vertebra)
    # T12 and L5 have one neighbour within the six bodies.
    neighbours = VERTEBRAE[max(0, index - 1) : index] + VERTEBRAE[index + 1 : index + 2]
    heights = [height for v in neighbours if (height := posterior.get(v))]
    if posterior_height and heights:
        crush = 1 - posterior_height / (sum(heights) / len(heights))
    losses = [loss for loss in (wedge, reverse, crush) if loss is not None]
    return BodyShape(
        posterior_height_mm=_rounded(posterior_height if size.in_mm else None, 2),
        anterior_height_mm=_rounded(anterior_height if size.in_mm else None, 2),
        wedge=_rounded(wedge, 4),
        reverse_wedge=_rounded(reverse, 4),
        crush=_rounded(crush, 4),
        # Without both heights, the largest loss may be unknown, so no grade is given.
        grade=genant_grade(max(losses)) if wedge is not None else None,
    )


def _lordosis_deg(landmarks: Landmarks, size: PixelSize, anterior: Side) -> float | None:
    upper = _tilt(landmarks, Vertebra.L1, "superior", size, anterior)
    lower = _tilt(landmarks, Vertebra.L5, "inferior", size, anterior)
    if upper is None or lower is None:
        return None
    # Wrap to -180 to 180 degrees.
    return round((lower - upper + 180) % 360 - 180, 2)


def _tilt(
    landmarks: Landmarks, vertebra: Vertebra, plate: str, size: PixelSize, side: Side
) -> float | None:
    """Return the tilt of an endplate in degrees, ``None`` if one of its corners is missing."""
    posterior = landmarks.corner(vertebra, f"{plate}_posterior")
    anterior = landmarks.corner(vertebra, f"{plate}_anterior")
    if posterior is None or anterior is None:
        return None
    return size.tilt_deg(posterior, anterior, side)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
