"""From bodies to names: the run of consecutive levels that fits the whole column best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.vertebrae import DetectedBody
from inference.results import VERTEBRAE

LEVEL_SPREAD: Final = 3.0
"""Names of one image err together: how many independent votes its bodies amount to."""
GAP_RATIO: Final = 1.55
"""Bodies further apart than this multiple of what their neighbours suggest have lost one."""
USUAL_LUMBAR: Final = 5
ODD_PRIOR: Final = -0.6
"""Added to the mean log-probability of runs with four or six lumbar bodies, which are rare."""
_MISSING_IN: Final = {4: ("L5", "L6"), 5: ("L6",), 6: ()}
"""Classes that a column of so many lumbar bodies has not."""
_OUTSIDE: Final = -8.0
"""Log-probability of a body that would need a name above T3 or below S1."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A name a body, and how sure it is.

    Attributes
    ----------
    names : from above; empty where a body lies beyond the names
    probability : of the run of names, among all runs
    runner_up : by how many levels the next best run names the first body lower
    gaps : indices k where a body seems to be missing between k and k + 1
    lumbar : how many lumbar bodies the column has by these names; the usual five where its lower
        end is not in view
    """

    names: tuple[str, ...]
    probability: float
    runner_up: int
    gaps: tuple[int, ...]
    lumbar: int = USUAL_LUMBAR


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive names of a column of ``lumbar`` bodies; ``first`` is the place of the first."""

    names: tuple[str, ...]
    score: float
    first: int
    lumbar: int


def label_by_sequence(bodies: Sequence[DetectedBody], classes: Sequence[str]) -> Naming:
    """The most probable run of consecutive names, from above.

    Columns of four, five and six lumbar bodies are tried. A step over one name is allowed only
    where the distance between two bodies asks for it.
    """
    if not bodies:
        return Naming((), 0.0, 0, ())
    gaps = find_gaps(bodies)
    runs: dict[tuple[str, ...], _Run] = {}
    for lumbar in (USUAL_LUMBAR, 4, 6):
        for run in _runs(bodies, gaps, classes, lumbar):
            runs.setdefault(run.names, run)
    if not runs:  # more bodies than levels: what was found is no spine
        return Naming(("",) * len(bodies), 0.0, 0, gaps)
    ordered = sorted(runs.values(), key=lambda run: -run.score)
    scores = np.array([run.score for run in ordered])
    shares = np.exp(LEVEL_SPREAD * (scores - scores[0]))
    best = ordered[0]
    return Naming(
        names=best.names,
        probability=float(1 / shares.sum()),
        runner_up=ordered[1].first - best.first if len(ordered) > 1 else 0,
        gaps=gaps,
        lumbar=best.lumbar,
    )


def label_by_rank(bodies: Sequence[DetectedBody]) -> Naming:
    """The paper's naming: the six strongest from above are T12 to L5, whatever they are.

    Further ones get an empty name. How probable such names are cannot be told from the peaks.
    """
    strongest = sorted(range(len(bodies)), key=lambda k: -bodies[k].peak)[: len(VERTEBRAE)]
    by_place = dict(zip(sorted(strongest), VERTEBRAE, strict=False))
    names = tuple(by_place[k].value if k in by_place else "" for k in range(len(bodies)))
    return Naming(names, 1.0 if bodies else 0.0, 0, find_gaps(bodies))


def find_gaps(bodies: Sequence[DetectedBody]) -> tuple[int, ...]:
    """Indices k where the step from body k to k + 1 leaves room for another one."""
    if len(bodies) < 3:
        return ()
    steps = step_lengths(bodies)
    gaps = []
    for k, step in enumerate(steps):
        near = [steps[j] for j in (k - 2, k - 1, k + 1, k + 2) if 0 <= j < len(steps)]
        if step > GAP_RATIO * float(np.median(near)):
            gaps.append(k)
    return tuple(gaps)


def step_lengths(bodies: Sequence[DetectedBody]) -> list[float]:
    """Distances between the centres of neighbours."""
    centers = np.array([body.center for body in bodies])
    return [float(step) for step in np.linalg.norm(np.diff(centers, axis=0), axis=1)]


def _runs(
    bodies: Sequence[DetectedBody], gaps: Sequence[int], classes: Sequence[str], lumbar: int
) -> list[_Run]:
    """Every run that leaves at most one body without a name, and its mean log-probability."""
    there = [place for place, name in enumerate(classes) if name not in _MISSING_IN[lumbar]]
    level: NDArray[np.float64] = np.stack([body.level for body in bodies])[:, there]
    weight = np.array([body.confidence for body in bodies])
    weight = weight / max(weight.sum(), 1e-9)
    prior = 0.0 if lumbar == USUAL_LUMBAR else ODD_PRIOR
    place = np.cumsum([0, *(2 if k in gaps else 1 for k in range(len(bodies) - 1))])
    found = []
    for first in range(-int(place[-1]), len(there)):
        at = first + place
        inside = (at >= 0) & (at < len(there))
        if inside.sum() < max(1, len(bodies) - 1):
            continue
        voted = level[np.arange(len(bodies)), np.clip(at, 0, len(there) - 1)]
        score = float((weight * np.where(inside, voted, _OUTSIDE)).sum()) + prior
        names = tuple(classes[there[k]] if ok else "" for k, ok in zip(at, inside, strict=True))
        seen = lumbar if "S1" in names or "L6" in names else USUAL_LUMBAR
        found.append(_Run(names, score, first, seen))
    return found
