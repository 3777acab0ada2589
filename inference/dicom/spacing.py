"""How many millimetres a pixel measures, and which word of the header says so."""

from __future__ import annotations

import math

from pydicom.dataset import Dataset

from inference.results import Spacing

PLAUSIBLE_MM = (0.01, 10.0)
PLACEHOLDER = (1.0, 1.0)
"""What some exports write for want of a pixel size."""
MAX_SPINE_MM = 1000.0
"""A field longer than this shows more than a spine (an iDXA's lateral field: 438 mm)."""
MIN_SPINE_MM = 50.0
WHOLE_BODY_MM = (2500.0, 250.0)
"""The longest field of a whole-body scan and its least width (an iDXA's: 1920 x 658 mm)."""
MAX_AREA_MISMATCH = 0.10

# In this order: what is given at the patient comes before what is given at the detector.
ATTRIBUTES = (
    ("PixelSpacing", "pixel_spacing"),
    ("ImagerPixelSpacing", "imager_pixel_spacing"),
    ("NominalScannedPixelSpacing", "nominal_scanned_pixel_spacing"),
)


def pixel_spacing(dataset: Dataset, rows: int, columns: int) -> tuple[Spacing | None, str]:
    """Row and column spacing in mm, and where it comes from.

    Parameters
    ----------
    dataset
        The header.
    rows, columns
        The size of the image.

    Returns
    -------
    spacing
        (down, across) in mm, or ``None``.
    source
        ``pixel_spacing``, ``imager_pixel_spacing``, ``nominal_scanned_pixel_spacing``,
        ``exposed_area`` or ``none``.

    Notes
    -----
    The first one with which the field can be a DXA scan's counts, else the first one.

    A GE Lunar iDXA writes no spacing, but the exposed area in whole millimetres, width first
    (measured: 200\\438 for an image of 808 columns and 1768 rows, 0.2477 mm down and 0.2475 mm
    across). PS3.3 C.4.16 puts the row dimension first. The order that makes the pixels more
    nearly square is taken; where both differ from square by more than a tenth, the area is not
    that of the image, and nothing is concluded from it.
    """
    given = [
        (pair, source)
        for keyword, source in ATTRIBUTES
        if (pair := _two_numbers(dataset, keyword)) is not None
    ]
    area = _area_spacing(dataset, rows, columns)
    if area is not None:
        given.append((area, "exposed_area"))
    plausible = (each for each in given if is_plausible(each[0], rows, columns))
    return next(plausible, given[0] if given else (None, "none"))


def _area_spacing(dataset: Dataset, rows: int, columns: int) -> Spacing | None:
    """The exposed area over the image's size, in the order that makes pixels more nearly square."""
    area = _two_numbers(dataset, "ExposedArea", limits=(1.0, 5000.0))
    if area is None:
        return None
    width_first = (area[1] / rows, area[0] / columns)
    height_first = (area[0] / rows, area[1] / columns)
    best = min(width_first, height_first, key=_mismatch)
    fits = _mismatch(best) <= MAX_AREA_MISMATCH and _plausible(best, PLAUSIBLE_MM)
    return best if fits else None


def is_plausible(spacing_mm: Spacing, rows: int, columns: int) -> bool:
    """Whether a field of this size can be a DXA scan, of a spine or of a whole body.

    Parameters
    ----------
    spacing_mm
        (down, across), from the header.
    rows, columns
        The size of the image.

    Notes
    -----
    Before anything is found in the image, its size is all there is. A placeholder of 1 mm makes a
    whole body of many a spine: where it would, it is not believed, and neither is a field longer
    than a person or longer than a metre and narrow. What passes may still be wrong; the heights of
    the bodies decide (`inference.geometry.body_heights`).
    """
    sides = rows * spacing_mm[0], columns * spacing_mm[1]
    longer, shorter = max(sides), min(sides)
    if longer <= MAX_SPINE_MM:
        return longer >= MIN_SPINE_MM
    longest, least_width = WHOLE_BODY_MM
    return spacing_mm != PLACEHOLDER and longer <= longest and shorter >= least_width


def pixel_aspect(dataset: Dataset, spacing_mm: Spacing | None) -> float:
    """Height of a pixel over its width; 1 where nothing is said.

    PixelAspectRatio is vertical\\horizontal (PS3.3 C.7.6.3.1.7) and stands only where no spacing
    does.
    """
    if spacing_mm is not None:
        return spacing_mm[0] / spacing_mm[1]
    ratio = _two_numbers(dataset, "PixelAspectRatio", limits=(1.0, 1e6))
    if ratio is None or not _plausible((ratio[0] / ratio[1],), (0.1, 10.0)):
        return 1.0
    return ratio[0] / ratio[1]


def _mismatch(pair: Spacing) -> float:
    return abs(math.log(pair[0] / pair[1]))


def _plausible(values: tuple[float, ...], limits: tuple[float, float]) -> bool:
    return all(math.isfinite(value) and limits[0] <= value <= limits[1] for value in values)


def _two_numbers(
    dataset: Dataset, keyword: str, limits: tuple[float, float] = PLAUSIBLE_MM
) -> Spacing | None:
    """Two numbers of the header, or ``None`` when they are missing, nonsense or out of limits."""
    try:
        first, second = (float(value) for value in dataset.get(keyword) or ())
    except Exception:  # a damaged element fails in its conversion
        return None
    return (first, second) if _plausible((first, second), limits) else None
