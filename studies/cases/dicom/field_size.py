"""PURE. The pixel spacing of an upload, and whether the image is as long as a whole-body scan."""

from __future__ import annotations

from pydicom.dataset import Dataset

from inference.dicom.spacing import area_spacing, is_usable, is_whole_body, pixel_spacing
from inference.geometry.body_heights import IMPLAUSIBLE
from inference.results import Spacing


def read_spacing(
    source: Dataset, shape: tuple[int, ...]
) -> tuple[tuple[Spacing | None, str], bool]:
    """Return the pixel spacing with its origin, and whether it makes a whole-body scan.

    A spacing that is not usable yet counts as none; the heights of the vertebrae may confirm it
    later. The Boolean is true where only such a spacing suggests a whole-body scan.
    """
    rows, columns = shape
    spacing_mm, spacing_source = pixel_spacing(source, rows, columns)
    if spacing_mm is None or is_usable(spacing_mm, spacing_source, rows, columns):
        return (spacing_mm, spacing_source), False
    return (None, IMPLAUSIBLE), is_whole_body(spacing_mm, rows, columns)


def has_whole_body_area(source: Dataset, shape: tuple[int, ...]) -> bool:
    """Return whether the exposed area is that of a whole body, and no spacing that of a spine."""
    rows, columns = shape
    spacing_mm, _ = pixel_spacing(source, rows, columns)
    area = area_spacing(source, rows, columns)
    if spacing_mm is None or area is None:
        return False
    return all(is_whole_body(size, rows, columns) for size in (spacing_mm, area))
