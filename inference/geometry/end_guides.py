"""Warn where the first or last guide, T12/L1 or L4/L5, is missing or rests on an uncertain L5.

The levels L1 to L4 can be labelled and scored although T12 or L5 lies outside the image, behind the
pelvis or in glare. A person then places the guide, or leaves it out.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from inference.results import CORNERS, Body, Landmarks, Notice, Vertebra

END_WARNINGS: Final = ("t12_not_visible", "l5_not_visible", "l5_uncertain")
"""Codes of all warnings of this module."""
MIN_CONFIDENCE: Final = 0.3
"""Confidence below which L5 is weak; the same limit as for the level labels of the other bodies."""
LARGEST_RATIO: Final = 1.75
"""Ratio of the depths of L4 and L5 from which on one of them is taken to be misplaced."""


def check_ends(landmarks: Landmarks) -> list[Notice]:
    """Return warnings about guides T12/L1 and L4/L5.

    Parameters
    ----------
    landmarks
        Corners in image pixels.

    Returns
    -------
    list of Notice
        ``t12_not_visible``, and ``l5_not_visible`` or ``l5_uncertain``.
    """
    notices = []
    if Vertebra.T12 not in landmarks.bodies and Vertebra.L1 in landmarks.bodies:
        notices.append(
            Notice(
                "t12_not_visible",
                "T12 not visible: place guide T12/L1 from L1 and the disc above it, or leave it "
                "out.",
            )
        )
    if Vertebra.L4 not in landmarks.bodies:
        return notices
    last = landmarks.bodies.get(Vertebra.L5)
    if last is None:
        notices.append(
            Notice(
                "l5_not_visible",
                "L5 not visible: place guide L4/L5 from L4 and the sacrum, or leave it out.",
            )
        )
    elif _is_uncertain(landmarks.bodies[Vertebra.L4], last):
        notices.append(
            Notice(
                "l5_uncertain",
                "L5 is not clearly visible: check guide L4/L5 against L4 and the sacrum.",
            )
        )
    return notices


def _is_uncertain(above: Body, last: Body) -> bool:
    """Return whether the network detected L5 weakly, or with a depth that does not fit L4."""
    # A person who placed the corners of L5 has seen it: such a body has no confidence.
    if last.confidence is None:
        return False
    depths = [depth for body in (above, last) if (depth := _depth(body)) is not None]
    differ = len(depths) == 2 and max(depths) > LARGEST_RATIO * min(depths)
    return last.confidence < MIN_CONFIDENCE or differ


def _depth(body: Body) -> float | None:
    """Return the mean length of the endplates in pixels, ``None`` if a corner is missing."""
    points = [getattr(body, name) for name in CORNERS]
    if any(point is None for point in points):
        return None
    first, second, third, fourth = np.array(points, float)
    return float(np.hypot(*(second - first)) + np.hypot(*(fourth - third))) / 2
