"""Estimate the lines at the ends of the lumbar spine that the landmarks do not define.

Where T12 or L5 is not visible, guide T12/L1 or L4/L5 cannot be drawn, but the crop check needs the
end of L1 or L4. Estimated lines are never displayed or used for scoring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.geometry.guides import draw_third
from inference.results import Guide, Landmarks, Vertebra

CAUTIOUS_STEP: Final = 0.75
"""Shortest assumed distance of the next guide, as a share of the last step between two guides."""

Line = NDArray[np.float64]
"""Posterior and anterior end of a line, (2, 2), in image pixels."""


@dataclass(frozen=True, slots=True)
class OuterLines:
    """Estimated lines, under the names of those they replace.

    Attributes
    ----------
    lines
        Guides and thirds in image pixels, not extended.
    levels
        Levels that end at an estimated guide.
    extrapolated
        Levels whose own body does not define their end. Their lines lie at the shortest plausible
        distance, so they can only show that a level extends beyond the field.
    """

    lines: tuple[Guide, ...] = ()
    levels: frozenset[str] = frozenset()
    extrapolated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _End:
    """One end of the column: its guides, outermost first, and the levels between them."""

    guides: tuple[str, ...]
    levels: tuple[Vertebra, ...]
    outer_side: str
    inner_side: str


_ENDS: Final = (
    _End(
        ("T12/L1", "L1/L2", "L2/L3", "L3/L4", "L4/L5"),
        (Vertebra.L1, Vertebra.L2, Vertebra.L3, Vertebra.L4),
        "superior",
        "inferior",
    ),
    _End(
        ("L4/L5", "L3/L4", "L2/L3", "L1/L2", "T12/L1"),
        (Vertebra.L4, Vertebra.L3, Vertebra.L2, Vertebra.L1),
        "inferior",
        "superior",
    ),
)


def estimate_outer_lines(landmarks: Landmarks, guides: Sequence[Guide]) -> OuterLines:
    """Return estimates for missing lines above the first guide and below the last one.

    Parameters
    ----------
    landmarks
        Corners in image pixels.
    guides
        The lines that can be drawn (`inference.geometry.guides.draw_guides`).

    Returns
    -------
    OuterLines
        If the body of the outermost level is visible, the guide lies half a disc beyond its
        endplate, with the height of the disc at its other endplate. Otherwise each guide lies
        `CAUTIOUS_STEP` of the last step beyond its neighbour. There are no estimates without two
        neighbouring guides, or between guides.
    """
    lines: list[Guide] = []
    levels: set[str] = set()
    extrapolated: set[str] = set()
    for end in _ENDS:
        known = {guide.name: _ends_of(guide) for guide in guides if guide.kind == "guide"}
        first = next((k for k, name in enumerate(end.guides) if name in known), len(end.guides))
        if first == 0 or first + 1 >= len(end.guides) or end.guides[first + 1] not in known:
            continue
        for k in range(first - 1, -1, -1):
            level, neighbour = end.levels[k], known[end.guides[k + 1]]
            # Only next to a guide of the landmarks is the height of the disc known.
            measured = k == first - 1
            line = _beyond_endplate(landmarks, level, end, neighbour) if measured else None
            if line is None:
                step = neighbour - known[end.guides[k + 2]]
                # The step of an extrapolated guide has been shortened already.
                share = 1.0 if end.levels[k + 1].value in extrapolated else CAUTIOUS_STEP
                line = neighbour + share * step
                extrapolated.add(level.value)
            levels.add(level.value)
            known[end.guides[k]] = line
            lines += _lines_of(level, end.guides[k], line, neighbour, cranial=end is _ENDS[0])
    return OuterLines(tuple(lines), frozenset(levels), frozenset(extrapolated))


def _ends_of(guide: Guide) -> Line:
    return np.array([guide.posterior, guide.anterior], float)


def _beyond_endplate(
    landmarks: Landmarks, level: Vertebra, end: _End, neighbour: Line
) -> Line | None:
    """Return the outer guide of a level whose body is visible, ``None`` if it is not."""
    corners = {
        side: [landmarks.corner(level, f"{side}_{wall}") for wall in ("posterior", "anterior")]
        for side in (end.outer_side, end.inner_side)
    }
    if any(corner is None for side in corners.values() for corner in side):
        return None
    half_disc = np.array(corners[end.inner_side], float) - neighbour
    return np.array(corners[end.outer_side], float) + half_disc


def _lines_of(
    level: Vertebra, name: str, line: Line, neighbour: Line, *, cranial: bool
) -> list[Guide]:
    """Return the estimated guide of a level and the thirds between it and the neighbouring one."""
    outer, inner = (
        Guide(name, "guide", (x0, y0), (x1, y1), (x1, y1))
        for (x0, y0), (x1, y1) in (line.tolist(), neighbour.tolist())
    )
    above, below = (outer, inner) if cranial else (inner, outer)
    return [outer, *(draw_third(level, part, above, below) for part in (1, 2))]
