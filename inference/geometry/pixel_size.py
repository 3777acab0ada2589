"""Measure lengths and angles in images whose pixels need not be square."""

from __future__ import annotations

import math
from dataclasses import dataclass

from inference.results import Point, Side, Spacing


@dataclass(frozen=True, slots=True)
class PixelSize:
    """Width and height of a pixel: in mm, or relative to its width if the spacing is unknown.

    Attributes
    ----------
    across, down
        Width and height.
    in_mm
        Whether they are in mm.

    Examples
    --------
    >>> PixelSize.of(None, aspect=2.0).length((0, 0), (3, 2))
    5.0
    """

    across: float
    down: float
    in_mm: bool

    @classmethod
    def of(cls, spacing_mm: Spacing | None, aspect: float = 1.0) -> PixelSize:
        """Return the size for a (row, column) spacing in mm, otherwise for height over width."""
        if spacing_mm is None:
            return cls(across=1.0, down=aspect, in_mm=False)
        return cls(across=spacing_mm[1], down=spacing_mm[0], in_mm=True)

    def length(self, start: Point, end: Point) -> float:
        """Return the distance between two image points (x, y)."""
        return math.hypot((end[0] - start[0]) * self.across, (end[1] - start[1]) * self.down)

    def tilt_deg(self, posterior: Point, anterior: Point, side: Side) -> float:
        """Return the downward tilt from posterior to anterior, in degrees from the horizontal."""
        forward = (anterior[0] - posterior[0]) * self.across
        downward = (anterior[1] - posterior[1]) * self.down
        # The y axis points down, so positive angles point downwards.
        return math.degrees(math.atan2(downward, forward if side == "right" else -forward))
