"""Detect the column of vertebral bodies in an image, from its anterior side and with bone bright.

The network is run on the image as it is and, if the anterior side is uncertain, on the mirror
image. A *variation* is a slightly altered copy of the image on which the network is run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.corner_patches import PatchFrames, cut_corner_patches, locate_in_patches
from inference.decoding.corners import CORNER_STRIDE
from inference.decoding.extra_peaks import decode_with_extra_peaks
from inference.decoding.vertebrae import DetectedBody, decode_all
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
SETTLED: Final = 1 / 128
"""Distance, as a share of a patch, beyond which a corner that the second stage has moved is located
once more. Set on 600 phantoms (seeds from 7,670,000 and 7,671,000): about half of the bodies have
such a corner. Repeating all bodies, or these once again, did not reduce the error further."""
DEFAULT_RIGHT: Final = 0.6
"""Prior probability of a right anterior side, for networks without such an output; in the data of
VerteNet's authors, anterior is always to the right. How it was selected is not recorded."""

Pixels = NDArray[np.float32]
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Variation:
    """A slight alteration of an image.

    Attributes
    ----------
    gamma
        Exponent of the grey values.
    margins
        Rows added at the top and bottom, and columns added at the left and right, as shares of the
        height and width. They repeat the border. Negative margins remove rows or columns.
    mirrored
        Whether the image is reversed from left to right.
    """

    gamma: float = 1.0
    margins: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    mirrored: bool = False

    def apply(self, pixels: Pixels) -> tuple[Pixels, NDArray[np.float64]]:
        """Return the altered image and the offset (x, y) of its origin in original pixels."""
        height, width = pixels.shape
        top, bottom = (round(share * height) for share in self.margins[:2])
        left, right = (round(share * width) for share in self.margins[2:])
        cut = pixels[
            max(-top, 0) : height - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)
        ]
        added = ((max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0)))
        altered = np.pad(cut, added, mode="edge")
        if self.gamma != 1:
            altered = np.power(np.clip(altered, 0, 1), np.float32(self.gamma))
        return np.asarray(altered, np.float32), np.array([-left, -top], float)


VARIATIONS: Final[Mapping[str, Variation]] = {
    "mirrored": Variation(gamma=0.8, margins=(0.03, 0.01, 0.02, 0.04), mirrored=True),
}
"""Variations that can be analysed as well if the labels are not clear. Each is one pass of the
network, so mirror, shift, scale and tone are varied at once: the time of such an image at most
doubles."""
COMPARISON: Final = Variation(gamma=0.8, margins=(0.03, 0.01, 0.02, 0.04))
"""Variation whose disagreement shows that the network is unsure of an image. It is not mirrored,
because the network finds fewer bodies in mirror images whatever the image shows."""


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
        return _isotropic(self.view, self.pixel_aspect, np.zeros(2))

    @property
    def width(self) -> float:
        """Return the width of the image in isotropic pixels, which are as wide as its pixels."""
        return float(self.pixels.shape[1])

    @property
    def end(self) -> float:
        """Return the height of the image in isotropic pixels."""
        return float(self.pixels.shape[0] * self.pixel_aspect)


class ColumnDetector:
    """Run a network on images and decode its maps into columns of vertebral bodies."""

    def __init__(self, config: Config, session: Session) -> None:
        self.config = config
        self.session = session

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
        return _isotropic(self._view(pixels, mirrored=mirrored), detection.pixel_aspect, origin)

    def refine(self, view: View, indices: Sequence[int]) -> View:
        """Return a view in which the second stage has located the corners of some bodies.

        Where it moves a corner far, the patch did not fit the body, so the corners are located once
        more on a new patch. A corner that the first stage puts outside the image stays where it is.
        Without a second stage, the view is returned unchanged.
        """
        plan = self.config.refiner
        if plan is None or not indices:
            return view
        first = np.array([view.bodies[index].corners for index in indices])
        refined, shifts = self._locate(view.grey, first, plan.size)
        far = (shifts > SETTLED).any(axis=1)
        if far.any():
            refined[far], _ = self._locate(view.grey, refined[far], plan.size)
        last = np.array(view.grey.shape[::-1]) - 0.5
        inside = ((first >= -0.5) & (first <= last)).all(axis=-1, keepdims=True)
        bodies = list(view.bodies)
        for index, corners in zip(indices, np.where(inside, refined, first), strict=True):
            bodies[index] = replace(bodies[index], corners=corners)
        return replace(view, bodies=bodies)

    def _locate(self, grey: Pixels, corners: Points, size: int) -> tuple[Points, Points]:
        """Return corners (bodies, 4, 2) from the second stage, and their shifts (bodies, 4).

        Corners are in pixels of the network's input, shifts in shares of a patch.
        """
        frames = PatchFrames.around(corners)
        maps = self.session.refine(cut_corner_patches(grey, frames, size))
        side = size // CORNER_STRIDE
        before = frames.to_patch(corners, side)
        after = locate_in_patches(maps, before)
        shifts = np.linalg.norm(after - before, axis=2) / side
        return frames.to_input(after, side), np.asarray(shifts)

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


def _isotropic(view: View, pixel_aspect: float, origin: NDArray[np.float64]) -> list[DetectedBody]:
    """Return the bodies in isotropic pixels of the original image's width."""
    return [
        replace(body, corners=(corners + origin) * (1.0, pixel_aspect))
        for body, corners in zip(view.bodies, view.corners, strict=True)
    ]
