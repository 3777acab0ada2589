"""The column of vertebral bodies that the network detected in an image."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference.decoding.vertebrae import DetectedBody
from inference.geometry.input_transform import Frame

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class View:
    """The network's result for an image, or for its mirror image.

    Attributes
    ----------
    frame
        The map from the image to the network's input.
    grey
        The network's input, grey values (H, W).
    bodies
        From cranial to caudal, in pixels of the network's input.
    lateral, anterior_right
        Probabilities of a lateral view and of a right anterior side; ``None`` without such outputs.
    """

    frame: Frame
    grey: Pixels
    bodies: list[DetectedBody]
    lateral: float | None
    anterior_right: float | None

    @property
    def strength(self) -> float:
        """Return the total confidence of the bodies."""
        return sum(body.confidence for body in self.bodies)

    @property
    def corners(self) -> NDArray[np.float64]:
        """Return corners (bodies, 4, 2) in image pixels, including those outside the image."""
        corners = np.array([body.corners for body in self.bodies]).reshape(-1, 4, 2)
        return self.frame.to_source(corners)


@dataclass(frozen=True, slots=True)
class Detection:
    """The column in an image.

    Attributes
    ----------
    view
        The view from the anterior side.
    right
        Probability of a right anterior side.
    pixels
        The grey values that the network saw, with bone bright.
    pixel_aspect
        Height of a pixel as a multiple of its width.
    """

    view: View
    right: float
    pixels: Pixels
    pixel_aspect: float

    @property
    def bodies(self) -> list[DetectedBody]:
        """Return the bodies, from cranial to caudal, in isotropic pixels of the image's width."""
        return to_isotropic(self.view, self.pixel_aspect, np.zeros(2))

    @property
    def width(self) -> float:
        """Return the width of the image in isotropic pixels, which are as wide as its pixels."""
        return float(self.pixels.shape[1])

    @property
    def end(self) -> float:
        """Return the height of the image in isotropic pixels."""
        return float(self.pixels.shape[0] * self.pixel_aspect)


def to_isotropic(
    view: View, pixel_aspect: float, origin: NDArray[np.float64]
) -> list[DetectedBody]:
    """Return the bodies in isotropic pixels of the original image's width."""
    return [
        replace(body, corners=(corners + origin) * (1.0, pixel_aspect))
        for body, corners in zip(view.bodies, view.corners, strict=True)
    ]
