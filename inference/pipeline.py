"""The one door from an image to an answer: page, task and command line all go through it."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from inference.geometry.body_heights import check_spacing
from inference.image import Image
from inference.measurements import measure
from inference.results import Analysis, ModelInfo, Prediction


class LandmarkPredictor(Protocol):
    """What `analyze` asks of a network: `inference.predictor.Predictor`, or a test's own."""

    @property
    def model(self) -> ModelInfo: ...

    def predict(self, image: Image) -> Prediction: ...


def analyze(image: Image, predictor: LandmarkPredictor) -> Analysis:
    """Find the vertebrae of one image and measure all that follows from them.

    Parameters
    ----------
    image
        From `inference.image.read_image`.
    predictor
        A warm session; make one a process.

    Returns
    -------
    Analysis
        Coordinates in original image pixels; corners outside the image are ``None``.
    """
    seen = predictor.predict(image)
    prediction = replace(
        seen,
        landmarks=seen.landmarks.within(image.width, image.height),
        bodies=tuple(body.within(image.width, image.height) for body in seen.bodies),
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
