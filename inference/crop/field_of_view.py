"""Where the field of a scan really ends: at the image's border, or at a straight edge before it.

An export may be padded, or the scanned window narrower than the image. What lies beyond such an
edge is even and dark, and the edge is straight: row after row, the same column is the last that
shows anything. Soft tissue that an export clipped to black ends raggedly, and skin against air in a
curve: there the field goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.geometry.pixel_size import PixelSize
from inference.results import Point

EndKind = Literal["image", "edge"]
FieldSide = Literal["right", "left", "top", "bottom"]
SIDES: tuple[FieldSide, ...] = ("right", "left", "top", "bottom")

EVEN = 3.5 / 255
"""Grey values this near to those of the border count as the same: JPEG leaves ripples."""
STRAY = 0.01
"""The share of a column that may differ in padding: letters and marks are burned in there."""
FULL = 0.12
"""The share of its rows that the last column before an edge shows something in, at least."""
BRIGHT = 0.7
"""How bright that column is, at least, compared with those just before it: skin tapers off."""
STRAIGHT = 0.6
"""Within a part of the image: the share of rows that end in that very column, at least."""
SUDDEN = 0.6
"""Where little shows: how many specks the last column has, compared with those before it."""
SPECKS, SPECKLED = 6, 16
"""Specks in the last column, and how many columns before it they are compared with, at least."""
SPARSE = 0.25
"""The share of a column that specks make up, at most: what shows more is judged by its edge."""
SPREAD = 0.5
"""The share of `BANDS` stretches of rows that those specks lie in: letters lie in one or two."""
INNER = 8
BANDS = 16
MIN_BAND_ROWS = 40
SHOWING = 3
MIN_STEP = 2
MIN_PADDING = 2


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The last place inside the field, on each side: per row for right and left, else per column.

    Places are the outer borders of pixels: the whole image reaches from -0.5 to width - 0.5.
    ``shown`` is the outermost place that shows anything but black: as far the field must reach.
    """

    ends: dict[FieldSide, NDArray[np.float64]]
    shown: dict[FieldSide, float]
    width: int
    height: int

    def rooms(self, points: NDArray[np.float64], size: PixelSize) -> NDArray[np.float64]:
        """How far the field goes on beyond each place (n, 2), to each of `SIDES` (n, 4).

        In the units of `size`; negative where the field ended before.
        """
        x, y = points.T
        row = np.clip(np.rint(y), 0, self.height - 1).astype(int)
        column = np.clip(np.rint(x), 0, self.width - 1).astype(int)
        return np.stack(
            [
                (self.ends["right"][row] - x) * size.across,
                (x - self.ends["left"][row]) * size.across,
                (y - self.ends["top"][column]) * size.down,
                (self.ends["bottom"][column] - y) * size.down,
            ],
            axis=1,
        )

    def surely(self) -> Field:
        """The part of the field that is proven by something that shows in it."""
        least, most = np.maximum, np.minimum
        narrower = {"right": most, "bottom": most, "left": least, "top": least}
        ends = {side: narrower[side](self.ends[side], self.shown[side]) for side in SIDES}
        return replace(self, ends=ends)

    def kind(self, side: FieldSide, point: Point) -> EndKind:
        """Whether the image's border or an edge inside it ends the field on that side."""
        place = point[1] if side in ("right", "left") else point[0]
        ends = self.ends[side]
        border = {"right": self.width - 0.5, "bottom": self.height - 0.5}.get(side, -0.5)
        return "image" if ends[min(max(round(place), 0), len(ends) - 1)] == border else "edge"


def find_field(pixels: NDArray[np.float32]) -> Field:
    """Find the field's end on each side of an image.

    Parameters
    ----------
    pixels
        (height, width) in [0, 1].

    Notes
    -----
    Each side is looked at as a whole and in overlapping bands of a sixteenth of the image, since
    some scanners narrow the field on the way. Per band, columns are counted in from the border:
    those with nothing but the border's own grey are padding if the first column that shows more is
    nearly as bright as those behind it. Ragged tissue thins out instead, and skin tapers off. Where
    tissue is all but black, the specks that are left of it stop in one column instead.
    Slanted edges are not looked for. Within the bands only black counts as padding: saturated bone
    at the border is even, too.
    """
    height, width = pixels.shape
    seen = pixels > EVEN
    across, along = seen.sum(axis=0), seen.sum(axis=1)
    right, down = _ends(pixels, seen), _ends(pixels.T, seen.T)
    left, up = _ends(pixels[:, ::-1], seen[:, ::-1]), _ends(pixels[::-1].T, seen[::-1].T)
    return Field(
        ends={"right": right, "left": width - 1 - left, "top": height - 1 - up, "bottom": down},
        shown={
            "right": _last(across),
            "left": width - 1 - _last(across[::-1]),
            "top": height - 1 - _last(along[::-1]),
            "bottom": _last(along),
        },
        width=width,
        height=height,
    )


def _last(counts: NDArray[np.int64]) -> float:
    """The outermost place beyond which fewer than `SHOWING` pixels show anything."""
    beyond = np.cumsum(counts[::-1])
    return len(counts) - 0.5 - float(np.searchsorted(beyond, SHOWING))


def _ends(pixels: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The field's last place on the right, row by row; ``seen`` is what is not black."""
    height, width = pixels.shape
    border = float(np.median(pixels[:, -1]))
    ends = np.full(height, width - 0.5)
    whole = _edge(pixels, border)
    if whole is None:
        whole = _speckled_edge(np.abs(pixels - np.float32(border)) > EVEN)
    if whole is not None:
        ends[:] = whole + 0.5
    for rows, edge in _steps(pixels, seen):
        ends[rows] = np.minimum(ends[rows], edge + 0.5)
    return ends


def _steps(pixels: NDArray[np.float32], seen: NDArray[np.bool_]) -> list[tuple[slice, int]]:
    """Stretches of rows whose last column that shows anything is one and the same."""
    height, width = pixels.shape
    rows = max(MIN_BAND_ROWS, height // BANDS)
    shown = seen.any(axis=1)
    lasts = np.where(shown, width - 1 - np.argmax(seen[:, ::-1], axis=1), -1)
    found: list[tuple[slice, int]] = []
    for top in range(0, max(height - rows, 0) + 1, rows // 2):
        band = slice(top, top + rows)
        edge = int(np.median(lasts[band]))
        if np.mean(lasts[band] == edge) < STRAIGHT or edge != _edge(pixels[band], 0.0):
            continue
        if found and found[-1][1] == edge and found[-1][0].stop >= top:
            band = slice(found.pop()[0].start, band.stop)
        found.append((band, edge))
    return [(band, edge) for band, edge in found if band.stop - band.start >= MIN_STEP * rows]


def _edge(pixels: NDArray[np.float32], border: float) -> int | None:
    """The last column before even padding, or ``None`` where there is no such straight edge."""
    rows, width = pixels.shape
    if np.count_nonzero(np.abs(pixels[:, -1] - border) > EVEN) > STRAY * rows:
        return None
    contrast = np.abs(pixels - np.float32(border))
    counts = np.count_nonzero(contrast > EVEN, axis=0)
    showing = np.flatnonzero(counts > STRAY * rows)
    if not showing.size:
        return None
    last = int(showing[-1])
    if width - 1 - last < MIN_PADDING or last < INNER:
        return None
    brightness = contrast[:, last - INNER : last + 1].mean(axis=0)
    full = int(counts[last - 1 : last + 1].max()) >= FULL * rows
    bright = float(brightness[-2:].max()) >= BRIGHT * float(brightness[:-2].mean())
    return last if full and bright else None


def _speckled_edge(differs: NDArray[np.bool_]) -> int | None:
    """The last column of specks that stop there all at once, before nothing but the border's grey.

    The specks of tissue that an export clipped to black grow fewer from column to column.
    """
    height, width = differs.shape
    counts = np.count_nonzero(differs, axis=0)
    showing = np.flatnonzero(counts)
    if not showing.size:
        return None
    last = int(showing[-1])
    if width - 1 - last < MIN_PADDING or last < SPECKLED:
        return None
    before = slice(last - SPECKLED, last)
    rows = np.flatnonzero(differs[:, before].any(axis=1))
    spread = len(set(rows * BANDS // height)) >= SPREAD * BANDS
    sparse = int(counts[before].max()) <= SPARSE * height
    sudden = counts[last] >= max(SPECKS, SUDDEN * float(counts[before].mean()))
    return last if spread and sparse and sudden else None
