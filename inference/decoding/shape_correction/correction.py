"""Move corners towards where the shape of the column expects them.

The second stage of the network sees one body at a time, and in a noisy image its maps are wide.
How far such corners are off can partly be predicted from the shape of the body and its neighbours.
The prediction is linear in saturated deviations from the typical shape, and proportional to the
spread of the corner's map, so that clear corners stay. Saturation keeps unusual spines as they are:
without it, a correction fitted to healthy spines increased the error on degenerative ones by 16 %
(docs/vertenet.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from inference.decoding.shape_correction.local_shape import FEATURES, LocalShape, Values
from inference.results import VERTEBRAE

SHIPPED_CORRECTION: Final = Path(__file__).parent / "shape_correction.json"
SATURATION: Final = 1.5
"""Deviation from the typical shape, in robust standard deviations, that is not exceeded."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelCorrection:
    """The correction of one level.

    Attributes
    ----------
    typical, spread
        Median and robust standard deviation (FEATURES,) of the features of `LocalShape`.
    coefficients
        (FEATURES + 1, 8); the last row is constant.
    """

    typical: Values
    spread: Values
    coefficients: Values

    def shift(self, features: Values, spreads: Values) -> Values:
        """Return by how much to move the corners, as coordinates (8,) of the body's frame."""
        return np.asarray(self.terms(features) @ self.coefficients * spreads)

    def terms(self, features: Values) -> Values:
        """Return the terms (FEATURES + 1,) of the prediction; 0 where a body is missing."""
        deviations = np.nan_to_num((features - self.typical) / self.spread)
        saturated = SATURATION * np.tanh(deviations / SATURATION)
        return np.append(saturated, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class ShapeCorrection:
    """Corrections of T12 to L5, with their origin."""

    levels: tuple[LevelCorrection, ...]
    origin: Mapping[str, Any]

    def apply(self, corners: Values, covariances: Values) -> Values:
        """Return corrected corners (6, 4, 2).

        Parameters
        ----------
        corners
            Corners (6, 4, 2) of T12 to L5 in isotropic pixels; NaN for a missing body.
        covariances
            Covariances (6, 4, 2, 2) of their maps in square pixels; NaN for a missing body.
        """
        corrected = corners.copy()
        for body, level in enumerate(self.levels):
            shape = LocalShape.of(corners, body)
            if shape is not None:
                shift = level.shift(shape.features, shape.spreads(covariances[body]))
                corrected[body] += shape.to_pixels(shift)
        return corrected

    def to_dict(self) -> dict[str, Any]:
        """Return the correction as a dictionary that JSON can represent."""
        return {
            "origin": dict(self.origin),
            "levels": {
                vertebra.value: {
                    name: getattr(level, name).round(5).tolist() for name in level.__slots__
                }
                for vertebra, level in zip(VERTEBRAE, self.levels, strict=True)
            },
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ShapeCorrection:
        """Return the correction that :meth:`to_dict` wrote."""
        levels = []
        for vertebra in VERTEBRAE:
            level = LevelCorrection(
                **{
                    name: np.array(data["levels"][vertebra.value][name], float)
                    for name in LevelCorrection.__slots__
                }
            )
            if level.coefficients.shape != (FEATURES + 1, 8):
                raise ValueError(f"the coefficients of {vertebra.value} have the wrong shape")
            levels.append(level)
        return cls(tuple(levels), data["origin"])


@cache
def read_correction(path: Path = SHIPPED_CORRECTION) -> ShapeCorrection:
    """Return the correction in a file; it is read once."""
    return ShapeCorrection.from_dict(json.loads(path.read_text()))
