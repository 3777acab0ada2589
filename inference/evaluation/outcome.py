"""What became of one image: its truth, what was found on it, and how the crop rules judged it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from inference.annotations.marked_images import MarkedImage
from inference.crop.margin_rule import Method
from inference.geometry.body_heights import check_spacing
from inference.image import Image
from inference.measurements import measure
from inference.results import CropVerdict, Landmarks, Prediction, Side, Spacing

LandmarksUsed = Literal["found", "true"]
METHODS: tuple[Method, ...] = get_args(Method)
LANDMARKS_USED: tuple[LandmarksUsed, ...] = get_args(LandmarksUsed)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One image's truth and answer, in original pixels.

    ``found`` is ``None`` where no network was asked; ``crop`` holds, for the found and for the true
    landmarks, the verdict of each rule, and ``crop_truth`` what is true. ``levels_knowable`` tells
    whether the image shows enough to name its levels, ``None`` where nobody said.
    """

    key: str
    family: str
    width: int
    height: int
    spacing_mm: Spacing | None
    truth: Landmarks
    found: Landmarks | None = None
    anterior_truth: Side | None = None
    anterior_found: Side | None = None
    level_doubted: bool = False
    view_doubted: bool = False
    levels_knowable: bool | None = None
    crop_truth: CropVerdict | None = None
    crop: Mapping[LandmarksUsed, Mapping[Method, CropVerdict]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "family": self.family,
            "width": self.width,
            "height": self.height,
            "spacing_mm": None if self.spacing_mm is None else list(self.spacing_mm),
            "truth": self.truth.to_dict(),
            "found": None if self.found is None else self.found.to_dict(),
            "anterior_truth": self.anterior_truth,
            "anterior_found": self.anterior_found,
            "level_doubted": self.level_doubted,
            "view_doubted": self.view_doubted,
            "levels_knowable": self.levels_knowable,
            "crop_truth": self.crop_truth,
            "crop": {used: dict(verdicts) for used, verdicts in self.crop.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outcome:
        found, spacing = data["found"], data["spacing_mm"]
        return cls(
            **{
                **data,
                "spacing_mm": None if spacing is None else (spacing[0], spacing[1]),
                "truth": Landmarks.from_dict(data["truth"]),
                "found": None if found is None else Landmarks.from_dict(found),
            }
        )


def build_outcome(
    key: str, image: Image, truth: MarkedImage, prediction: Prediction | None
) -> Outcome:
    """Bring one image's truth and answer together; without an answer the crop rules alone.

    Raises
    ------
    ValueError
        Where the truth was marked on an image of another size.
    """
    if (truth.width, truth.height) != (image.width, image.height):
        raise ValueError(
            f"the truth is for {truth.width} x {truth.height} pixels, "
            f"the image has {image.width} x {image.height}"
        )
    found = None if prediction is None else prediction.landmarks.within(image.width, image.height)
    crop: dict[LandmarksUsed, Mapping[Method, CropVerdict]] = {}
    if truth.crop is not None:
        crop["true"] = _verdicts(image, truth.landmarks)
        if found is not None:
            crop["found"] = _verdicts(image, found)
    return Outcome(
        key=key,
        family=truth.family or "unknown",
        width=image.width,
        height=image.height,
        spacing_mm=check_spacing(image, truth.landmarks).spacing_mm or truth.spacing_mm,
        truth=truth.landmarks,
        found=found,
        anterior_truth=truth.anterior,
        anterior_found=prediction.anterior if prediction else None,
        level_doubted=prediction is not None and prediction.level_doubt is not None,
        view_doubted=prediction is not None and prediction.view_doubt is not None,
        levels_knowable=truth.levels_knowable,
        crop_truth=truth.crop,
        crop=crop,
    )


def _verdicts(image: Image, landmarks: Landmarks) -> dict[Method, CropVerdict]:
    """Those that a case of the image would get."""
    crop = measure(image, landmarks, "right").crop
    return {"field": crop.verdict, "vertenet": crop.evidence["vertenet"]["verdict"]}
