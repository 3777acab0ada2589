"""Simulated readers with a documented error model; what they make is marked as simulated.

A reader sees the calcified fraction of each wall segment through noise and an own leniency, and
grades what was seen by thirds. Without guides the reader misplaces the levels of some cases by
one and judges the ends of a segment less sharply; with guides both happen less. The numbers are
chosen to look like published agreement on DXA, and prove nothing about guides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studies.analytics.scale import LEVELS, WALLS, Validity

FRACTION_OF_GRADE = (0.0, 1 / 6, 1 / 2, 5 / 6)
TRACE = 0.04


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """How one arm's reading errs: probabilities a case or cell, noise as a fraction of a wall."""

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
    """Grades by cell (None where not readable), why not, and the active time."""

    scores: Mapping[str, int | None]
    validity: Mapping[str, Validity]
    active_ms: int


def simulate_reading(
    truth: Mapping[str, int], arm: str, leniency: float, rng: np.random.Generator
) -> SimulatedReading:
    """Read one case whose true grades are ``truth``; ``leniency`` is added to every fraction."""
    model = MODELS[arm]
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
            scores[cell] = _grade(_seen(truth, level, wall, shift, leniency, model, rng))
            validity[cell] = Validity.VALID
    minutes = model.minutes * rng.lognormal(0, 0.35)
    return SimulatedReading(scores, validity, round(minutes * 60_000))


def _seen(
    truth: Mapping[str, int],
    level: str,
    wall: str,
    shift: int,
    leniency: float,
    model: ErrorModel,
    rng: np.random.Generator,
) -> float:
    place = LEVELS.index(level) + shift
    grade = truth[f"{LEVELS[place]}_{wall}"] if 0 <= place < len(LEVELS) else 0
    if grade == 0:
        return 0.15 if rng.random() < model.imagined else 0.0
    if grade == 1 and rng.random() < model.overlooked:
        return 0.0
    return FRACTION_OF_GRADE[grade] + leniency + float(rng.normal(0, model.noise))


def _grade(fraction: float) -> int:
    """Thirds of the wall; a boundary belongs to the lower grade."""
    return int(np.searchsorted([TRACE, 1 / 3, 2 / 3], fraction, side="left"))
