"""Outcome of evaluating one image: ground truth, prediction and crop verdicts."""

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
    """Ground truth and prediction of one image, in original pixels.

    Attributes
    ----------
    key
        Name of the sample.
    family
        Scanner family.
    width, height
        Size of the image in pixels.
    spacing_mm
        Row and column spacing in mm, if known.
    truth
        True landmarks.
    predicted
        Predicted landmarks; ``None`` if only the crop rules were evaluated.
    anterior_truth, anterior_found
        True and predicted anterior side.
    levels_uncertain, view_uncertain
        Whether the prediction flags labels or view as uncertain.
    levels_knowable
        Whether the levels can be identified in the image; ``None`` if this is unknown.
    lumbar
        Number of lumbar vertebrae that can be counted in the image, if known.
    crop_truth
        True crop verdict, if known.
    crop
        Verdict of each crop rule on predicted ("found") and on true landmarks.
    """

    key: str
    family: str
    width: int
    height: int
    spacing_mm: Spacing | None
    truth: Landmarks
    predicted: Landmarks | None = None
    anterior_truth: Side | None = None
    anterior_found: Side | None = None
    levels_uncertain: bool = False
    view_uncertain: bool = False
    levels_knowable: bool | None = None
    lumbar: int | None = None
    crop_truth: CropVerdict | None = None
    crop: Mapping[LandmarksUsed, Mapping[Method, CropVerdict]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as a dictionary that JSON can represent."""
        return {
            "key": self.key,
            "family": self.family,
            "width": self.width,
            "height": self.height,
            "spacing_mm": None if self.spacing_mm is None else list(self.spacing_mm),
            "truth": self.truth.to_dict(),
            "predicted": None if self.predicted is None else self.predicted.to_dict(),
            "anterior_truth": self.anterior_truth,
            "anterior_found": self.anterior_found,
            "levels_uncertain": self.levels_uncertain,
            "view_uncertain": self.view_uncertain,
            "levels_knowable": self.levels_knowable,
            "lumbar": self.lumbar,
            "crop_truth": self.crop_truth,
            "crop": {used: dict(verdicts) for used, verdicts in self.crop.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outcome:
        """Return the outcome that :meth:`to_dict` wrote."""
        predicted, spacing = data["predicted"], data["spacing_mm"]
        return cls(
            **{
                **data,
                "spacing_mm": None if spacing is None else (spacing[0], spacing[1]),
                "truth": Landmarks.from_dict(data["truth"]),
                "predicted": None if predicted is None else Landmarks.from_dict(predicted),
            }
        )


def build_outcome(
    key: str, image: Image, truth: MarkedImage, prediction: Prediction | None
) -> Outcome:
    """Build the outcome of one image.

    Parameters
    ----------
    key
        Name of the sample.
    image
        The image.
    truth
        Its true landmarks.
    prediction
        Its predicted landmarks, or ``None`` to evaluate only the crop rules.

    Raises
    ------
    ValueError
        If the true landmarks belong to an image of another size.
    """
    if (truth.width, truth.height) != (image.width, image.height):
        raise ValueError(
            f"the true landmarks are for {truth.width} x {truth.height} pixels, "
            f"but the image has {image.width} x {image.height}"
        )
    predicted = None
    if prediction is not None:
        # Corners outside the image are removed, since they cannot be marked in the ground truth.
        predicted = prediction.landmarks.within(image.width, image.height)
    crop: dict[LandmarksUsed, Mapping[Method, CropVerdict]] = {}
    if truth.crop is not None:
        crop["true"] = _verdicts(image, truth.landmarks)
        if predicted is not None:
            crop["found"] = _verdicts(image, predicted)
    return Outcome(
        key=key,
        family=truth.family or "unknown",
        width=image.width,
        height=image.height,
        spacing_mm=check_spacing(image, truth.landmarks).spacing_mm or truth.spacing_mm,
        truth=truth.landmarks,
        predicted=predicted,
        anterior_truth=truth.anterior,
        anterior_found=prediction.anterior if prediction else None,
        levels_uncertain=prediction is not None and prediction.level_uncertainty is not None,
        view_uncertain=prediction is not None and prediction.view_uncertainty is not None,
        levels_knowable=truth.levels_knowable,
        lumbar=truth.lumbar,
        crop_truth=truth.crop,
        crop=crop,
    )


def _verdicts(image: Image, landmarks: Landmarks) -> dict[Method, CropVerdict]:
    """Return the verdict of each crop rule."""
    # Landmarks name the anterior side themselves, so "right" needs no detection.
    crop = measure(image, landmarks, "right").crop
    return {"field": crop.verdict, "vertenet": crop.evidence["vertenet"]["verdict"]}
