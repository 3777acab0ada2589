"""Grades proposed from measured lengths, by the study's rule for exactly 1/3 and 2/3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from studies.analytics.scale import AAC8_SCORES, LEVELS, WALLS
from studies.sessions.measuring.geometry import LevelLengths, measure_wall, to_isotropic

TOLERANCE: Final = 1e-6
"""Shares that differ from a limit by less than this equal it; measurements are far less exact."""


Trace = Mapping[str, Any]
"""A stretch of calcified wall: ``wall``, and ``points`` in image pixels from end to end."""


def grade_of_share(share: float, rule: str) -> int:
    """Return the AAC-24 grade of a calcified share of the wall.

    Parameters
    ----------
    share : float
        Calcified length over the length of the wall in the level.
    rule : {"lower", "upper"}
        The grade to which exactly 1/3 and exactly 2/3 belong.

    Examples
    --------
    >>> [grade_of_share(share, "lower") for share in (0, 0.1, 1 / 3, 0.5, 2 / 3, 1)]
    [0, 1, 1, 2, 2, 3]
    >>> [grade_of_share(share, "upper") for share in (0, 0.1, 1 / 3, 0.5, 2 / 3, 1)]
    [0, 1, 2, 2, 3, 3]
    """
    if share <= TOLERANCE:
        return 0
    # Without it, a share of exactly 1/3 would fall on either side by rounding.
    slack = TOLERANCE if rule == "lower" else -TOLERANCE
    return 1 + sum(share > limit + slack for limit in (1 / 3, 2 / 3))


def aac8_of_wall(levels: Sequence[LevelLengths]) -> int | None:
    """Return the AAC-8 score of a wall from its lengths in L1 to L4.

    The summed calcified length counts in mean heights of a level, from boundary to boundary along
    the wall (Schousboe 2007: 0 none, 1 up to one height, 2 up to two, 3 up to three, 4 more).

    Examples
    --------
    >>> aac8_of_wall([LevelLengths(10, 30), LevelLengths(21, 30)] + [LevelLengths(0, 30)] * 2)
    2
    """
    calcified = [level.calcified for level in levels]
    if any(length is None for length in calcified):
        return None
    total = sum(length for length in calcified if length is not None)
    heights = [level.wall for level in levels if level.wall is not None]
    # Before the heights: without any plaque the score is 0 even where no height is known.
    if total == 0:
        return 0
    if len(heights) < len(LEVELS):
        return None
    share = total / (sum(heights) / len(heights))
    if share <= TOLERANCE:
        return 0
    return 1 + sum(share > limit + TOLERANCE for limit in range(1, max(AAC8_SCORES)))


def measure_traces(
    traces: Sequence[Trace],
    boundaries: Sequence[Any],
    *,
    across: float,
    down: float,
    rule: str,
) -> dict[str, Any]:
    """Return the measured lengths and grades of all cells, and the AAC-8 scores of both walls.

    Parameters
    ----------
    traces : sequence of mapping
        The traces of both walls, in image pixels.
    boundaries : sequence of 5
        Two points of each boundary in image pixels, None where it is unknown.
    across, down : float
        Width and height of a pixel, in mm where the spacing is known.
    rule : {"lower", "upper"}
        The grade to which exactly 1/3 and 2/3 belong.

    Returns
    -------
    dict
        ``cells``: by cell the ``calcified`` length, the length of the ``wall`` and the ``grade``;
        None where they are not defined. ``aac8``: the score of each wall.
    """
    lines = [None if b is None else to_isotropic(b, across, down) for b in boundaries]
    cells: dict[str, dict[str, Any]] = {}
    aac8: dict[str, int | None] = {}
    for wall in WALLS:
        of_wall = [
            to_isotropic(trace["points"], across, down) for trace in traces if trace["wall"] == wall
        ]
        levels = measure_wall(of_wall, lines)
        for level, lengths in zip(LEVELS, levels, strict=True):
            cells[f"{level}_{wall}"] = {
                "calcified": lengths.calcified,
                "wall": lengths.wall,
                "grade": _grade_of(lengths, rule),
            }
        aac8[wall] = aac8_of_wall(levels)
    return {"cells": cells, "aac8": aac8}


def _grade_of(lengths: LevelLengths, rule: str) -> int | None:
    if lengths.calcified is None:
        return None
    # A wall without a trace has no line and therefore no length; it is graded 0.
    return 0 if lengths.wall is None else grade_of_share(lengths.calcified / lengths.wall, rule)
