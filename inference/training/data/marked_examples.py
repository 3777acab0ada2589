"""Training examples from marked images: T12 to L5, and nothing said about other bodies."""

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
from inference.training.data.augment import change_tone, crop_borders, expand
from inference.training.data.samples import MARGIN_PX, Example
from inference.training.recipes import Augmentation

ROWS = np.array([LEVEL_CLASSES.index(vertebra.value) for vertebra in VERTEBRAE])
"""Where T12 to L5 stand among the bodies of an example."""


def prepare_marked_example(
    pixels: Array,
    marked: MarkedImage,
    config: Config,
    augmentation: Augmentation | None = None,
    rng: np.random.Generator | None = None,
) -> tuple[Example, Array]:
    """An image and its marks at the network's input size, the front to the right.

    Parameters
    ----------
    pixels
        float32 (height, width) in [0, 1].
    augmentation
        What is done to them; nothing where ``None``.

    Returns
    -------
    example
        Its ``visible`` bodies are the marked ones. A body with one corner outside the image gets
        that corner from the other three; one with fewer than three corners is left out.
    known
        float32 map at stride 4: 1 between the first and the last marked body, 0 where bodies may
        lie that nobody marked.
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
    frame = Frame(width, height, net_width, net_height, mirrored=left)
    grey = frame.resize(pixels, antialias=config.antialias)
    if augmentation is not None:
        grey = change_tone(rng, grey, plan)
    corners, visible = _complete(frame.to_frame(marks), config.input_size)
    example = _example(grey, corners, visible)
    known = known_map(corners, visible, config.input_size)
    if rng.random() < plan.mirror:
        return mirror_image(example), np.ascontiguousarray(known[:, ::-1])
    return example, known


def anterior_side(landmarks: Landmarks) -> Side:
    """The side on which the anterior corners lie; right where nothing tells."""
    corners = landmarks.as_array()
    ways = corners[:, (1, 3), 0] - corners[:, (0, 2), 0]
    return "left" if np.nansum(ways) < 0 else "right"


def mirror_image(example: Example) -> Example:
    """The same bodies with the front on the other side."""
    corners = example.corners.copy()
    corners[..., 0] = example.grey.shape[1] - 1 - corners[..., 0]
    grey = np.ascontiguousarray(example.grey[:, ::-1])
    return replace(example, grey=grey, corners=corners, front=1 - example.front)


def known_map(
    corners: NDArray[np.float64], visible: NDArray[np.bool_], size: tuple[int, int]
) -> Array:
    """Where every body is marked: ``corners`` (6, 4, 2) in input pixels, ``visible`` (6,).

    Above the first end plate, below the last one, and between two marked bodies that are not
    neighbours nothing is known.
    """
    ys, xs = np.mgrid[: size[0] // STRIDE, : size[1] // STRIDE] * float(STRIDE)
    known = np.ones(xs.shape, np.float32)
    there = [int(place) for place in np.flatnonzero(visible)]
    if not there:
        return np.zeros_like(known)

    def below(place: int, plate: slice) -> NDArray[np.bool_]:
        middle = corners[place, plate].mean(axis=0)
        axis = corners[place, 2:].mean(axis=0) - corners[place, :2].mean(axis=0)
        return np.asarray((xs - middle[0]) * axis[0] + (ys - middle[1]) * axis[1] > 0)

    upper, lower = slice(0, 2), slice(2, 4)
    known[~below(there[0], upper)] = 0
    known[below(there[-1], lower)] = 0
    for one, other in itertools.pairwise(there):
        if other > one + 1:
            known[below(one, lower) & ~below(other, upper)] = 0
    return known


def _complete(
    corners: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Corners with a fourth one where three are marked, and which bodies can be trained on."""
    height, width = size
    corners = corners.copy()
    visible = np.zeros(len(corners), bool)
    for place, body in enumerate(corners):
        absent = np.flatnonzero(np.isnan(body[:, 0]))
        if len(absent) == 1:
            kind = int(absent[0])
            body[kind] = body[kind ^ 1] + body[kind ^ 2] - body[kind ^ 3]
            inside = (0 < body[kind, 0] < width) and (0 < body[kind, 1] < height)
            if inside:
                continue
        elif len(absent):
            continue
        x, y = body.mean(axis=0)
        visible[place] = (
            MARGIN_PX < x < width - 1 - MARGIN_PX and MARGIN_PX < y < height - 1 - MARGIN_PX
        )
    return corners, visible


def _example(grey: Array, corners: NDArray[np.float64], visible: NDArray[np.bool_]) -> Example:
    every = np.zeros((len(LEVEL_CLASSES), len(CORNERS), 2), np.float32)
    seen = np.zeros(len(LEVEL_CLASSES), bool)
    every[ROWS] = np.where(visible[:, None, None], corners, 0)
    seen[ROWS] = visible
    return Example(grey=grey, corners=every, visible=seen, front=1, view=1)
