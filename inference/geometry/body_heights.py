"""Check the pixel spacing of the header against the heights of the vertebral bodies."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Final

from inference.geometry.pixel_size import PixelSize
from inference.image import Image
from inference.results import Landmarks, Notice, Spacing, Vertebra

LUMBAR_BODY_MM: Final = (20.0, 45.0)
"""Plausible height of a lumbar vertebral body, at its higher wall; no source is recorded."""
MIN_BODIES: Final = 2
"""Minimum number of lumbar heights for a decision; otherwise the field size decides."""
IMPLAUSIBLE: Final = "implausible"


@dataclass(frozen=True, slots=True)
class CheckedSpacing:
    """The pixel spacing that lengths are measured with.

    Attributes
    ----------
    spacing_mm
        (row, column) in mm; ``None`` if the header has none or an implausible one.
    source
        Header attribute that it comes from; ``implausible`` if it is not used.
    warning
        Why it is not used; ``None`` if it is.
    """

    spacing_mm: Spacing | None
    source: str
    warning: Notice | None = None


def check_spacing(image: Image, landmarks: Landmarks) -> CheckedSpacing:
    """Return the spacing to measure with, after comparing it with the vertebral heights.

    Parameters
    ----------
    image
        The image, with the spacing of its header.
    landmarks
        Corners in image pixels. With fewer than two lumbar heights, the size of the field decides.
    """
    spacing = image.spacing_mm
    if spacing is None:
        return CheckedSpacing(None, image.spacing_source)
    # Heights are measured with the header's own spacing, which is what they are to test.
    size = PixelSize.of(spacing)
    heights = [
        height
        for vertebra in landmarks.bodies
        # The limits apply to lumbar bodies only.
        if vertebra != Vertebra.T12 and (height := _height(landmarks, vertebra, size)) is not None
    ]
    if len(heights) < MIN_BODIES:
        if image.spacing_plausible:
            return CheckedSpacing(spacing, image.spacing_source)
        down, across = image.height * spacing[0], image.width * spacing[1]
        reason = f"the image would measure {down:.0f} x {across:.0f} mm"
    else:
        # The median tolerates a single fractured or misplaced body.
        middle = median(heights)
        if LUMBAR_BODY_MM[0] <= middle <= LUMBAR_BODY_MM[1]:
            return CheckedSpacing(spacing, image.spacing_source)
        low, high = LUMBAR_BODY_MM
        reason = (
            f"vertebral bodies would be {middle:.0f} mm high (expected {low:.0f} to {high:.0f} mm)"
        )
    warning = Notice(
        "spacing_implausible",
        f"The pixel spacing in the header ({spacing[0]:.4g} x {spacing[1]:.4g} mm) is implausible, "
        f"because {reason}. Lengths are therefore not given in mm.",
    )
    return CheckedSpacing(None, IMPLAUSIBLE, warning)


def _height(landmarks: Landmarks, vertebra: Vertebra, size: PixelSize) -> float | None:
    """Return the height of a body at its higher wall, in units of `size`."""
    heights = []
    for wall in ("posterior", "anterior"):
        upper = landmarks.corner(vertebra, f"superior_{wall}")
        lower = landmarks.corner(vertebra, f"inferior_{wall}")
        if upper is not None and lower is not None:
            heights.append(size.length(upper, lower))
    # The higher wall is affected least by a wedge fracture.
    return max(heights, default=None)
