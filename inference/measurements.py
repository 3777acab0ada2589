"""Measure an image from its landmarks: guides, crop check, morphometry and warnings.

No network is involved, so corrected landmarks are measured by the same code.
"""

from __future__ import annotations

from typing import Final

from inference.crop.margin_rule import check_crop
from inference.geometry.body_heights import check_spacing
from inference.geometry.guide_warnings import check_guides
from inference.geometry.guides import LINE_COUNT, draw_guides
from inference.geometry.morphometry import measure_bodies
from inference.geometry.outer_lines import estimate_outer_lines
from inference.geometry.pixel_size import PixelSize
from inference.image import Image
from inference.polarity import is_bone_dark
from inference.results import (
    CORNERS,
    VERTEBRAE,
    CropCheck,
    CropVerdict,
    Guide,
    Landmarks,
    Measurements,
    Notice,
    Side,
)

INVERTED: Final = Notice(
    "inverted",
    "The vertebral bodies are darker than the discs, so the image seems to be inverted. It is "
    "displayed as uploaded; the crop check uses it with bone bright.",
)

UNKNOWN_SPACING: Final = Notice(
    "spacing_unknown", "The file gives no pixel spacing, so lengths are not given in mm."
)


def measure(image: Image, landmarks: Landmarks, anterior: Side) -> Measurements:
    """Return the guides, crop check, morphometry and warnings of one image.

    Parameters
    ----------
    image
        The image, for its size, spacing and grey values.
    landmarks
        Corners in image pixels; vertebrae and corners may be missing.
    anterior
        The anterior side of the image.

    Returns
    -------
    Measurements
        Lines in image pixels; lengths in mm if the spacing is known and plausible.
    """
    spacing = check_spacing(image, landmarks)
    size = PixelSize.of(spacing.spacing_mm, image.pixel_aspect)
    guides = draw_guides(landmarks, size)
    # The crop rules expect bright bone and black air.
    inverted = is_bone_dark(image.pixels, landmarks.as_array())
    crop = check_crop(
        image.inverted_pixels() if inverted else image.pixels,
        guides,
        size,
        outer=estimate_outer_lines(landmarks, guides),
    )
    return Measurements(
        guides=guides,
        crop=crop,
        morphometry=measure_bodies(landmarks, size, anterior),
        warnings=(
            *([INVERTED] if inverted else []),
            *([spacing.warning] if spacing.warning else []),
            *([UNKNOWN_SPACING] if spacing.spacing_mm is None and not spacing.warning else []),
            *_warnings(landmarks, size, guides, crop, anterior),
        ),
    )


def _warnings(
    landmarks: Landmarks,
    size: PixelSize,
    guides: tuple[Guide, ...],
    crop: CropCheck,
    anterior: Side,
) -> list[Notice]:
    """Return the warnings about missing landmarks, sides and the field of view."""
    notices = []
    absent = [v.value for v in VERTEBRAE if v not in landmarks.bodies]
    if absent:
        notices.append(Notice("vertebrae_missing", f"Not detected: {', '.join(absent)}."))
    notices += check_guides(landmarks, size)
    partial = [
        v.value
        for v, body in landmarks.bodies.items()
        if any(getattr(body, corner) is None for corner in CORNERS)
    ]
    if partial:
        notices.append(
            Notice("corners_missing", f"Corners outside the image: {', '.join(partial)}.")
        )
    if len(guides) < LINE_COUNT:
        notices.append(
            Notice(
                "lines_missing",
                f"Only {len(guides)} of the {LINE_COUNT} lines can be drawn: corners are missing.",
            )
        )
    if _points_backwards(guides, anterior):
        notices.append(
            Notice(
                "sides_disagree",
                f"The corners contradict the anterior side, which is set to {anterior}. Correct "
                "the side or the corners.",
            )
        )
    if crop.verdict == "cropped":
        notices.append(_cropped(crop))
    # One notice on the crop: a cropped level makes borderline ones irrelevant.
    elif crop.evidence.get("borderline"):
        notices.append(_borderline(crop))
    if crop.verdict != "cropped" and crop.evidence.get("unseen"):
        notices.append(
            Notice(
                "field_unseen",
                "All pixels are black up to the expected anterior aortic wall, so the end of the "
                "field cannot be determined.",
            )
        )
    return notices


def _cropped(crop: CropCheck) -> Notice:
    levels, distance, _, border = _smallest_margin(crop, "cropped")
    text = (
        f"The field ends {distance} before the expected anterior aortic wall ({levels}; {border})."
    )
    return Notice("cropped", text)


def _borderline(crop: CropCheck) -> Notice:
    levels, distance, side, border = _smallest_margin(crop, "borderline")
    text = (
        f"The field ends {distance} {side} the expected anterior aortic wall ({levels}; {border}), "
        "too close to decide whether the aorta is cropped. Look at the image."
    )
    return Notice("crop_borderline", text)


def _smallest_margin(crop: CropCheck, verdict: CropVerdict) -> tuple[str, str, str, str]:
    """Return the levels with a verdict and a description of the smallest margin among them.

    Returns
    -------
    tuple of str
        The levels, the distance with its unit, "before" or "beyond", and what ends the field.
    """
    margins = {
        name: level.margin
        for name, level in crop.levels.items()
        if level.verdict == verdict and level.margin is not None
    }
    worst = min(margins, key=lambda name: margins[name])
    unit = "mm" if crop.levels[worst].margin_mm is not None else "pixels"
    narrowest = crop.evidence["narrowest"][worst]
    border = "image border" if narrowest["kind"] == "image" else "edge inside the image"
    side = {"top": "at the top", "bottom": "at the bottom"}.get(
        narrowest["side"], f"on the {narrowest['side']}"
    )
    direction = "before" if margins[worst] < 0 else "beyond"
    return ", ".join(margins), f"{abs(margins[worst]):.0f} {unit}", direction, f"{border} {side}"


def _points_backwards(guides: tuple[Guide, ...], anterior: Side) -> bool:
    """Return whether most lines run away from the anterior side."""
    # A majority, so that a single misplaced corner does not decide.
    forward = sum(1 if line.anterior[0] > line.posterior[0] else -1 for line in guides)
    return forward < 0 if anterior == "right" else forward > 0
