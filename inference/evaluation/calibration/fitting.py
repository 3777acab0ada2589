"""Fit the calibration of level labels to observations."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from inference.decoding.column_geometry import BODY_TERMS, STEP_TERMS
from inference.decoding.extra_bodies import find_extra_bodies
from inference.decoding.level_calibration import Calibration, Spread
from inference.decoding.level_cues import (
    CUES,
    ROOM_FOR_A_BODY,
    Column,
    cue_values,
    describe_column,
)
from inference.decoding.level_labels import COUNTED, find_gaps, softmax
from inference.decoding.level_sequences import USUAL_LUMBAR, LevelSequences, list_sequences
from inference.decoding.vertebrae import DetectedBody
from inference.decoding.view_agreement import CLEAR, average_votes
from inference.evaluation.calibration.observations import Observation
from inference.network.configuration import LEVEL_CLASSES
from inference.phantom.population import ODD_COUNT

Values = NDArray[np.float64]
POSITIONS: Final = tuple(name for name in LEVEL_CLASSES if name != "L6")
"""Positions of bodies, counted upwards from the sacrum."""
FEWEST: Final = 12
"""Smallest number of bodies for a distribution; with fewer, that of all positions is used."""
SHRINKAGE: Final = 0.1
"""Penalty on the squared weights, which keeps them finite where no phantom is labelled wrongly."""
AGREEMENT_LIMITS: Final = (0.2, 5.0)
"""Limits of the factor on averaged views, for the case that few images are unclear."""
TRIMMED: Final = 1.0
"""Percent of the values at either end that distributions ignore, such as misplaced corners."""


def fit_calibration(
    observations: Sequence[Observation],
    origin: Mapping[str, Any],
    *,
    cues: Collection[str] = tuple(CUES),
) -> Calibration:
    """Return the calibration that fits observations best.

    Distributions come from the detected bodies with known levels. The weights of the cues maximise
    the probability of the true sequences (conditional logit), with a penalty on large weights.

    Parameters
    ----------
    observations
        Observations of phantoms that are used for nothing else. Subjects with four or six lumbar
        bodies may be more frequent than in the population: each group counts as often as it occurs
        there.
    origin
        Where they come from, for the file.
    cues
        Names of the cues to use; the others have a weight of 0.

    References
    ----------
    McFadden D. Conditional logit analysis of qualitative choice behavior. In: Zarembka P, editor.
    Frontiers in econometrics. 1974.
    """
    seen = [observation for observation in observations if observation.bodies]
    start = Calibration(
        weights=dict.fromkeys(CUES, 0.0),
        bodies=_spread_of_bodies(seen),
        steps=_spread_of_steps(seen),
        last_level=_last_level(seen),
        agreement=1.0,
        origin=origin,
    )
    choices = [_choice(observation.bodies, observation, start) for observation in seen]
    weights = _fit_weights(
        [
            (*choice, importance)
            for choice, importance in zip(choices, _importance(seen), strict=True)
            if choice is not None
        ],
        used=[name in cues for name in CUES],
    )
    return Calibration(
        weights=dict(zip(CUES, weights.tolist(), strict=True)),
        bodies=start.bodies,
        steps=start.steps,
        last_level=start.last_level,
        agreement=_fit_agreement(seen, start, weights),
        origin=origin,
    )


def true_rows(sequences: LevelSequences, levels: Sequence[str]) -> NDArray[np.bool_]:
    """Return which sequences (rows,) label all bodies correctly.

    Above T12, labels follow from those below. A detection where there is no body may have any
    label.
    """
    return np.array(
        [
            all(
                label == level if level and {label, level} & COUNTED else True
                for label, level in zip(names, levels, strict=True)
            )
            for names in sequences.names
        ]
    )


def _choice(
    bodies: Sequence[DetectedBody], observation: Observation, calibration: Calibration
) -> tuple[Values, NDArray[np.bool_]] | None:
    """Return cue values (rows, cues) and the true rows; ``None`` if no sequence is true."""
    extras = find_extra_bodies(bodies)
    column = [body for k, body in enumerate(bodies) if k not in extras]
    levels = [level for k, level in enumerate(observation.levels) if k not in extras]
    gaps = find_gaps(column)
    sequences = list_sequences(len(column), gaps, LEVEL_CLASSES)
    if not len(sequences):
        return None
    true = true_rows(sequences, levels)
    if not true.any():
        return None
    values = cue_values(describe_column(column, gaps, observation.end), sequences, calibration)
    return np.stack([values[name] for name in CUES], axis=1), true


def _importance(observations: Sequence[Observation]) -> Values:
    """Return how much each observation counts (n,), so that lumbar counts are as frequent as usual.

    The mean is 1. Without subjects of either group, all count alike.
    """
    odd = np.array([observation.lumbar != USUAL_LUMBAR for observation in observations])
    share = float(odd.mean()) if len(odd) else 0.0
    if share in (0.0, 1.0):
        return np.ones(len(odd))
    return np.where(odd, ODD_COUNT / share, (1 - ODD_COUNT) / (1 - share))


def _fit_weights(
    choices: Sequence[tuple[Values, NDArray[np.bool_], float]], used: Sequence[bool]
) -> Values:
    def loss(weights: Values) -> tuple[float, Values]:
        total, gradient = 0.5 * SHRINKAGE * float(weights @ weights), SHRINKAGE * weights
        for values, true, importance in choices:
            probability = softmax(values @ weights)
            right = np.where(true, probability, 0.0)
            share = max(float(right.sum()), 1e-300)
            total -= importance * np.log(share)
            gradient = gradient + importance * ((probability - right / share) @ values)
        return total, gradient

    # A cue that speaks against the truth is left out rather than reversed.
    bounds = [(0, None if use else 0) for use in used]
    start = np.where(used, 0.3, 0.0)
    result = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(result.x)


def _fit_agreement(
    observations: Sequence[Observation], calibration: Calibration, weights: Values
) -> float:
    """Return the factor on the cues of averaged views that fits unclear images best.

    Without unclear images that have variations, it is 1.
    """
    scored = []
    for observation in observations:
        single = _choice(observation.bodies, observation, calibration)
        if single is None or softmax(single[0] @ weights).max() >= CLEAR:
            continue
        averaged = average_votes(observation.bodies, list(observation.variations.values()))
        choice = _choice(averaged, observation, calibration)
        if observation.variations and choice is not None:
            scored.append((choice[0] @ weights, choice[1]))

    def loss(factor: float) -> float:
        shares = (float(softmax(factor * scores)[true].sum()) for scores, true in scored)
        return -sum(math.log(max(share, 1e-300)) for share in shares)

    if not scored:
        return 1.0
    return float(minimize_scalar(loss, bounds=AGREEMENT_LIMITS, method="bounded").x)


def _position(level: str, lumbar: int) -> int:
    """Return the index in `POSITIONS` of a level of a subject, -1 without one."""
    if level in ("", "S1"):
        return len(POSITIONS) - 1 if level else -1
    present = [name for name in LEVEL_CLASSES if not _is_absent(name, lumbar)]
    return max(present.index(level) + USUAL_LUMBAR - lumbar, 0) if level in present else -1


def _is_absent(level: str, lumbar: int) -> bool:
    return level.startswith("L") and int(level[1:]) > lumbar


def _spread_of_bodies(observations: Sequence[Observation]) -> Spread:
    positions, rows = [], []
    for observation in observations:
        column = describe_column(observation.bodies, (), observation.end)
        known = _measurable_positions(observation, column)
        for position, values in zip(known, column.geometry.bodies, strict=True):
            if position >= 0:
                positions.append(position)
                rows.append(values)
    return _spread(positions, rows, len(BODY_TERMS))


def _spread_of_steps(observations: Sequence[Observation]) -> Spread:
    positions, rows = [], []
    for observation in observations:
        column = describe_column(observation.bodies, (), observation.end)
        known = _measurable_positions(observation, column)
        for k, values in enumerate(column.geometry.steps):
            if known[k] >= 0 and known[k + 1] == known[k] + 1:
                positions.append(known[k])
                rows.append(values)
    return _spread(positions, rows, len(STEP_TERMS))


def _measurable_positions(observation: Observation, column: Column) -> list[int]:
    """Return the true position of each body, -1 where its corners cannot be measured."""
    return [
        _position(level, observation.lumbar) if measurable else -1
        for level, measurable in zip(observation.levels, column.measurable, strict=True)
    ]


def _spread(positions: Sequence[int], rows: Sequence[Values], terms: int) -> Spread:
    values, at = np.array(rows).reshape(-1, terms), np.array(positions, dtype=int)
    pooled_mean, pooled_sd = _moments(values)
    mean = np.tile(pooled_mean, (len(POSITIONS), 1))
    sd = np.tile(pooled_sd, (len(POSITIONS), 1))
    for position in range(len(POSITIONS)):
        of_position = values[at == position]
        if len(of_position) >= FEWEST:
            mean[position], sd[position] = _moments(of_position)
    return Spread(mean, sd, pooled_mean, pooled_sd)


def _moments(values: Values) -> tuple[Values, Values]:
    """Return mean and standard deviation (terms,) without the most extreme values."""
    if not len(values):
        return np.zeros(values.shape[1]), np.ones(values.shape[1])
    low, high = np.percentile(values, [TRIMMED, 100 - TRIMMED], axis=0)
    clipped = np.clip(values, low, high)
    return clipped.mean(axis=0), np.maximum(clipped.std(axis=0), 1e-3)


def _last_level(observations: Sequence[Observation]) -> Values:
    """Return how often the last body above a space is S1, the last lumbar or another one (3,)."""
    # One of each kind in addition, so that no share is 0.
    counts = np.ones(3)
    for observation in observations:
        column = describe_column(observation.bodies, (), observation.end)
        if column.room >= ROOM_FOR_A_BODY:
            position = _position(observation.levels[-1], observation.lumbar)
            kind = 2 if position < 0 else min(len(POSITIONS) - 1 - position, 2)
            counts[kind] += 1
    return np.asarray(counts / counts.sum())
