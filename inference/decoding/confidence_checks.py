"""Check whether level labels may be wrong where a study uses them: L1 to L4 and their guides.

All checks use the detected bodies in isotropic pixels, so only ratios and angles count. A weak,
hidden or missing L5 affects guide L4/L5 alone, of which `inference.measurements` warns.
docs/vertenet.md describes the checks and how often they flag phantoms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from inference.decoding.column_shape import size_jump, turns_deg
from inference.decoding.label_checks import (
    MIN_LABEL_PROBABILITY,
    appearance_unusual,
    fewer_than_six,
    level_outside,
    lumbar_count,
    names_uncertain,
    no_reference_level,
    seventh_body,
)
from inference.decoding.labelled_column import WANTED, LabelledColumn
from inference.decoding.level_labels import LevelLabels, step_lengths
from inference.decoding.vertebrae import DetectedBody
from inference.results import Uncertainty

# How the limits of sizes, steps and turns were selected is not recorded.
MIN_BODY_CONFIDENCE: Final = 0.1
"""Confidence below which a detected body may be no body at all. Weak bodies above it have a warning
(`inference.geometry.guide_warnings`), because their corners may be misplaced. On 8,200 phantoms
(`inference.decoding.label_checks`), 0.15 flagged five more correct labels and no others."""
SIZE_JUMP: Final = 1.75
"""Maximum ratio between the depths of neighbouring bodies."""
SHORT_STEP: Final = 0.6
"""Neighbours closer than this, in body heights, are one body detected twice."""
SHARP_TURN: Final = 35.0
"""Maximum turn between consecutive steps, in degrees; phantoms turn by at most 21."""
NEAR_END: Final = 0.15
"""Body heights beyond the last body below which a further body could not be seen."""


def check_level_labels(
    bodies: Sequence[DetectedBody],
    labels: LevelLabels,
    *,
    width: float | None = None,
    end: float | None = None,
    by_rank: bool = False,
    min_probability: float = MIN_LABEL_PROBABILITY,
) -> Uncertainty | None:
    """Return the most serious reason why labels that a study uses may be wrong.

    Parameters
    ----------
    bodies, labels
        From cranial to caudal; corners in isotropic pixels.
    width, end
        Width and height of the image, in the pixels of the bodies. Borders are checked only if they
        are given.
    by_rank
        Whether the labels were assigned by order alone, as in the paper.
    min_probability
        Probability below which labels by level head are uncertain.

    Returns
    -------
    Uncertainty or None
        In descending order of seriousness: ``fewer_than_six``, ``level_outside``,
        ``seventh_body``, ``gap``, ``marked_twice``, ``lumbar_count``, ``names_uncertain``,
        ``appearance_unusual``, ``end_uncertain``, ``weak_body``, ``irregular_size``,
        ``curvature``, ``no_reference_level``.
    """
    column = LabelledColumn(bodies, labels, width, end, by_rank, min_probability)
    # The order decides which single reason a person sees; docs/vertenet.md lists it.
    checks = (
        fewer_than_six,
        level_outside,
        seventh_body,
        _gap,
        _marked_twice,
        lumbar_count,
        names_uncertain,
        appearance_unusual,
        _end_uncertain,
        _weak_body,
        _irregular_size,
        _curvature,
        no_reference_level,
    )
    return next((reason for check in checks if (reason := check(column)) is not None), None)


def _gap(column: LabelledColumn) -> Uncertainty | None:
    names = column.labels.names
    # Gaps between two thoracic bodies above T12 are not reported, because those levels are not
    # scored.
    for k in column.labels.gaps:
        # A hidden L5 between L4 and the sacrum causes a warning; the labels are certain.
        if (names[k], names[k + 1]) != ("L4", "S1") and {names[k], names[k + 1]} & set(WANTED):
            ratio = step_lengths(column.bodies)[k] / max(column.bodies[k].height, 1e-6)
            return Uncertainty(
                "gap",
                f"Gap of {ratio:.1f} body heights between {names[k]} and "
                f"{names[k + 1]}: a vertebra may have been missed.",
            )
    return None


def _marked_twice(column: LabelledColumn) -> Uncertainty | None:
    names = column.labels.names
    decisive = set(column.decisive)
    for k, step in enumerate(step_lengths(column.bodies)):
        height = (column.bodies[k].height + column.bodies[k + 1].height) / 2
        if {k, k + 1} & decisive and step < SHORT_STEP * height:
            return Uncertainty(
                "marked_twice",
                f"{names[k]} and {names[k + 1]} are only {step / height:.1f} body heights apart: "
                "one vertebra may have been detected twice.",
            )
    return None


def _end_uncertain(column: LabelledColumn) -> Uncertainty | None:
    """Look for image borders that could hide a further body, which labels by order depend on."""
    spaces = (column.space_above, column.space_below)
    if column.end is None or not column.by_rank or min(spaces) >= NEAR_END:
        return None
    end = int(np.argmin(spaces))
    name, side = column.labels.names[-end], ("above", "below")[end]
    return Uncertainty(
        "end_uncertain",
        f"The image ends {max(spaces[end], 0.0):.1f} body heights {side} {name}: an additional "
        "vertebra there could not be seen.",
    )


def _weak_body(column: LabelledColumn) -> Uncertainty | None:
    weak = [
        column.labels.names[k]
        for k in column.checked
        if column.bodies[k].confidence < MIN_BODY_CONFIDENCE
    ]
    if not weak:
        return None
    return Uncertainty("weak_body", f"Detected with low confidence: {', '.join(weak)}.")


def _irregular_size(column: LabelledColumn) -> Uncertainty | None:
    # Only T12 to L4: thoracic bodies are smaller, and a false detection beyond them does no harm.
    jump = size_jump([column.bodies[k] for k in column.checked])
    if jump <= SIZE_JUMP:
        return None
    return Uncertainty(
        "irregular_size", f"Neighbouring vertebrae differ in size by a factor of {jump:.1f}."
    )


def _curvature(column: LabelledColumn) -> Uncertainty | None:
    turns = turns_deg([column.bodies[k] for k in column.decisive])
    sharpest = max(turns, default=0.0)
    if sharpest <= SHARP_TURN:
        return None
    # A turn lies at the body between two steps, hence + 1.
    name = column.labels.names[column.decisive[turns.index(sharpest) + 1]]
    return Uncertainty(
        "curvature",
        f"The spine turns by {sharpest:.0f} degrees at {name}: a vertebra may be misplaced.",
    )
