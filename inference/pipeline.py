"""Analyse one image: the single entry point for tasks and the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from inference.geometry.body_heights import check_spacing
from inference.image import Image
from inference.measurements import measure
from inference.results import Analysis, ModelInfo, Prediction


class LandmarkPredictor(Protocol):
    """A network that `analyze` can use, such as `inference.predictor.Predictor`."""

    @property
    def model(self) -> ModelInfo: ...

    def predict(self, image: Image) -> Prediction: ...


def analyze(image: Image, predictor: LandmarkPredictor) -> Analysis:
    """Return the vertebrae of one image and all measurements derived from them.

    Parameters
    ----------
    image
        From `inference.image.read_image`.
    predictor
        A loaded network; create one per process.

    Returns
    -------
    Analysis
        Coordinates are in original image pixels; corners outside the image are ``None``.
    """
    # Networks extrapolate corners beyond the image; these cannot be verified, so they are dropped.
    raw = predictor.predict(image)
    prediction = replace(
        raw,
        landmarks=raw.landmarks.within(image.width, image.height),
        bodies=tuple(body.within(image.width, image.height) for body in raw.bodies),
    )
    spacing = check_spacing(image, prediction.landmarks)
    return Analysis(
        file=image.name,
        width=image.width,
        height=image.height,
        spacing_mm=spacing.spacing_mm,
        spacing_source=spacing.source,
        scaling=image.scaling,
        model=predictor.model,
        prediction=prediction,
        measurements=measure(image, prediction.landmarks, prediction.anterior),
    )
