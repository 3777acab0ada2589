"""Training examples from phantoms, drawn at the input size of the network, and their targets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from inference.decoding.vertebrae import STRIDE
from inference.phantom.anatomy import LEVELS
from inference.phantom.families import draw_family
from inference.phantom.other_views import draw_other_view
from inference.phantom.raster import Array, Grid
from inference.phantom.scene import Scene, draw_scene, sample_scene
from inference.training.data.cue_dropout import mask_level_cues

MARGIN_PX = 2.0
"""A body counts as visible if its centre is this far inside the image."""
MAX_CROP_SHARE = 0.08
"""Largest share of the image that is cropped at each side."""
_FINER = 1.6
"""Factor of the resolution at which supersampled images are drawn."""
_SUBJECTS = 5
"""Separates the random stream of subjects from that of image changes."""


@dataclass(frozen=True, slots=True)
class PhantomRecipe:
    """Distribution from which phantom examples are drawn.

    Attributes
    ----------
    size
        Height and width of the input.
    partial
        Share of fields of view that end anywhere.
    mirrored
        Share of images with the anterior side on the left.
    other_view
        Share of images that are not lateral spine images.
    supersampled
        Share of images drawn at a higher resolution and reduced.
    odd_count
        Share of subjects with an unusual number of vertebrae.
    inverted
        Share of images with inverted grey values.
    masked
        Share of images in which cues to the level are masked.
    cropped
        Share of images that are cropped and enlarged slightly.
    uses
        Number of examples drawn from one subject.
    demanding
        Share of the families with subtracted soft tissue, degenerative spines, limited fields or
        altered exports (`inference.phantom.families.DEMANDING`).
    """

    size: tuple[int, int] = (512, 256)
    partial: float = 0.35
    mirrored: float = 0.10
    other_view: float = 0.06
    supersampled: float = 0.25
    odd_count: float = 0.08
    inverted: float = 0.08
    masked: float = 0.35
    cropped: float = 0.4
    uses: int = 2
    demanding: float = 0.4


@dataclass(frozen=True, slots=True)
class Example:
    """One image with its ground truth.

    Attributes
    ----------
    grey
        Grey values (H, W) in [0, 1].
    corners
        Corners (17, 4, 2) in input pixels.
    visible
        Whether the centre of a body is inside the image, (17,).
    anterior_right
        1 if the anterior side is on the right, otherwise 0.
    view
        1 for a lateral spine image, otherwise 0.
    """

    grey: Array
    corners: Array
    visible: NDArray[np.bool_]
    anterior_right: int
    view: int


def draw_example(seed: int, recipe: PhantomRecipe) -> Example:
    """Return the example of a seed.

    Each group of ``recipe.uses`` neighbouring seeds shares one subject.
    """
    rng = np.random.default_rng(seed)
    height, width = recipe.size
    if rng.random() < recipe.other_view:
        return _draw_other(rng, recipe)
    # Drawing takes most of the time, so a subject serves for several examples with other changes.
    grey, corners, mirrored = _draw_subject(seed // recipe.uses, recipe)
    if rng.random() < recipe.cropped:
        grey, corners = crop_and_resize(rng, grey, corners)
    if rng.random() < recipe.masked:
        grey = mask_level_cues(rng, grey, corners)
    grey = disturb(rng, grey)
    if rng.random() < recipe.inverted:
        grey = 1 - grey
    if mirrored:
        grey = grey[:, ::-1]
        corners = corners * (-1, 1) + (width - 1, 0)
    center = corners.mean(1)  # NaN for a vertebra that the subject does not have
    visible = (
        (center[:, 0] > MARGIN_PX)
        & (center[:, 0] < width - 1 - MARGIN_PX)
        & (center[:, 1] > MARGIN_PX)
        & (center[:, 1] < height - 1 - MARGIN_PX)
    )
    return Example(
        grey=np.ascontiguousarray(grey, dtype=np.float32),
        # NaN would spread through sums of the loss even where its weight is 0.
        corners=np.nan_to_num(corners, nan=-1e4).astype(np.float32),
        visible=visible,
        anterior_right=0 if mirrored else 1,
        view=1,
    )


@lru_cache(maxsize=1)
def _draw_subject(number: int, recipe: PhantomRecipe) -> tuple[Array, NDArray[np.float64], bool]:
    """Draw the scan of one subject.

    Returns
    -------
    grey
        Grey values (H, W), anterior to the right.
    corners
        Corners (17, 4, 2) in pixels.
    mirrored
        Whether the image is to be mirrored.
    """
    rng = np.random.default_rng([number, _SUBJECTS])
    height, width = recipe.size
    scene = sample_scene(
        rng,
        family=draw_family(rng, recipe.demanding),
        partial=recipe.partial,
        mirrored=recipe.mirrored,
        odd_count=recipe.odd_count,
    )
    left, top, wide, tall = scene.field_mm
    base = Grid(left, top, width, height, wide / width, tall / height)
    if rng.random() < recipe.supersampled:
        grey = _draw_finer(rng, scene, base)
    else:
        grey = draw_scene(rng, scene, base)
    grey.flags.writeable = False  # shared by all examples of the subject
    return grey, base.to_pixels(scene.spine.corners()), scene.mirrored


def _draw_finer(rng: np.random.Generator, scene: Scene, grid: Grid) -> Array:
    """Return grey values (H, W) of a grid that were reduced from a higher resolution."""
    columns, rows = round(grid.width * _FINER), round(grid.height * _FINER)
    column_mm = grid.width * grid.column_mm / columns
    row_mm = grid.height * grid.row_mm / rows
    fine = draw_scene(rng, scene, Grid(grid.left, grid.top, columns, rows, column_mm, row_mm))
    reduced = Image.fromarray(fine).resize((grid.width, grid.height), Image.Resampling.BILINEAR)
    return np.array(reduced)


def crop_and_resize(
    rng: np.random.Generator, grey: Array, corners: NDArray[np.float64]
) -> tuple[Array, NDArray[np.float64]]:
    """Crop up to ``MAX_CROP_SHARE`` at each side and enlarge the rest to the original size."""
    height, width = grey.shape
    left, above, right, below = rng.uniform(0, MAX_CROP_SHARE, 4)
    x0, x1 = left * width, (1 - right) * width
    y0, y1 = above * height, (1 - below) * height
    resized = Image.fromarray(grey).resize(
        (width, height), Image.Resampling.BILINEAR, box=(x0, y0, x1, y1)
    )
    scale = np.array([width / (x1 - x0), height / (y1 - y0)])
    # Half-pixel centres, as in the resizing itself.
    return np.asarray(resized), (corners + 0.5 - (x0, y0)) * scale - 0.5


def disturb(rng: np.random.Generator, grey: Array) -> Array:
    """Return an image with random tone, blur, noise, markers and collimation.

    Parameters
    ----------
    rng
        Source of randomness.
    grey
        Grey values (H, W) in [0, 1]; they are not changed.
    """
    height, width = grey.shape
    if rng.random() < 0.3:
        grey = gaussian_filter(grey, rng.uniform(0.3, 1.3) * np.array([1.0, rng.uniform(0.7, 1.3)]))
    if rng.random() < 0.5:
        contrast, level = rng.uniform(0.45, 1.4), rng.uniform(-0.12, 0.12)
        grey = (grey - 0.5) * np.float32(contrast) + np.float32(0.5 + level)
    grey = np.clip(grey, 0, 1)
    if rng.random() < 0.4:
        grey = grey ** np.float32(np.exp(rng.normal(0, 0.35)))
    if rng.random() < 0.25:
        noise = rng.standard_normal(grey.shape).astype(np.float32)
        grey = grey + np.float32(rng.uniform(0.005, 0.05)) * noise
    if rng.random() < 0.12:  # collimated or padded borders
        side = int(rng.integers(4))
        share = rng.uniform(0.01, 0.08)
        value = np.float32(rng.choice([0.0, 0.0, 1.0]))
        edge = int(share * (height if side < 2 else width)) + 1
        grey = grey.copy()
        grey[
            (
                slice(edge),
                slice(-edge, None),
                (slice(None), slice(edge)),
                (slice(None), slice(-edge, None)),
            )[side]
        ] = value
    if rng.random() < 0.08:  # metal or a marker
        y, x = int(rng.integers(height)), int(rng.integers(width))
        grey = grey.copy()
        grey[y : y + int(rng.integers(4, 40)), x : x + int(rng.integers(3, 20))] = 1.0
    return np.asarray(np.clip(grey, 0, 1), dtype=np.float32)


def all_body_targets(example: Example) -> dict[str, NDArray[Any]]:
    """Return the training targets of a network that labels all bodies.

    Returns
    -------
    dict
        ``grey`` (H, W); ``heat`` (H / 4, W / 4); ``center`` (17, 2) in cells of stride 4;
        ``corners`` (17, 4, 2) in pixels; ``body`` (17,), bodies to train on; ``anterior_right``
        and ``view``.
    """
    height, width = example.grey.shape
    shape = (height // STRIDE, width // STRIDE)
    # Targets are in cells of the heat map.
    center = example.corners.mean(1) / STRIDE
    heat = np.zeros(shape, np.float32)
    ys, xs = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    # Bodies of mirrored images are not trained on: prediction looks at images in both orientations.
    trained = example.visible & bool(example.view and example.anterior_right)
    for k in np.flatnonzero(trained):
        tall = float(np.linalg.norm(example.corners[k, 2] - example.corners[k, 0])) / STRIDE
        wide = float(np.linalg.norm(example.corners[k, 1] - example.corners[k, 0])) / STRIDE
        cx, cy = round(float(center[k, 0])), round(float(center[k, 1]))
        # A Gaussian whose width follows the size of the body.
        spread = np.exp(
            -((xs - cx) ** 2) / (2 * max(wide / 7, 0.7) ** 2)
            - ((ys - cy) ** 2) / (2 * max(tall / 7, 0.7) ** 2)
        )
        np.maximum(heat, spread, out=heat)
    return {
        "grey": example.grey,
        "heat": heat,
        "center": center.astype(np.float32),
        "corners": example.corners,
        "body": trained,
        "anterior_right": np.int64(example.anterior_right),
        "view": np.int64(example.view),
    }


def _draw_other(rng: np.random.Generator, recipe: PhantomRecipe) -> Example:
    height, width = recipe.size
    # Sizes of other body regions in mm.
    tall = float(rng.uniform(180, 420))
    wide = tall * float(rng.uniform(0.4, 1.1))
    grid = Grid(-wide / 2, -tall / 2, width, height, wide / width, tall / height)
    grey = disturb(rng, draw_other_view(rng, grid))
    count = len(LEVELS)
    return Example(grey, np.zeros((count, 4, 2), np.float32), np.zeros(count, bool), 1, 0)
