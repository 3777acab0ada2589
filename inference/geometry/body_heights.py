"""Is the header's pixel size believable? The heights of the vertebral bodies tell."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Final

from inference.geometry.pixel_size import PixelSize
from inference.image import Image
from inference.results import Landmarks, Notice, Spacing, Vertebra

LUMBAR_BODY_MM: Final = (20.0, 45.0)
"""The height of a lumbar vertebral body, the higher of its two walls."""
MIN_BODIES: Final = 2
"""How many bodies must have a height before they decide."""
IMPLAUSIBLE: Final = "implausible"


@dataclass(frozen=True, slots=True)
class CheckedSpacing:
    """The pixel size that lengths are measured with.

    Attributes
    ----------
    spacing_mm
        (row, column) in mm, ``None`` where the header has none or an implausible one.
    source
        Where it comes from, ``implausible`` where it is not used.
    warning
        Why it is not used.
    """

    spacing_mm: Spacing | None
    source: str
    warning: Notice | None = None


def check_spacing(image: Image, landmarks: Landmarks) -> CheckedSpacing:
    """Compare the header's pixel size with the bodies that were found.

    Parameters
    ----------
    image
        The image, with the pixel size of its header.
    landmarks
        Corners in image pixels. With fewer than two lumbar bodies, the size of the field decides.
    """
    spacing = image.spacing_mm
    if spacing is None:
        return CheckedSpacing(None, image.spacing_source)
    size = PixelSize.of(spacing)
    heights = [
        height
        for vertebra in landmarks.bodies
        if vertebra != Vertebra.T12 and (height := _height(landmarks, vertebra, size)) is not None
    ]
    if len(heights) < MIN_BODIES:
        if image.spacing_plausible:
            return CheckedSpacing(spacing, image.spacing_source)
        down, across = image.height * spacing[0], image.width * spacing[1]
        why = f"the image would be {down:.0f} x {across:.0f} mm large"
    else:
        middle = median(heights)
        if LUMBAR_BODY_MM[0] <= middle <= LUMBAR_BODY_MM[1]:
            return CheckedSpacing(spacing, image.spacing_source)
        low, high = LUMBAR_BODY_MM
        why = f"vertebral bodies would be {middle:.0f} mm high (usual: {low:.0f} to {high:.0f} mm)"
    warning = Notice(
        "spacing_implausible",
        f"The pixel size in the header ({spacing[0]:.4g} x {spacing[1]:.4g} mm) is implausible: "
        f"{why}. No lengths are given in mm.",
    )
    return CheckedSpacing(None, IMPLAUSIBLE, warning)


def _height(landmarks: Landmarks, vertebra: Vertebra, size: PixelSize) -> float | None:
    """The higher wall of a body."""
    heights = []
    for wall in ("posterior", "anterior"):
        upper = landmarks.corner(vertebra, f"superior_{wall}")
        lower = landmarks.corner(vertebra, f"inferior_{wall}")
        if upper is not None and lower is not None:
            heights.append(size.length(upper, lower))
    return max(heights, default=None)
