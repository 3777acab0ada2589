"""Detect the column of vertebral bodies in an image, from its anterior side and with bone bright.

The network is run on the image as it is and, if the anterior side is uncertain, on the mirror
image.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from inference.decoding.extra_peaks import decode_with_extra_peaks
from inference.decoding.shape_correction.correction import ShapeCorrection
from inference.decoding.vertebrae import DetectedBody, decode_all
from inference.detection.column import Detection, Pixels, View, to_isotropic
from inference.detection.second_stage import SecondStage
from inference.detection.variations import Variation
from inference.geometry.input_transform import Frame
from inference.image import Image
from inference.network.configuration import Config
from inference.polarity import is_bone_dark
from inference.runtime.session import Session

CERTAIN_SIDE: Final = 0.99
"""Probability of a right anterior side from which on the mirror image is not processed.

Of 1,600 phantoms (seeds from 7,660,000), none has a probability between 0.9 and 0.995. The only one
of 2,000 (seeds from 8,440,000) whose side was wrong had 0.904, and its mirror image 0.9999.
"""
DEFAULT_RIGHT: Final = 0.6
"""Prior probability of a right anterior side, for networks without such an output; in the data of
VerteNet's authors, anterior is always to the right. How it was selected is not recorded."""


class ColumnDetector:
    """Run a network on images and decode its maps into columns of vertebral bodies."""

    def __init__(
        self, config: Config, session: Session, correction: ShapeCorrection | None = None
    ) -> None:
        self.config = config
        self.session = session
        plan = config.refiner
        self.second_stage = None if plan is None else SecondStage(session, plan.size, correction)

    def detect(self, image: Image) -> Detection:
        """Return the column in an image.

        If bone turns out to be darker than the discs, the detection is repeated with bone bright,
        as in the training data.
        """
        pixels = image.pixels
        view, right = self._view_from_anterior_side(pixels)
        # Training images have bright bone, whatever the file states.
        if is_bone_dark(pixels, view.corners):
            pixels = image.inverted_pixels()
            view, right = self._view_from_anterior_side(pixels)
        return Detection(view, right, pixels, image.pixel_aspect)

    def detect_again(self, detection: Detection, variation: Variation) -> list[DetectedBody]:
        """Return the bodies in a variation, in the coordinates of `Detection.bodies`."""
        pixels, origin = variation.apply(detection.pixels)
        mirrored = detection.view.frame.mirrored != variation.mirrored
        return to_isotropic(self._view(pixels, mirrored=mirrored), detection.pixel_aspect, origin)

    def refine(self, detection: Detection, labels: Sequence[str]) -> View:
        """Return the view with corners of T12 to L5 from the second stage of the network.

        Without a second stage, the view is returned unchanged. ``labels`` are the levels of the
        bodies.
        """
        if self.second_stage is None:
            return detection.view
        return self.second_stage.refine(detection, labels)

    def _view_from_anterior_side(self, pixels: Pixels) -> tuple[View, float]:
        """Return the view with anterior to the right, and the probability of that side."""
        view = self._view(pixels, mirrored=False)
        if view.anterior_right is not None and view.anterior_right >= CERTAIN_SIDE:
            return view, view.anterior_right
        mirrored = self._view(pixels, mirrored=True)
        right = _right_probability(view, mirrored)
        return (view if right >= 0.5 else mirrored), right

    def _view(self, pixels: Pixels, *, mirrored: bool) -> View:
        net_height, net_width = self.config.input_size
        height, width = pixels.shape
        frame = Frame(width, height, net_width, net_height, mirrored=mirrored)
        grey = frame.resize(pixels, antialias=self.config.antialias)
        maps = self.session.infer(grey)
        if self.config.marks != "all":
            return View(frame, grey, decode_with_extra_peaks(maps), None, None)
        lateral, right = (float(1 / (1 + np.exp(-value))) for value in _image_logits(maps))
        return View(frame, grey, decode_all(maps), lateral, right)


def _image_logits(maps: Mapping[str, Pixels]) -> tuple[float, float]:
    """Return the logits of a lateral view and of a right anterior side."""
    view, side = maps["image"]
    # Twice, because training uses cross-entropy over the pair (-view, view), whose difference is 2
    # view.
    return 2 * float(view), float(side)


def _right_probability(view: View, mirrored: View) -> float:
    """Return the probability of a right anterior side from an image and its mirror image.

    The network's output and the share of confidence in the unmirrored view have equal weight.
    """
    if view.anterior_right is not None and mirrored.anterior_right is not None:
        # The mirror image answers the opposite question, so both answers are averaged.
        direct = (view.anterior_right + 1 - mirrored.anterior_right) / 2
    else:
        direct = DEFAULT_RIGHT
    total = view.strength + mirrored.strength
    # A spine that is seen from the wrong side is detected less clearly.
    clarity = view.strength / total if total > 0 else 0.5
    return float(np.clip(0.5 * direct + 0.5 * clarity, 0, 1))
