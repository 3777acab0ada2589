"""Text, arrows, boxes and rulers that software draws over an image."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inference.phantom.raster import Array

_TEXTS: Final = (
    "L",
    "R",
    "LATERAL",
    "Lateral spine",
    "T12",
    "L1",
    "L3",
    "L4",
    "BMD 0.92",
    "T-score -1.8",
    "Not for diagnosis",
    "120 mm",
    "A / P",
)
Size = tuple[int, int]


def draw_overlays(rng: np.random.Generator, grey: Array, count: int) -> Array:
    """Return an image with random texts, arrows, boxes and rulers, mostly white.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    grey : float32 array (H, W)
        Grey values in [0, 1]; they are not changed.
    count : int
        Number of overlays.
    """
    mask = Image.new("L", (grey.shape[1], grey.shape[0]))
    draw = ImageDraw.Draw(mask)
    for _ in range(count):
        _SHAPES[int(rng.integers(len(_SHAPES)))](rng, draw, mask.size)
    drawn = np.asarray(mask, np.float32) / np.float32(255)
    value = np.float32(rng.choice([1.0, 1.0, 0.75, 0.0]))
    return grey + drawn * (value - grey)


def _text(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: Size) -> None:
    position = _position(rng, size)
    tall = max(8, round(size[1] * float(rng.uniform(0.015, 0.05))))
    draw.text(position, str(rng.choice(_TEXTS)), fill=255, font=_font(tall))


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def _arrow(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: Size) -> None:
    tip = np.array(_position(rng, size))
    angle = rng.uniform(0, 2 * np.pi)
    long = size[1] * rng.uniform(0.04, 0.12)
    tail = tip + long * np.array([np.cos(angle), np.sin(angle)])
    wide = _line_width(rng, size)
    draw.line([tuple(tip), tuple(tail)], fill=255, width=wide)
    for turn in (-0.4, 0.4):
        way = np.array([np.cos(angle + turn), np.sin(angle + turn)])
        draw.line([tuple(tip), tuple(tip + 0.35 * long * way)], fill=255, width=wide)


def _box(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: Size) -> None:
    """Draw one box, or the outlines of adjacent regions one above the other."""
    x, y = _position(rng, size)
    wide = size[0] * float(rng.uniform(0.1, 0.5))
    tall = size[1] * float(rng.uniform(0.03, 0.12))
    for k in range(int(rng.choice([1, 1, 3, 4]))):
        top = y + k * tall
        draw.rectangle((x, top, x + wide, top + tall), outline=255, width=_line_width(rng, size))


def _ruler(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: Size) -> None:
    x = float(rng.uniform(0.01, 0.08) if rng.random() < 0.5 else rng.uniform(0.9, 0.98)) * size[0]
    top, bottom = np.sort(rng.uniform(0, 1, 2)) * size[1]
    wide = _line_width(rng, size)
    draw.line([(x, top), (x, bottom)], fill=255, width=wide)
    step = size[1] * float(rng.uniform(0.02, 0.04))
    for k, y in enumerate(np.arange(top, bottom, step)):
        long = size[0] * (0.04 if k % 5 == 0 else 0.02)
        draw.line([(x, y), (x + long, y)], fill=255, width=wide)


def _position(rng: np.random.Generator, size: Size) -> tuple[float, float]:
    return float(rng.uniform(0, 0.85) * size[0]), float(rng.uniform(0, 0.95) * size[1])


def _line_width(rng: np.random.Generator, size: Size) -> int:
    return max(1, round(size[1] / 600 * float(rng.uniform(0.7, 2.5))))


Shape = Callable[[np.random.Generator, ImageDraw.ImageDraw, Size], None]
_SHAPES: Final[tuple[Shape, ...]] = (_text, _text, _arrow, _box, _ruler)
