"""All that follows from landmarks by geometry alone: guides, crop check, morphometry, warnings.

Needs no network: whoever corrects landmarks measures again by the same door.
"""

from __future__ import annotations

from typing import Final

from inference.crop.margin_rule import check_crop
from inference.geometry.body_heights import check_spacing
from inference.geometry.guides import LINE_COUNT, draw_guides
from inference.geometry.morphometry import measure_bodies
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
    "Bodies are darker than the discs between them: the image seems to be inverted. It is shown as "
    "it was uploaded, and its field is judged with bone bright.",
)

UNKNOWN_SPACING: Final = Notice(
    "spacing_unknown", "The file does not say how large a pixel is: no lengths in mm."
)


def measure(image: Image, landmarks: Landmarks, anterior: Side) -> Measurements:
    """Guides, crop check and morphometry of one image.

    Parameters
    ----------
    image
        The image, for its size, spacing and black pixels.
    landmarks
        Corners in image pixels; vertebrae and corners may be missing.
    anterior
        The side of the image on which anterior lies.
    """
    spacing = check_spacing(image, landmarks)
    size = PixelSize.of(spacing.spacing_mm, image.pixel_aspect)
    guides = draw_guides(landmarks, size)
    inverted = is_bone_dark(image.pixels, landmarks.as_array())
    crop = check_crop(image.inverted_pixels() if inverted else image.pixels, guides, size)
    return Measurements(
        guides=guides,
        crop=crop,
        morphometry=measure_bodies(landmarks, size, anterior),
        warnings=(
            *([INVERTED] if inverted else []),
            *([spacing.warning] if spacing.warning else []),
            *([UNKNOWN_SPACING] if spacing.spacing_mm is None and not spacing.warning else []),
            *_warnings(landmarks, guides, crop, anterior),
        ),
    )


def _warnings(
    landmarks: Landmarks,
    guides: tuple[Guide, ...],
    crop: CropCheck,
    anterior: Side,
) -> list[Notice]:
    found = []
    absent = [v.value for v in VERTEBRAE if v not in landmarks.bodies]
    if absent:
        found.append(Notice("vertebrae_missing", f"Not found: {', '.join(absent)}."))
    partial = [
        v.value
        for v, body in landmarks.bodies.items()
        if any(getattr(body, corner) is None for corner in CORNERS)
    ]
    if partial:
        found.append(Notice("corners_missing", f"Corners outside the image: {', '.join(partial)}."))
    if len(guides) < LINE_COUNT:
        found.append(
            Notice(
                "lines_missing",
                f"Only {len(guides)} of the {LINE_COUNT} lines can be drawn with these corners.",
            )
        )
    if _points_backwards(guides, anterior):
        found.append(
            Notice("sides_disagree", f"The corners do not fit: anterior is said to be {anterior}.")
        )
    if crop.verdict == "cropped":
        found.append(_cropped(crop))
    elif crop.evidence.get("borderline"):
        found.append(_borderline(crop))
    if crop.verdict != "cropped" and crop.evidence.get("unseen"):
        found.append(
            Notice(
                "field_unseen",
                "All is black before the aorta's expected front: whether the field goes on there "
                "cannot be seen.",
            )
        )
    return found


def _cropped(crop: CropCheck) -> Notice:
    levels, distance, _, where = _least_room(crop, "cropped")
    text = f"The field ends {distance} short of the aorta's expected front ({levels}; {where})."
    return Notice("cropped", text)


def _borderline(crop: CropCheck) -> Notice:
    levels, distance, way, where = _least_room(crop, "borderline")
    text = (
        f"The field ends {distance} {way} where the front of the aorta is expected, too close to "
        f"tell whether the aorta is cut off: look at the image ({levels}; {where})."
    )
    return Notice("crop_borderline", text)


def _least_room(crop: CropCheck, verdict: CropVerdict) -> tuple[str, str, str, str]:
    """The levels of a verdict, and in words the smallest margin among them: how much, which way,
    and what ends the field there."""
    margins = {
        name: level.margin
        for name, level in crop.levels.items()
        if level.verdict == verdict and level.margin is not None
    }
    worst = min(margins, key=lambda name: margins[name])
    unit = "mm" if crop.levels[worst].margin_mm is not None else "pixels"
    place = crop.evidence["narrowest"][worst]
    border = "the image's border" if place["kind"] == "image" else "an edge inside the image"
    side = {"top": "at the top", "bottom": "at the bottom"}.get(
        place["side"], f"on the {place['side']}"
    )
    way = "short of" if margins[worst] < 0 else "beyond"
    return ", ".join(margins), f"{abs(margins[worst]):.0f} {unit}", way, f"{border} {side}"


def _points_backwards(guides: tuple[Guide, ...], anterior: Side) -> bool:
    """Whether most lines run to the other side than the one that is called anterior."""
    forward = sum(1 if line.anterior[0] > line.posterior[0] else -1 for line in guides)
    return forward < 0 if anterior == "right" else forward > 0
