"""Cues to the levels of a column, each with a value for every possible sequence of levels.

A cue's value is the logarithm of a likelihood, or of a ratio of likelihoods. The cues are
independent in kind, not in the strict sense, so each is multiplied by a weight that is fitted on
phantoms (`inference.decoding.level_calibration`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.column_geometry import (
    BODY_TERMS,
    STEP_TERMS,
    ColumnGeometry,
    measure_column,
)
from inference.decoding.level_calibration import Calibration, Spread
from inference.decoding.level_sequences import USUAL_LUMBAR, LevelSequences
from inference.decoding.vertebrae import DetectedBody

Values = NDArray[np.float64]
LEAST_VOTE: Final = -8.0
"""Smallest log-probability of a level; also that of a body that would need a level above T3 or
below S1."""
LARGEST_DEVIATION: Final = 3.0
"""Deviation, in standard deviations, beyond which a term of the geometry counts no further, because
fractures and missed corners would otherwise outweigh all other bodies."""
ROOM_FOR_A_BODY: Final = 1.2
"""Space beyond the first or last body, in its heights, in which a further body would have been
detected."""
LEAST_CONFIDENCE: Final = 0.3
"""Confidence of a body below which its corners are too uncertain to be measured."""
_LAST_POSITION: Final = 15
"""Position of the sacrum among T3 to L5 and S1."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """What the cues use of a column.

    Attributes
    ----------
    votes
        Log-probabilities (bodies, classes) of the network's level head.
    confidence
        Confidence (bodies,) of the bodies.
    geometry
        Tilts, shapes and distances.
    measurable
        Whether (bodies,) all corners were detected with confidence within the image.
    room
        Space below the last body, in its heights.
    gaps
        Indices k where a body is missing between k and k + 1.
    """

    votes: Values
    confidence: Values
    geometry: ColumnGeometry
    measurable: NDArray[np.bool_]
    room: float
    gaps: tuple[int, ...]


def describe_column(
    bodies: Sequence[DetectedBody], gaps: tuple[int, ...], end: float | None
) -> Column:
    """Return what the cues use of bodies in isotropic pixels in an image of height ``end``."""
    last = bodies[-1]
    confidence = np.array([body.confidence for body in bodies])
    rows = np.array([body.corners[:, 1] for body in bodies])
    # Corners beyond the image are extrapolated.
    inside = (rows.min(axis=1) >= -0.5) & (rows.max(axis=1) <= (end or np.inf))
    below = 0.0 if end is None else end - 0.5 - float(last.corners[:, 1].max())
    return Column(
        votes=np.maximum(np.stack([body.level for body in bodies]), LEAST_VOTE),
        confidence=confidence,
        geometry=measure_column(bodies),
        measurable=inside & (confidence >= LEAST_CONFIDENCE),
        room=below / max(last.height, 1e-6),
        gaps=gaps,
    )


def cue_values(
    column: Column, sequences: LevelSequences, calibration: Calibration
) -> dict[str, Values]:
    """Return the value (rows,) of each cue for each sequence."""
    return {name: cue(column, sequences, calibration) for name, cue in CUES.items()}


def _votes_of(third: int) -> Callable[[Column, LevelSequences, Calibration], Values]:
    """Return the cue of the level head in one third of the column, weighted by confidence."""

    def cue(column: Column, sequences: LevelSequences, _: Calibration) -> Values:
        part = np.array_split(np.arange(len(column.confidence)), 3)[third]
        weight = column.confidence[part]
        weight = weight / max(float(weight.sum()), 1e-9)
        classes = sequences.classes[:, part]
        votes = np.where(classes >= 0, column.votes[part, np.maximum(classes, 0)], LEAST_VOTE)
        return np.asarray((votes * weight).sum(axis=1))

    return cue


def _body_cue(*names: str) -> Callable[[Column, LevelSequences, Calibration], Values]:
    terms = [BODY_TERMS.index(name) for name in names]

    def cue(column: Column, sequences: LevelSequences, calibration: Calibration) -> Values:
        positions = np.where(column.measurable, sequences.positions, -1)
        return _log_ratio(column.geometry.bodies, positions, calibration.bodies, terms)

    return cue


def _step_cue(*names: str) -> Callable[[Column, LevelSequences, Calibration], Values]:
    terms = [STEP_TERMS.index(name) for name in names]

    def cue(column: Column, sequences: LevelSequences, calibration: Calibration) -> Values:
        # A step belongs to the position of its upper body; steps across a gap are left out.
        known = np.where(column.measurable, sequences.positions, -1)
        positions = known[:, :-1].copy()
        positions[known[:, 1:] < 0] = -1
        positions[:, list(column.gaps)] = -1
        return _log_ratio(column.geometry.steps, positions, calibration.steps, terms)

    return cue


def _log_ratio(
    values: Values, positions: NDArray[np.int64], spread: Spread, terms: Sequence[int]
) -> Values:
    """Return the log of the likelihood at the positions over that at any position (rows,)."""
    total = np.zeros(len(positions))
    for term in terms:
        observed = values[:, term]
        by_position = _log_density(
            observed[:, None], spread.mean[None, :, term], spread.sd[None, :, term]
        )
        pooled = _log_density(observed, spread.pooled_mean[term], spread.pooled_sd[term])
        ratio = by_position - pooled[:, None]
        rows = np.arange(len(observed))
        total += np.where(positions >= 0, ratio[rows, np.maximum(positions, 0)], 0.0).sum(axis=1)
    return total


def _log_density(values: Values, mean: Values, sd: Values) -> Values:
    """Return the log of a normal density without its constant, limited for large deviations."""
    deviation = np.minimum(np.abs(values - mean) / sd, LARGEST_DEVIATION)
    return np.asarray(-0.5 * deviation**2 - np.log(sd))


def _lower_end(column: Column, sequences: LevelSequences, calibration: Calibration) -> Values:
    """Return whether the column may end at its last body although the image continues."""
    # At the border of the image a column may end anywhere.
    if column.room < ROOM_FOR_A_BODY:
        return np.zeros(len(sequences))
    above_sacrum = np.clip(_LAST_POSITION - sequences.positions[:, -1], 0, 2)
    kinds = np.where(sequences.positions[:, -1] < 0, 2, above_sacrum)
    return np.asarray(np.log(calibration.last_level[kinds]))


def _usual_count(column: Column, sequences: LevelSequences, _: Calibration) -> Values:
    return np.where(sequences.lumbar == USUAL_LUMBAR, 0.0, -1.0)


def _all_labelled(column: Column, sequences: LevelSequences, _: Calibration) -> Values:
    # A weak detection beyond the known levels is more likely to be a false one.
    return -np.asarray((sequences.classes < 0) @ column.confidence)


CUES: Final[Mapping[str, Callable[[Column, LevelSequences, Calibration], Values]]] = {
    "upper third": _votes_of(0),
    "middle third": _votes_of(1),
    "lower third": _votes_of(2),
    "sacral angle": _step_cue("turn_deg"),
    "inclination": _body_cue("tilt_deg"),
    "body shape": _body_cue("wedge", "aspect"),
    "relative size": _step_cue("depth_ratio", "height_ratio"),
    "spacing": _step_cue("spacing"),
    "lower end": _lower_end,
    "usual count": _usual_count,
    "all labelled": _all_labelled,
}
"""The cues by name.

The thirds of the column are what the network sees around its upper bodies (ribs, T12), its middle
and its lower bodies (iliac crest, L5/S1). The others are measured on the detected corners, or are
priors: the spine rarely has four or six lumbar bodies, and bodies beyond T3 and S1 are rare.
"""
