"""Check whether level labels may be wrong where a study uses them: L1 to L4 and their guides.

All checks use the detected bodies in isotropic pixels, so only ratios and angles count. A weak,
hidden or missing L5 affects guide L4/L5 alone, of which `inference.measurements` warns.
docs/vertenet.md describes the checks and how often they flag phantoms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.decoding.column_shape import size_jump, turns_deg
from inference.decoding.level_labels import LevelLabels, step_lengths
from inference.decoding.vertebrae import DetectedBody
from inference.landmarks import COLUMN
from inference.results import VERTEBRAE, Uncertainty

# Both limits were set on 1,600 phantoms of all families (seeds from 7,660,000) and on the 600
# held-out ones of the calibration; 1.6 and 3.5 % of their right labels are flagged. A limit of 0.92
# for the probability would flag 2.9 and 7.1 %, and 3 more of the 234 images whose labels are wrong
# or cannot be known. How the limits of sizes, steps and turns were selected is not recorded.
MIN_LABEL_PROBABILITY: Final = 0.85
MIN_BODY_CONFIDENCE: Final = 0.15
"""Confidence below which a detected body may be no body at all. Weak bodies above it have a warning
(`inference.geometry.guide_warnings`), because their corners may be misplaced."""
MIN_SACRUM_CONFIDENCE: Final = 0.35
"""Confidence of L5 and S1 below which levels are not counted upwards from the sacrum.

Behind the pelvis, both are often detected where no reader would see them. Set on 1,200 phantoms
(seeds from 7,660,000): five of six such images were below it, as were five of about 45 images in
which the sacrum can be seen.
"""
SIZE_JUMP: Final = 1.75
"""Maximum ratio between the depths of neighbouring bodies."""
SHORT_STEP: Final = 0.6
"""Neighbours closer than this, in body heights, are one body detected twice."""
SHARP_TURN: Final = 35.0
"""Maximum turn between consecutive steps, in degrees; phantoms turn by at most 21."""
NEAR_END: Final = 0.15
"""Body heights beyond the last body below which a further body could not be seen."""
ROOM_FOR_A_BODY: Final = 1.2
"""Space above the first body, in its heights, in which a further body would have been detected."""
# Tuples, because messages list missing levels from cranial to caudal.
WANTED: Final = tuple(vertebra.value for vertebra in VERTEBRAE)
"""Levels that AAC-24 scoring needs."""
SCORED: Final = WANTED[1:5]
"""Levels whose walls are scored, L1 to L4; without T12 or L5 only a guide at the end is missing."""
CHECKED: Final = WANTED[:5]
"""Levels whose bodies must be reliable; of L5, only a warning is given."""


@dataclass(frozen=True, slots=True)
class _Column:
    """Bodies from cranial to caudal with their labels.

    Attributes
    ----------
    end
        Height of the image, in the pixels of the bodies; ``None`` if it is not considered.
    by_rank
        Whether the labels were assigned by order alone.
    min_probability
        Probability below which the labels are uncertain.
    """

    bodies: Sequence[DetectedBody]
    labels: LevelLabels
    end: float | None
    by_rank: bool
    min_probability: float

    @property
    def wanted(self) -> list[int]:
        """Indices of the bodies labelled T12 to L5."""
        return [k for k, name in enumerate(self.labels.names) if name in WANTED]

    @property
    def checked(self) -> list[int]:
        """Indices of the bodies labelled T12 to L4."""
        return [k for k, name in enumerate(self.labels.names) if name in CHECKED]

    @property
    def space_above(self) -> float:
        """Space above the first body, in its heights."""
        # Image borders are at -0.5 and height - 0.5, because pixel centres are at integers.
        return (float(self.bodies[0].corners[:, 1].min()) + 0.5) / self.bodies[0].height

    @property
    def space_below(self) -> float:
        """Space below the last body, in its heights; infinite if the end is not considered."""
        if self.end is None:
            return float("inf")
        last = self.bodies[-1]
        return (self.end - 0.5 - float(last.corners[:, 1].max())) / last.height


def check_level_labels(
    bodies: Sequence[DetectedBody],
    labels: LevelLabels,
    *,
    end: float | None = None,
    by_rank: bool = False,
    min_probability: float = MIN_LABEL_PROBABILITY,
) -> Uncertainty | None:
    """Return the most serious reason why labels that a study uses may be wrong.

    Parameters
    ----------
    bodies, labels
        From cranial to caudal; corners in isotropic pixels.
    end
        Height of the image, in the pixels of the bodies. Without it, the image borders are not
        checked.
    by_rank
        Whether the labels were assigned by order alone, as in the paper.
    min_probability
        Probability below which labels by level head are uncertain.

    Returns
    -------
    Uncertainty or None
        In descending order of seriousness: ``fewer_than_six``, ``seventh_body``, ``gap``,
        ``marked_twice``, ``lumbar_count``, ``names_uncertain``, ``end_uncertain``, ``weak_body``,
        ``irregular_size``, ``curvature``, ``no_reference_level``.
    """
    column = _Column(bodies, labels, end, by_rank, min_probability)
    # The order decides which single reason a person sees; docs/vertenet.md lists it.
    checks = (
        _fewer_than_six,
        _seventh_body,
        _gap,
        _marked_twice,
        _lumbar_count,
        _names_uncertain,
        _end_uncertain,
        _weak_body,
        _irregular_size,
        _curvature,
        _no_reference_level,
    )
    return next((reason for check in checks if (reason := check(column)) is not None), None)


def _fewer_than_six(column: _Column) -> Uncertainty | None:
    missing = [name for name in WANTED if name not in column.labels.names]
    if not missing:
        return None
    # Labels by order depend on all six; labels by appearance do not depend on T12 and L5.
    if not (column.by_rank or set(missing) & set(SCORED) or _is_t12_overlooked(column, missing)):
        return None
    return Uncertainty(
        "fewer_than_six",
        f"{len(WANTED) - len(missing)} of the six vertebrae were detected and labelled; missing: "
        f"{', '.join(missing)}.",
    )


def _is_t12_overlooked(column: _Column, missing: Sequence[str]) -> bool:
    """Return whether T12 is missing although the field does not end there."""
    return "T12" in missing and column.space_above >= ROOM_FOR_A_BODY


def _seventh_body(column: _Column) -> Uncertainty | None:
    """Look for an unlabelled body, which competes with the six only if order assigns the labels."""
    names = column.labels.names
    unlabelled = [k for k, name in enumerate(names) if not name]
    # A level head judges each body by its appearance, so a body that it leaves unlabelled does not
    # shift the labels of the others.
    if not column.by_rank or not unlabelled:
        return None
    k = unlabelled[0]
    above = [name for name in names[:k] if name]
    below = [name for name in names[k:] if name]
    if not above:
        position = f"above {below[0]}"
    elif not below:
        position = f"below {above[-1]}"
    else:
        position = f"between {above[-1]} and {below[0]}"
    return Uncertainty("seventh_body", f"A seventh body of similar strength lies {position}.")


def _gap(column: _Column) -> Uncertainty | None:
    names = column.labels.names
    # Gaps between two thoracic bodies above T12 are not reported, because those levels are not
    # scored.
    for k in column.labels.gaps:
        if names[k] in WANTED or names[k + 1] in WANTED:
            ratio = step_lengths(column.bodies)[k] / max(column.bodies[k].height, 1e-6)
            return Uncertainty(
                "gap",
                f"Gap of {ratio:.1f} body heights between {names[k]} and "
                f"{names[k + 1]}: a vertebra may have been missed.",
            )
    return None


def _marked_twice(column: _Column) -> Uncertainty | None:
    names = column.labels.names
    for k, step in enumerate(step_lengths(column.bodies)):
        height = (column.bodies[k].height + column.bodies[k + 1].height) / 2
        if {names[k], names[k + 1]} & set(WANTED) and step < SHORT_STEP * height:
            return Uncertainty(
                "marked_twice",
                f"{names[k]} and {names[k + 1]} are only {step / height:.1f} body heights apart: "
                "one vertebra may have been detected twice.",
            )
    return None


def _lumbar_count(column: _Column) -> Uncertainty | None:
    """Look for four or six lumbar vertebrae, for which conventions differ on which one is L1."""
    count = {4: "four", 6: "six"}.get(column.labels.lumbar)
    if count is None:
        return None
    return Uncertainty(
        "lumbar_count",
        f"The spine seems to have {count} lumbar vertebrae: agree on which one is L1.",
    )


def _names_uncertain(column: _Column) -> Uncertainty | None:
    posterior = column.labels.posterior
    if posterior is None or posterior.probability >= column.min_probability:
        return None
    text = f"These labels have a probability of {posterior.probability:.2f}"
    if posterior.runner_up is not None:
        shift, share = posterior.runner_up
        text += f"; second best ({share:.2f}): {_describe_shift(shift)}"
    return Uncertainty("names_uncertain", f"{text}.")


def _no_reference_level(column: _Column) -> Uncertainty | None:
    """Look for columns of which neither end shows the level from which the others are counted."""
    # Labels by order are checked by `_end_uncertain`.
    if column.by_rank or "T11" in column.labels.names:
        return None
    confidence = {
        name: body.confidence for name, body in zip(column.labels.names, column.bodies, strict=True)
    }
    if min(confidence.get("L5", 0.0), confidence.get("S1", 0.0)) >= MIN_SACRUM_CONFIDENCE:
        return None
    return Uncertainty(
        "no_reference_level",
        "Neither T11 nor the sacrum below L5 was clearly detected, so the levels cannot be counted "
        "from either end.",
    )


def _describe_shift(by: int | None) -> str:
    if by is None:
        return "a different number of lumbar vertebrae"
    # An example is clearer than a direction: labels that move cranially name lower levels.
    levels = [name for name in COLUMN if name != "L6"]
    index = min(max(levels.index("L2") + by, 0), len(levels) - 1)
    return f"the vertebra labelled L2 is {levels[index]}"


def _end_uncertain(column: _Column) -> Uncertainty | None:
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


def _weak_body(column: _Column) -> Uncertainty | None:
    weak = [
        column.labels.names[k]
        for k in column.checked
        if column.bodies[k].confidence < MIN_BODY_CONFIDENCE
    ]
    if not weak:
        return None
    return Uncertainty("weak_body", f"Detected with low confidence: {', '.join(weak)}.")


def _irregular_size(column: _Column) -> Uncertainty | None:
    # Only T12 to L4: thoracic bodies are smaller, and a false detection beyond them does no harm.
    jump = size_jump([column.bodies[k] for k in column.checked])
    if jump <= SIZE_JUMP:
        return None
    return Uncertainty(
        "irregular_size", f"Neighbouring vertebrae differ in size by a factor of {jump:.1f}."
    )


def _curvature(column: _Column) -> Uncertainty | None:
    turns = turns_deg([column.bodies[k] for k in column.wanted])
    sharpest = max(turns, default=0.0)
    if sharpest <= SHARP_TURN:
        return None
    # A turn lies at the body between two steps, hence + 1.
    name = column.labels.names[column.wanted[turns.index(sharpest) + 1]]
    return Uncertainty(
        "curvature",
        f"The spine turns by {sharpest:.0f} degrees at {name}: a vertebra may be misplaced.",
    )
