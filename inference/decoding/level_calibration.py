"""Constants that turn cues into probabilities, fitted on phantoms.

``level_calibration.json`` is written by ``python -m inference calibrate`` and states its origin:
weights, seeds, families, conditions and command.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
SHIPPED_CALIBRATION: Final = Path(__file__).parent / "level_calibration.json"


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Mean and standard deviation of geometric terms, by position and over all positions.

    Attributes
    ----------
    mean, sd
        (positions, terms).
    pooled_mean, pooled_sd
        (terms,).
    """

    mean: Values
    sd: Values
    pooled_mean: Values
    pooled_sd: Values

    def to_dict(self) -> dict[str, Any]:
        """Return the values as lists."""
        return {name: getattr(self, name).round(4).tolist() for name in self.__slots__}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Spread:
        """Return the values that :meth:`to_dict` wrote."""
        return cls(**{name: np.array(data[name], float) for name in cls.__slots__})


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """All fitted constants.

    Attributes
    ----------
    weights
        Weight of each cue, by name.
    bodies, steps
        Distribution of the terms of `column_geometry`.
    last_level
        Probabilities (3,) that the last body is the sacrum, the last lumbar body or another one,
        where there is space for a further body below it.
    agreement
        Factor on the sum of all cues once they are averaged over the image and its variations.
    origin
        Where the constants come from.
    """

    weights: Mapping[str, float]
    bodies: Spread
    steps: Spread
    last_level: Values
    agreement: float
    origin: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the calibration as a dictionary that JSON can represent."""
        return {
            "origin": dict(self.origin),
            "weights": {name: round(weight, 4) for name, weight in self.weights.items()},
            "agreement": round(self.agreement, 4),
            "last_level": self.last_level.round(4).tolist(),
            "bodies": self.bodies.to_dict(),
            "steps": self.steps.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibration:
        """Return the calibration that :meth:`to_dict` wrote."""
        return cls(
            weights=data["weights"],
            bodies=Spread.from_dict(data["bodies"]),
            steps=Spread.from_dict(data["steps"]),
            last_level=np.array(data["last_level"], float),
            agreement=data["agreement"],
            origin=data["origin"],
        )


def read_calibration(path: Path) -> Calibration:
    """Return the calibration in a JSON file."""
    return Calibration.from_dict(json.loads(path.read_text()))


@cache
def shipped_calibration() -> Calibration:
    """Return the calibration of the bundled weights."""
    return read_calibration(SHIPPED_CALIBRATION)
