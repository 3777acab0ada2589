"""Determine the pixel spacing from the header."""

from __future__ import annotations

import math

from pydicom.dataset import Dataset

from inference.results import Spacing

# No published source is recorded for the limits; measured fields are named where known.
PLAUSIBLE_MM = (0.01, 10.0)
PLACEHOLDER_MM = (0.99, 1.01)
"""Range of the spacing of 1 mm that some exports write if they do not know it."""
MAX_SPINE_MM = 1000.0
"""Longest field of a spine scan, in mm (measured on a lateral iDXA scan: 438 mm)."""
MIN_SPINE_MM = 50.0
"""Shortest field of a spine scan, in mm."""
WHOLE_BODY_MM = (2500.0, 250.0)
"""Longest and narrowest field of a whole-body scan, in mm (measured on an iDXA: 1920 x 658 mm)."""
MAX_AREA_MISMATCH = 0.10
"""Maximum log ratio of pixel height to width for a spacing from the exposed area."""

# Spacing at the patient takes precedence over spacing at the detector.
ATTRIBUTES = (
    ("PixelSpacing", "pixel_spacing"),
    ("ImagerPixelSpacing", "imager_pixel_spacing"),
    ("NominalScannedPixelSpacing", "nominal_scanned_pixel_spacing"),
)


def pixel_spacing(dataset: Dataset, rows: int, columns: int) -> tuple[Spacing | None, str]:
    """Return the row and column spacing in mm, and the attribute that it comes from.

    Parameters
    ----------
    dataset
        The header.
    rows, columns
        Size of the image in pixels.

    Returns
    -------
    spacing
        (down, across) in mm, or ``None``.
    source
        ``pixel_spacing``, ``imager_pixel_spacing``, ``nominal_scanned_pixel_spacing``,
        ``exposed_area`` or ``none``.

    Notes
    -----
    The first spacing that gives a plausible field for a spine is used, otherwise the first one that
    gives a plausible field for a whole body, otherwise the first one.

    GE Lunar iDXA writes no spacing, but the exposed area in whole millimetres, width first
    (measured: 200\\438 for an image of 808 columns and 1768 rows, 0.2477 mm down and 0.2475 mm
    across). PS3.3 C.4.16 places the row dimension first. The order with more nearly square pixels
    is used; if both differ from square by more than a tenth, the area is not that of the image and
    is ignored.
    """
    candidates: list[tuple[Spacing, str]] = [
        (pair, source)
        for keyword, source in ATTRIBUTES
        if (pair := _two_numbers(dataset, keyword)) is not None
    ]
    area = area_spacing(dataset, rows, columns)
    if area is not None:
        candidates.append((area, "exposed_area"))
    # A placeholder in PixelSpacing must not hide a usable spacing in another attribute.
    plausible = [item for item in candidates if is_plausible(item[0], rows, columns)]
    spines = [item for item in plausible if not is_whole_body(item[0], rows, columns)]
    return next(iter([*spines, *plausible, *candidates]), (None, "none"))


def area_spacing(dataset: Dataset, rows: int, columns: int) -> Spacing | None:
    """Return exposed area over image size, in the order that gives more nearly square pixels."""
    # In mm, because the exposed area is the size of the field; the default limits are those of a
    # pixel.
    area = _two_numbers(dataset, "ExposedArea", limits=(1.0, 5000.0))
    if area is None:
        return None
    width_first = (area[1] / rows, area[0] / columns)
    height_first = (area[0] / rows, area[1] / columns)
    best = min(width_first, height_first, key=_mismatch)
    fits = _mismatch(best) <= MAX_AREA_MISMATCH and _plausible(best, PLAUSIBLE_MM)
    return best if fits else None


def is_plausible(spacing_mm: Spacing, rows: int, columns: int) -> bool:
    """Return whether a field of this size can be a DXA scan of a spine or a whole body.

    Parameters
    ----------
    spacing_mm
        (row, column), from the header.
    rows, columns
        Size of the image in pixels.

    Notes
    -----
    Before vertebrae are detected, only the size of the field can be checked. A placeholder of 1 mm
    turns many spine scans into whole-body scans, so it is rejected for such sizes, and so are
    fields longer than a person, or longer than a metre but narrow. An accepted spacing may still be
    wrong; vertebral heights decide later (`inference.geometry.body_heights`).
    """
    sides = rows * spacing_mm[0], columns * spacing_mm[1]
    longer, shorter = max(sides), min(sides)
    # Up to this length the field can be a spine, otherwise only a whole body.
    if longer <= MAX_SPINE_MM:
        return longer >= MIN_SPINE_MM
    longest, least_width = WHOLE_BODY_MM
    placeholder = _plausible(spacing_mm, PLACEHOLDER_MM)
    return not placeholder and longer <= longest and shorter >= least_width


def is_whole_body(spacing_mm: Spacing, rows: int, columns: int) -> bool:
    """Return whether a field of this size is plausible, but too long for a spine scan."""
    longer = max(rows * spacing_mm[0], columns * spacing_mm[1])
    return longer > MAX_SPINE_MM and is_plausible(spacing_mm, rows, columns)


def is_usable(spacing_mm: Spacing, source: str, rows: int, columns: int) -> bool:
    """Return whether a spacing may be used before the heights of vertebrae confirm it.

    A field as long as a whole body counts only if the scanner states its size as the exposed area.
    ``source`` is the attribute that `pixel_spacing` names.
    """
    if is_whole_body(spacing_mm, rows, columns):
        return source == "exposed_area"
    return is_plausible(spacing_mm, rows, columns)


def pixel_aspect(dataset: Dataset, spacing_mm: Spacing | None) -> float:
    """Return the height of a pixel over its width; 1 if the header does not state it.

    PixelAspectRatio is vertical\\horizontal (PS3.3 C.7.6.3.1.7) and is used only without a spacing.
    """
    if spacing_mm is not None:
        return spacing_mm[0] / spacing_mm[1]
    ratio = _two_numbers(dataset, "PixelAspectRatio", limits=(1.0, 1e6))
    if ratio is None or not _plausible((ratio[0] / ratio[1],), (0.1, 10.0)):
        return 1.0
    return ratio[0] / ratio[1]


def _mismatch(pair: Spacing) -> float:
    """Return the absolute log ratio of height to width."""
    return abs(math.log(pair[0] / pair[1]))


def _plausible(values: tuple[float, ...], limits: tuple[float, float]) -> bool:
    return all(math.isfinite(value) and limits[0] <= value <= limits[1] for value in values)


def _two_numbers(
    dataset: Dataset, keyword: str, limits: tuple[float, float] = PLAUSIBLE_MM
) -> Spacing | None:
    """Return two numbers of the header, ``None`` if missing, invalid or out of range."""
    try:
        # More or fewer than two values raise ValueError here.
        first, second = (float(value) for value in dataset.get(keyword) or ())
    except Exception:  # converting a damaged element fails
        return None
    return (first, second) if _plausible((first, second), limits) else None
