"""Scanner families: field of view, pixel size, and conversion of attenuation to grey values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from inference.phantom.anatomy import Spine
from inference.phantom.projection import Attenuation
from inference.phantom.raster import Array, Grid, enlarge


@dataclass(frozen=True, slots=True)
class Family:
    """Typical properties of one kind of scanner. Ranges are (low, high).

    Attributes
    ----------
    name, maker, model : str
        Key of the family, manufacturer and model in DICOM files.
    bits : int
        8 or 12.
    pixel_mm : range of mm
        Pixel height.
    aspect : range
        Pixel width over pixel height.
    width_mm, height_mm : range of mm
        Size of the field of view.
    soft : range
        Weight of soft tissue, negative where dual energy removes more than all of it.
    blur_mm : range of mm
        Standard deviation of the blur.
    noise : range
        Standard deviation of the noise; a vertebral body is near 0.6.
    clip_soft : float
        Probability that the display window clips soft tissue to black.
    sharpen : range
        Strength of unsharp masking.
    """

    name: str
    maker: str
    model: str
    bits: int
    pixel_mm: tuple[float, float]
    aspect: tuple[float, float]
    width_mm: tuple[float, float]
    height_mm: tuple[float, float]
    soft: tuple[float, float]
    blur_mm: tuple[float, float]
    noise: tuple[float, float]
    clip_soft: float
    sharpen: tuple[float, float]


FAMILIES: Final[dict[str, Family]] = {
    family.name: family
    for family in (
        Family(
            "hologic_se",
            "Hologic, Inc.",
            "Horizon A",
            12,
            (0.30, 0.40),
            (0.9, 1.1),
            (125, 165),
            (300, 430),
            (0.35, 0.9),
            (0.25, 0.6),
            (0.006, 0.025),
            0.1,
            (0.0, 1.2),
        ),
        Family(
            "hologic_de",
            "Hologic, Inc.",
            "Discovery W",
            12,
            (0.35, 0.50),
            (0.85, 1.2),
            (120, 160),
            (280, 420),
            (0.05, 0.35),
            (0.4, 0.9),
            (0.02, 0.06),
            0.3,
            (0.0, 0.6),
        ),
        Family(
            "ge_prodigy",
            "GE Healthcare",
            "Prodigy",
            8,
            (0.45, 0.60),
            (0.9, 1.1),
            (130, 190),
            (280, 420),
            (-0.1, 0.35),
            (0.5, 1.0),
            (0.015, 0.05),
            0.6,
            (0.0, 0.8),
        ),
        Family(
            "ge_idxa",
            "GE Healthcare",
            "Lunar iDXA",
            8,
            (0.247, 0.30),
            (1.0, 1.0),
            (150, 205),
            (300, 440),
            (-0.15, 0.3),
            (0.25, 0.55),
            (0.006, 0.03),
            0.85,
            (0.0, 1.5),
        ),
    )
}


def sample_field(
    rng: np.random.Generator, family: Family, spine: Spine, *, partial: float
) -> tuple[float, float, float, float]:
    """Return left, top, width and height (mm) of a field of view.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    family : Family
        The scanner.
    spine : Spine
        The subject's spine.
    partial : float
        Probability that the field ends anywhere, also within L1-L5. Otherwise it contains the
        bodies from T12 to the last lumbar one.
    """
    width, height = float(rng.uniform(*family.width_mm)), float(rng.uniform(*family.height_mm))
    before_last, last = spine.lumbar[-2:]
    t12 = spine.body("T12")
    lowest = float(last.corners()[:, 1].max())
    if rng.random() < partial:
        bottom = float(rng.uniform(before_last.center[1] - 15, lowest + 5))
    else:
        bottom = lowest + float(rng.gamma(1.3, 16.0)) + 3
    top = bottom - height
    ceiling = spine.bodies[0].center[1] + 2
    if rng.random() < partial:
        top = float(rng.uniform(spine.body("T8").center[1], t12.center[1] + 25))
    top = min(max(top, ceiling), float(t12.corners()[:, 1].min()) - 6 if partial < 1 else top)
    height = max(bottom - top, 120.0)
    inside = [b.center[0] for b in spine.bodies if top < b.center[1] < bottom]
    front = max(b.center[0] + b.depth / 2 for b in spine.bodies if top < b.center[1] < bottom)
    back = min(inside) - 17.0
    # Most fields end beyond the aorta; a few end on it, so that the crop check has both cases.
    aorta_room = front + float(rng.uniform(22, 60))
    if rng.random() < 0.06:
        aorta_room = front + float(rng.uniform(0, 25))
    left = min(aorta_room - width, back - float(rng.uniform(2, 40)))
    if rng.random() < 0.5:
        left = max(left, back - 75)
    return left, top, width, height


def render_grey_values(
    rng: np.random.Generator, family: Family, seen: Attenuation, grid: Grid
) -> Array:
    """Return grey values (H, W) in [0, 1], bright where dense, as the scanner's software does."""
    soft_weight = float(rng.uniform(*family.soft))
    raw: Array = seen.bone + np.float32(soft_weight) * seen.soft
    blur = float(rng.uniform(*family.blur_mm))
    sigma = (blur / grid.row_mm, blur / grid.column_mm)
    if max(sigma) > 0.3:
        raw = gaussian_filter(raw, sigma, truncate=2.5)
    noise: Array = rng.standard_normal(raw.shape).astype(np.float32)
    # The grain of the noise has a size in mm, which is more than one pixel of a fine grid.
    if grid.finest_mm < 0.5:
        noise = gaussian_filter(noise, 0.6) * np.float32(1.8)
    level = float(rng.uniform(*family.noise))
    raw = raw + np.float32(level) * noise * (0.7 + 0.5 * np.clip(seen.soft + seen.bone, 0, 2))
    if rng.random() < 0.4:  # line noise of the scanning arm
        lines = rng.standard_normal((raw.shape[0], 1)).astype(np.float32)
        raw = raw + np.float32(rng.uniform(0, 0.012)) * lines
    amount = float(rng.uniform(*family.sharpen))
    if amount > 0.2:
        wide = float(rng.uniform(2.0, 9.0))
        smooth = gaussian_filter(raw, (wide / grid.row_mm, wide / grid.column_mm), truncate=2)
        raw = raw + np.float32(amount * 0.6) * (raw - smooth)
    if rng.random() < 0.1:
        raw = _with_motion(rng, raw)
    style = rng.random()
    if style < 0.10:
        return _edges_only(rng, raw, grid)
    if style < 0.22:
        raw = _with_even_contrast(rng, raw, grid)
    return _window(rng, family, raw, seen)


def _edges_only(rng: np.random.Generator, raw: Array, grid: Grid) -> Array:
    """Return edges only: bodies are nearly as grey as their surroundings."""
    wide = float(rng.uniform(4.0, 14.0))
    smooth = gaussian_filter(raw, (wide / grid.row_mm, wide / grid.column_mm), truncate=2)
    detail = raw - np.float32(rng.uniform(0.7, 1.0)) * smooth
    low, high = np.quantile(detail[::4, ::4], [rng.uniform(0.001, 0.05), rng.uniform(0.98, 0.999)])
    return np.asarray(np.clip((detail - low) / max(float(high - low), 0.02), 0, 1), np.float32)


def _with_even_contrast(rng: np.random.Generator, raw: Array, grid: Grid) -> Array:
    """Return an image with equalised local contrast, as some export software produces."""
    wide = float(rng.uniform(12.0, 40.0))
    sigma = (wide / grid.row_mm, wide / grid.column_mm)
    step = 4
    small = raw[: raw.shape[0] // step * step, : raw.shape[1] // step * step]
    # Means and spreads vary slowly, so a reduced image suffices and takes a fraction of the time.
    small = small.reshape(small.shape[0] // step, step, -1, step).mean((1, 3))
    coarse = (sigma[0] / step, sigma[1] / step)
    mean = gaussian_filter(small, coarse, truncate=2)
    spread = np.sqrt(gaussian_filter((small - mean) ** 2, coarse, truncate=2) + 1e-4)
    share = np.float32(rng.uniform(0.3, 0.9))
    evened = (raw - share * enlarge(mean, raw.shape)) / enlarge(spread, raw.shape) ** share
    return np.asarray(evened * np.float32(0.3), np.float32)


def _window(rng: np.random.Generator, family: Family, raw: Array, seen: Attenuation) -> Array:
    """Return grey values after the display window and gamma of the scanner's software."""
    # The window is set by the mean of vertebral bodies and the median of plain soft tissue.
    bodies = raw[(seen.bone > 0.35) & (seen.bone < 0.9)]
    plain = raw[seen.bone < 0.08]
    bright = float(np.mean(bodies)) if bodies.size > 50 else float(raw.mean() + 0.4)
    dark = float(np.median(plain)) if plain.size > 50 else float(raw.mean() - 0.2)
    # Without a minimum, an image of little contrast would become noise.
    span = max(bright - dark, 0.12)
    if rng.random() < family.clip_soft:
        low = dark + span * float(rng.uniform(-0.35, 0.18))
        target = float(rng.uniform(0.38, 0.75))
    else:
        low = dark - span * float(rng.uniform(0.3, 1.6))
        target = float(rng.uniform(0.45, 0.72))
    high = low + (bright - low) / target
    scaled = np.clip((raw - np.float32(low)) / np.float32(max(high - low, 0.1)), 0, 1)
    gamma = float(np.exp(rng.normal(0, 0.22)))
    return np.asarray(scaled**gamma, dtype=np.float32)


def _with_motion(rng: np.random.Generator, raw: Array) -> Array:
    """Return an image of a subject who moved: all rows from one on are shifted sideways."""
    moved = raw.copy()
    row = int(rng.integers(raw.shape[0] // 5, raw.shape[0]))
    moved[row:] = np.roll(moved[row:], int(rng.integers(-2, 3)), axis=1)
    return gaussian_filter1d(moved, 0.3, axis=0) if rng.random() < 0.3 else moved
