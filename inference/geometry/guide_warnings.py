"""Warn where a guide is missing or rests on a body that was detected with low confidence.

The levels L1 to L4 can be labelled and scored although T12 or L5 lies outside the image, behind the
pelvis or in glare. A person then places the guide T12/L1 or L4/L5, or leaves it out.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from inference.results import CORNERS, Body, Landmarks, Notice, Vertebra

GUIDE_WARNINGS: Final = (
    "t12_not_visible",
    "l5_not_visible",
    "l5_uncertain",
    "bodies_uncertain",
)
"""Codes of all warnings of this module."""
MIN_CONFIDENCE: Final = 0.3
"""Confidence below which the corners of a body should be checked.

On 160 dual-energy phantoms (seeds from 7,660,000), the mean error of bodies below it was 6 px of
the 512 x 1024 frame, and 2 px above it.
"""
LARGEST_RATIO: Final = 1.75
"""Ratio of the depths of L4 and L5 from which on one of them is taken to be misplaced."""


def check_guides(landmarks: Landmarks) -> list[Notice]:
    """Return warnings about missing guides, and about those of uncertain bodies.

    Parameters
    ----------
    landmarks
        Corners in image pixels.

    Returns
    -------
    list of Notice
        ``t12_not_visible``, ``bodies_uncertain``, and ``l5_not_visible`` or ``l5_uncertain``.
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
    weak = [
        vertebra.value
        for vertebra, body in landmarks.bodies.items()
        if vertebra is not Vertebra.L5 and _is_weak(body)
    ]
    if weak:
        notices.append(
            Notice(
                "bodies_uncertain",
                f"Detected with low confidence: {', '.join(weak)}. Check the corners and guides.",
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
    if last.confidence is None:
        return False
    depths = [depth for body in (above, last) if (depth := _depth(body)) is not None]
    differ = len(depths) == 2 and max(depths) > LARGEST_RATIO * min(depths)
    return _is_weak(last) or differ


def _is_weak(body: Body) -> bool:
    # A person who placed the corners of a body has seen it: such a body has no confidence.
    return body.confidence is not None and body.confidence < MIN_CONFIDENCE


def _depth(body: Body) -> float | None:
    """Return the mean length of the endplates in pixels, ``None`` if a corner is missing."""
    points = [getattr(body, name) for name in CORNERS]
    if any(point is None for point in points):
        return None
    first, second, third, fourth = np.array(points, float)
    return float(np.hypot(*(second - first)) + np.hypot(*(fourth - third))) / 2
