"""Find the end of the scanned field: the image border, or a straight edge inside the image.

An export may be padded, or the scanned window may be narrower than the image. Beyond such an edge
the image is uniformly dark, and row after row the last non-dark pixel is in the same column. Soft
tissue that was clipped to black on export has a ragged edge, and skin against air a curved one; in
both cases the field continues.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.geometry.pixel_size import PixelSize
from inference.results import Point

EndKind = Literal["image", "edge"]
FieldSide = Literal["right", "left", "top", "bottom"]
SIDES: tuple[FieldSide, ...] = ("right", "left", "top", "bottom")

# How these limits were selected is not recorded; docs/guides.md reports the verdicts that follow
# from them on phantoms, with and without padding.
EVEN = 3.5 / 255
"""Grey values within this distance of the border's count as equal, because JPEG leaves ripples."""
STRAY = 0.01
"""Maximum share of a padding column that may differ, for burned-in letters and marks."""
FULL = 0.12
"""Minimum share of non-dark rows in the last column before an edge."""
BRIGHT = 0.7
"""Minimum brightness of that column relative to the columns before it, because skin tapers off."""
STRAIGHT = 0.6
"""Minimum share of the rows of a band that end in exactly that column."""
SUDDEN = 0.6
"""In nearly black tissue: minimum count of specks in the last column, relative to those before."""
SPECKS, SPECKLED = 6, 16
"""Minimum number of specks in the last column, and number of columns to compare it with."""
SPARSE = 0.25
"""Maximum share of specks in a column; with more, the brightness of the edge decides."""
SPREAD = 0.5
"""Minimum share of the `BANDS` row bands that contain specks; letters lie in one or two."""
INNER = 8
"""Number of columns before the edge that its brightness is compared with."""
BANDS = 16
"""Number of row bands that an image is divided into."""
MIN_BAND_ROWS = 40
"""Minimum height of a band in rows, so that `STRAIGHT` and `STRAY` are shares of enough rows."""
SHOWING = 3
"""Minimum number of non-dark pixels that prove that the field extends so far."""
MIN_STEP = 2
"""Minimum length of a step in the field's edge, in bands."""
MIN_RUN_ROWS = 20
"""Minimum height of a part of the edge between two jumps, in rows."""
MIN_JUMP = 3
"""Minimum width of a jump between two parts of the edge, in columns; skin moves by one or two."""
MIN_PADDING = 2
"""Minimum number of padding columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The end of the field on each side, in image pixels.

    Coordinates refer to the outer borders of pixels: the whole image extends from -0.5 to
    width - 0.5.

    Attributes
    ----------
    ends
        Last coordinate inside the field: per row for right and left, per column for top and bottom.
    visible
        Outermost coordinate with non-dark pixels, which the field must include.
    width, height
        Size of the image.
    """

    ends: dict[FieldSide, NDArray[np.float64]]
    visible: dict[FieldSide, float]
    width: int
    height: int

    def margins(self, points: NDArray[np.float64], size: PixelSize) -> NDArray[np.float64]:
        """Return the distance from each point (n, 2) to the field's end on each of `SIDES` (n, 4).

        Points are (x, y) in image pixels, distances in units of `size`; outside the field they are
        negative.
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

    def visible_part(self) -> Field:
        """Return the field limited to what non-dark pixels prove."""
        least, most = np.maximum, np.minimum
        # Right and bottom ends are maxima of their axis, so narrowing them means the smaller
        # coordinate.
        narrower = {"right": most, "bottom": most, "left": least, "top": least}
        ends = {side: narrower[side](self.ends[side], self.visible[side]) for side in SIDES}
        return replace(self, ends=ends)

    def end_kind(self, side: FieldSide, point: Point) -> EndKind:
        """Return whether the image border or an edge inside it ends the field at a point (x, y)."""
        index = round(point[1] if side in ("right", "left") else point[0])
        ends = self.ends[side]
        border = {"right": self.width - 0.5, "bottom": self.height - 0.5}.get(side, -0.5)
        # Exact comparison: ends are set to precisely this value where no edge was found.
        return "image" if ends[min(max(index, 0), len(ends) - 1)] == border else "edge"


def find_field(pixels: NDArray[np.float32]) -> Field:
    """Return the field of an image.

    Parameters
    ----------
    pixels
        Grey values (height, width) in [0, 1].

    Notes
    -----
    Each side is examined as a whole and in overlapping bands of a sixteenth of the image, because
    some scanners narrow the field during the scan. Shorter parts count if the edge is exactly
    straight in each and jumps from one to the next, as it can between the sweeps of a scan.

    From the border inwards, columns that contain only the border's grey value are padding if the
    first other column is nearly as bright as those behind it. Ragged tissue thins out instead, and
    skin tapers off. In nearly black tissue, the remaining specks stop in one column instead.
    Slanted edges are not detected. Within bands only black counts as padding, because saturated
    bone at the border is uniform as well.
    """
    height, width = pixels.shape
    bright = pixels > EVEN
    across, along = bright.sum(axis=0), bright.sum(axis=1)
    # One implementation for the right side; the other sides are mirrored or transposed views.
    right, down = _ends(pixels, bright), _ends(pixels.T, bright.T)
    left, up = _ends(pixels[:, ::-1], bright[:, ::-1]), _ends(pixels[::-1].T, bright[::-1].T)
    return Field(
        ends={"right": right, "left": width - 1 - left, "top": height - 1 - up, "bottom": down},
        visible={
            "right": _last(across),
            "left": width - 1 - _last(across[::-1]),
            "top": height - 1 - _last(along[::-1]),
            "bottom": _last(along),
        },
        width=width,
        height=height,
    )


def _last(counts: NDArray[np.int64]) -> float:
    """Return the coordinate beyond which fewer than `SHOWING` pixels are non-dark."""
    # Counted from the border inwards, so that fewer than SHOWING stray bright pixels prove nothing.
    beyond = np.cumsum(counts[::-1])
    return len(counts) - 0.5 - float(np.searchsorted(beyond, SHOWING))


def _ends(pixels: NDArray[np.float32], bright: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the field's end on the right per row; ``bright`` marks the non-dark pixels."""
    height, width = pixels.shape
    # The median, because letters or a scale at the border must not define the padding's grey value.
    border = float(np.median(pixels[:, -1]))
    ends = np.full(height, width - 0.5)
    whole = _edge(pixels, border)
    # Specks decide only where brightness does not: the padding next to nearly black tissue.
    if whole is None:
        whole = _speckled_edge(np.abs(pixels - np.float32(border)) > EVEN)
    if whole is not None:
        ends[:] = whole + 0.5
    for rows, edge in (*_steps(pixels, bright), *_jumps(bright)):
        # A band may narrow the field further, never widen it beyond an edge of the whole image.
        ends[rows] = np.minimum(ends[rows], edge + 0.5)
    return ends


def _steps(pixels: NDArray[np.float32], bright: NDArray[np.bool_]) -> list[tuple[slice, int]]:
    """Return row ranges that share their last non-dark column, with that column."""
    height, width = pixels.shape
    rows = max(MIN_BAND_ROWS, height // BANDS)
    nonempty = bright.any(axis=1)
    # -1 marks empty rows, which then agree with no column and weaken the majority of their band.
    lasts = np.where(nonempty, width - 1 - np.argmax(bright[:, ::-1], axis=1), -1)
    steps: list[tuple[slice, int]] = []
    # Bands overlap by half, so that a step is found wherever it starts.
    for top in range(0, max(height - rows, 0) + 1, rows // 2):
        band = slice(top, top + rows)
        # The median ignores letters and single bright pixels beyond the edge.
        edge = int(np.median(lasts[band]))
        if np.mean(lasts[band] == edge) < STRAIGHT or edge != _edge(pixels[band], 0.0):
            continue
        # Bands overlap by half, so neighbours with the same edge form one step.
        if steps and steps[-1][1] == edge and steps[-1][0].stop >= top:
            band = slice(steps.pop()[0].start, band.stop)
        steps.append((band, edge))
    return [(band, edge) for band, edge in steps if band.stop - band.start >= MIN_STEP * rows]


def _jumps(bright: NDArray[np.bool_]) -> list[tuple[slice, int]]:
    """Return row ranges that share their last non-dark column and adjoin another such range."""
    height, width = bright.shape
    lasts = np.where(bright.any(axis=1), width - 1 - np.argmax(bright[:, ::-1], axis=1), -1)
    starts = np.flatnonzero(np.diff(lasts, prepend=lasts[0] - 1))
    stops = np.append(starts[1:], height)
    runs = [
        (slice(int(start), int(stop)), int(lasts[start]))
        for start, stop in zip(starts, stops, strict=True)
        if stop - start >= MIN_RUN_ROWS and lasts[start] >= 0
    ]
    jumped: set[int] = set()
    for lower, (above, below) in enumerate(pairwise(runs), start=1):
        if above[0].stop == below[0].start and abs(above[1] - below[1]) >= MIN_JUMP:
            jumped |= {lower - 1, lower}
    return [runs[k] for k in sorted(jumped) if runs[k][1] < width - MIN_PADDING]


def _edge(pixels: NDArray[np.float32], border: float) -> int | None:
    """Return the last column before uniform padding, ``None`` without such a straight edge."""
    rows, width = pixels.shape
    # A border column with image content is not padding.
    if np.count_nonzero(np.abs(pixels[:, -1] - border) > EVEN) > STRAY * rows:
        return None
    contrast = np.abs(pixels - np.float32(border))
    counts = np.count_nonzero(contrast > EVEN, axis=0)
    showing = np.flatnonzero(counts > STRAY * rows)
    if not showing.size:
        return None
    last = int(showing[-1])
    # Without enough columns inside, there is nothing to compare the edge with.
    if width - 1 - last < MIN_PADDING or last < INNER:
        return None
    brightness = contrast[:, last - INNER : last + 1].mean(axis=0)
    full = int(counts[last - 1 : last + 1].max()) >= FULL * rows
    sharp = float(brightness[-2:].max()) >= BRIGHT * float(brightness[:-2].mean())
    return last if full and sharp else None


def _speckled_edge(differs: NDArray[np.bool_]) -> int | None:
    """Return the last column of specks that stop abruptly, ``None`` without such a column.

    In tissue that was clipped to black, by contrast, specks become fewer from column to column.

    Parameters
    ----------
    differs
        (height, width), where the grey value differs from the border's.
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
