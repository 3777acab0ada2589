"""Fit the correction of corners: robust ridge regression of their errors, by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from inference.decoding.shape_correction.correction import LevelCorrection, ShapeCorrection
from inference.decoding.shape_correction.local_shape import FEATURES, LocalShape
from inference.evaluation.corner_correction.observations import CornerObservation, Values
from inference.results import VERTEBRAE

PENALTY: Final = 10.0
"""Ridge penalty per standardised feature; 100 gave nearly the same errors."""
HUBER: Final = 1.5
"""Residual, in medians of the absolute residuals, beyond which it counts linearly."""
_ROUNDS: Final = 5
_LEAST_SPREAD: Final = 1e-4
_TO_DEVIATION: Final = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""


def fit_correction(
    observations: Sequence[CornerObservation], origin: Mapping[str, Any]
) -> ShapeCorrection:
    """Return the correction that best predicts the errors of the corners.

    Parameters
    ----------
    observations
        Phantoms that are not used for any evaluation.
    origin
        Where the constants come from, as JSON data.

    Raises
    ------
    ValueError
        If a level was never detected, or the position of one of its corners is never known.
    """
    levels = tuple(_fit_level(observations, body) for body in range(len(VERTEBRAE)))
    return ShapeCorrection(levels, origin)


def _fit_level(observations: Sequence[CornerObservation], body: int) -> LevelCorrection:
    features, spreads, errors = [], [], []
    for one in observations:
        shape = LocalShape.of(one.positions, body)
        if shape is None:
            continue
        features.append(shape.features)
        spreads.append(shape.spreads(one.covariances[body]))
        errors.append(shape.to_local(one.truth[body] - one.positions[body]))
    if not features:
        raise ValueError(f"{VERTEBRAE[body].value} was detected in none of the phantoms: use more")
    x = np.array(features)
    # No body lies beyond T12 and L5, so some features are always missing.
    known = np.where(np.isnan(x).all(axis=0), 0.0, x)
    typical = np.nanmedian(known, axis=0)
    spread = _TO_DEVIATION * np.nanmedian(np.abs(known - typical), axis=0)
    level = LevelCorrection(typical, np.maximum(spread, _LEAST_SPREAD), np.zeros((FEATURES + 1, 8)))
    terms = np.array([level.terms(row) for row in x])
    coefficients = np.stack(
        [
            _fit_errors(terms, np.array(spreads)[:, k], np.array(errors)[:, k])
            for k in range(level.coefficients.shape[1])
        ],
        axis=1,
    )
    return replace(level, coefficients=coefficients)


def _fit_errors(terms: Values, spread: Values, error: Values) -> Values:
    """Return coefficients by iteratively reweighted least squares; unknown errors do not count."""
    known = np.isfinite(error) & (spread > 0)
    if not known.any():
        raise ValueError("the position of a corner is known in none of the phantoms: use more")
    # In units of the median spread, so that the penalty does not depend on the unit.
    unit = float(np.median(spread[known]))
    design = terms[known] * (spread[known] / unit)[:, None]
    target = error[known]
    weights = np.ones(len(target))
    penalty = PENALTY * np.eye(design.shape[1])
    coefficients: Values = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        weighted = design.T * weights
        coefficients = np.asarray(
            np.linalg.solve(weighted @ design + penalty, weighted @ target), np.float64
        )
        residuals = np.abs(target - design @ coefficients)
        limit = HUBER * max(float(np.median(residuals)), 1e-12)
        weights = 1 / np.maximum(residuals / limit, 1)
    return np.asarray(coefficients / unit)
