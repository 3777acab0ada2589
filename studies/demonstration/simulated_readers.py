"""Simulated readers with a documented error model. Their readings are marked as simulated.

A reader perceives the calcified fraction of each wall segment with noise and a personal leniency,
and grades it by thirds. In the unguided arm the reader shifts the levels of more cases by one and
perceives fractions with more noise than in the guided arm. The parameters are set to give agreement
similar to published values for DXA; they are not evidence of an effect of guides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studies.analytics.scale import LEVELS, WALLS, Validity

# The middle of the range of each grade, as a fraction of the wall's length in the level.
FRACTION_OF_GRADE = (0.0, 1 / 6, 1 / 2, 5 / 6)
# Fractions below this are graded 0.
MIN_VISIBLE_FRACTION = 0.04
# A perceived calcification where there is none: within the range of grade 1.
FALSE_POSITIVE_FRACTION = 0.15
# Standard deviation of the logarithm of the reading time.
LOG_TIME_SD = 0.35


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """Errors of readings in one arm.

    ``misplaced_level`` is a probability per case; ``overlooked``, ``imagined`` and
    ``not_readable`` are probabilities per cell. ``noise`` is the standard deviation of the
    perceived fraction of a wall; ``minutes`` is the median reading time.
    """

    misplaced_level: float
    noise: float
    overlooked: float
    imagined: float
    not_readable: float
    minutes: float


UNGUIDED = ErrorModel(
    misplaced_level=0.14,
    noise=0.16,
    overlooked=0.14,
    imagined=0.05,
    not_readable=0.015,
    minutes=5.5,
)
GUIDED = ErrorModel(
    misplaced_level=0.03,
    noise=0.13,
    overlooked=0.12,
    imagined=0.04,
    not_readable=0.012,
    minutes=4.2,
)
MODELS = {"unguided": UNGUIDED, "guided": GUIDED}


@dataclass(frozen=True, slots=True)
class SimulatedReading:
    """Grades by cell (None where not readable), validity codes, and the active time in ms."""

    scores: Mapping[str, int | None]
    validity: Mapping[str, Validity]
    active_ms: int


def simulate_reading(
    truth: Mapping[str, int], arm: str, leniency: float, rng: np.random.Generator
) -> SimulatedReading:
    """Read one case whose reference grades are ``truth``.

    ``leniency`` is added to every perceived fraction.
    """
    model = MODELS[arm]
    # One shift for the whole case, as when a reader miscounts the vertebrae.
    shift = int(rng.choice([-1, 1])) if rng.random() < model.misplaced_level else 0
    scores: dict[str, int | None] = {}
    validity: dict[str, Validity] = {}
    for level in LEVELS:
        for wall in WALLS:
            cell = f"{level}_{wall}"
            if rng.random() < model.not_readable:
                scores[cell] = None
                validity[cell] = Validity(rng.choice([Validity.NOISE, Validity.OTHER]))
                continue
            scores[cell] = _grade(
                _perceive_fraction(truth, level, wall, shift, leniency, model, rng)
            )
            validity[cell] = Validity.VALID
    minutes = model.minutes * rng.lognormal(0, LOG_TIME_SD)
    return SimulatedReading(scores, validity, round(minutes * 60_000))


def _perceive_fraction(
    truth: Mapping[str, int],
    level: str,
    wall: str,
    shift: int,
    leniency: float,
    model: ErrorModel,
    rng: np.random.Generator,
) -> float:
    index = LEVELS.index(level) + shift
    grade = truth[f"{LEVELS[index]}_{wall}"] if 0 <= index < len(LEVELS) else 0
    if grade == 0:
        return FALSE_POSITIVE_FRACTION if rng.random() < model.imagined else 0.0
    # Only small calcifications are overlooked.
    if grade == 1 and rng.random() < model.overlooked:
        return 0.0
    return FRACTION_OF_GRADE[grade] + leniency + float(rng.normal(0, model.noise))


def _grade(fraction: float) -> int:
    """Return the grade by thirds of the wall; a boundary belongs to the lower grade."""
    return int(np.searchsorted([MIN_VISIBLE_FRACTION, 1 / 3, 2 / 3], fraction, side="left"))
