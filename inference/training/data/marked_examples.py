"""Training examples from marked images, in which only T12 to L5 are known."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inference.annotations.marked_images import MarkedImage
from inference.decoding.vertebrae import STRIDE
from inference.geometry.input_transform import Frame
from inference.network.configuration import LEVEL_CLASSES, Config
from inference.phantom.raster import Array
from inference.results import CORNERS, VERTEBRAE, Landmarks, Side
from inference.training.data.augment import Augmentation, change_tone, crop_borders, expand
from inference.training.data.samples import MARGIN_PX, Example

ROWS = np.array([LEVEL_CLASSES.index(vertebra.value) for vertebra in VERTEBRAE])
"""Indices of T12 to L5 among the bodies of an example."""


def prepare_marked_example(
    pixels: Array,
    marked: MarkedImage,
    config: Config,
    augmentation: Augmentation | None = None,
    rng: np.random.Generator | None = None,
) -> tuple[Example, Array]:
    """Return a marked image at the input size of the network, anterior to the right.

    Parameters
    ----------
    pixels
        Grey values (height, width), float32 in [0, 1].
    marked
        Landmarks of the image.
    config
        Configuration of the network.
    augmentation
        Augmentation to apply; none if ``None``.
    rng
        Source of randomness for augmentation.

    Returns
    -------
    example
        Its ``visible`` bodies are the marked ones. If one corner of a body is outside the image, it
        is computed from the other three; bodies with fewer than three corners are left out. With
        augmentation the image may be mirrored.
    known
        float32 map at stride 4: 1 between the first and the last marked body, 0 where there may be
        unmarked bodies.
    """
    plan = augmentation or Augmentation(0.0, mirror=0.0, expansion=1.0)
    rng = rng or np.random.default_rng(0)
    marks = marked.landmarks.as_array()
    if plan.trim > 0:
        pixels, marks = crop_borders(rng, pixels, marks, plan.trim)
    if rng.random() < plan.chance:
        pixels, marks = expand(rng, pixels, marks, plan.expansion)
    net_height, net_width = config.input_size
    height, width = pixels.shape
    left = (marked.anterior or anterior_side(marked.landmarks)) == "left"
    # Landmarks and pixels use one transform, so that they cannot diverge.
    frame = Frame(width, height, net_width, net_height, mirrored=left)
    grey = frame.resize(pixels, antialias=config.antialias)
    if augmentation is not None:
        grey = change_tone(rng, grey, plan)
    corners, visible = _complete_bodies(frame.to_frame(marks), config.input_size)
    example = _example(grey, corners, visible)
    known = known_map(corners, visible, config.input_size)
    if rng.random() < plan.mirror:
        return mirror_image(example), np.ascontiguousarray(known[:, ::-1])
    return example, known


def anterior_side(landmarks: Landmarks) -> Side:
    """Return the side of the anterior corners, or "right" if it cannot be determined."""
    corners = landmarks.as_array()
    depths = corners[:, (1, 3), 0] - corners[:, (0, 2), 0]
    return "left" if np.nansum(depths) < 0 else "right"


def mirror_image(example: Example) -> Example:
    """Return the mirror image of an example."""
    corners = example.corners.copy()
    corners[..., 0] = example.grey.shape[1] - 1 - corners[..., 0]
    grey = np.ascontiguousarray(example.grey[:, ::-1])
    return replace(example, grey=grey, corners=corners, anterior_right=1 - example.anterior_right)


def known_map(
    corners: NDArray[np.float64], visible: NDArray[np.bool_], size: tuple[int, int]
) -> Array:
    """Return a map of the region in which all bodies are marked.

    The region excludes everything above the first marked endplate, below the last one, and between
    two marked bodies that are not neighbours.

    Parameters
    ----------
    corners
        Corners (6, 4, 2) in input pixels.
    visible
        Whether a body is marked, (6,).
    size
        Height and width of the input.

    Returns
    -------
    ndarray
        float32 map at stride 4, 1 inside the region.
    """
    ys, xs = np.mgrid[: size[0] // STRIDE, : size[1] // STRIDE] * float(STRIDE)
    known = np.ones(xs.shape, np.float32)
    present = [int(index) for index in np.flatnonzero(visible)]
    if not present:
        return np.zeros_like(known)

    def below(index: int, plate: slice) -> NDArray[np.bool_]:
        # Half-plane caudal to an endplate, perpendicular to the axis of the body.
        middle = corners[index, plate].mean(axis=0)
        axis = corners[index, 2:].mean(axis=0) - corners[index, :2].mean(axis=0)
        return np.asarray((xs - middle[0]) * axis[0] + (ys - middle[1]) * axis[1] > 0)

    upper, lower = slice(0, 2), slice(2, 4)
    # Bodies beyond or between the marked ones may be visible; they must not count as background.
    known[~below(present[0], upper)] = 0
    known[below(present[-1], lower)] = 0
    for one, other in itertools.pairwise(present):
        if other > one + 1:
            known[below(one, lower) & ~below(other, upper)] = 0
    return known


def _complete_bodies(
    corners: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Add the fourth corner where three are marked; return corners and which bodies are usable."""
    height, width = size
    corners = corners.copy()
    visible = np.zeros(len(corners), bool)
    for index, body in enumerate(corners):
        absent = np.flatnonzero(np.isnan(body[:, 0]))
        if len(absent) == 1:
            kind = int(absent[0])
            # The fourth corner of a parallelogram; ^ 1 swaps left and right, ^ 2 upper and lower.
            body[kind] = body[kind ^ 1] + body[kind ^ 2] - body[kind ^ 3]
            inside = (0 < body[kind, 0] < width) and (0 < body[kind, 1] < height)
            if inside:
                continue  # inside the image, an unmarked corner could not be identified
        elif len(absent):
            continue
        x, y = body.mean(axis=0)
        visible[index] = (
            MARGIN_PX < x < width - 1 - MARGIN_PX and MARGIN_PX < y < height - 1 - MARGIN_PX
        )
    return corners, visible


def _example(grey: Array, corners: NDArray[np.float64], visible: NDArray[np.bool_]) -> Example:
    every = np.zeros((len(LEVEL_CLASSES), len(CORNERS), 2), np.float32)
    seen = np.zeros(len(LEVEL_CLASSES), bool)
    every[ROWS] = np.where(visible[:, None, None], corners, 0)
    seen[ROWS] = visible
    return Example(grey=grey, corners=every, visible=seen, anterior_right=1, view=1)
