"""Label vertebral bodies with levels: the sequence of consecutive levels that fits best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.vertebrae import DetectedBody
from inference.results import VERTEBRAE

# How LEVEL_SPREAD, GAP_RATIO, ODD_PRIOR and _OUTSIDE were selected is not recorded;
# docs/vertenet.md reports how often labels are right, wrong or flagged on phantoms.
LEVEL_SPREAD: Final = 3.0
"""Number of independent votes that the bodies of one image amount to: label errors of one image
are correlated, so the bodies do not count as separate votes."""
GAP_RATIO: Final = 1.55
"""Minimum length of a step, as a multiple of the median of its neighbours, at which a body is taken
to be missing."""
USUAL_LUMBAR: Final = 5
ODD_PRIOR: Final = -0.6
"""Added to the mean log-probability of sequences with four or six lumbar bodies, which are rare."""
_ABSENT_LEVELS: Final = {4: ("L5", "L6"), 5: ("L6",), 6: ()}
"""Levels that a column with this number of lumbar bodies does not have."""
_OUTSIDE: Final = -8.0
"""Log-probability of a body that would need a label above T3 or below S1."""


@dataclass(frozen=True, slots=True)
class LevelLabels:
    """One label per body, with the probability of the whole sequence.

    Attributes
    ----------
    names
        Labels from cranial to caudal; empty where a body lies beyond the known levels.
    probability
        Probability of this sequence among all sequences, 0 to 1.
    runner_up
        How many levels lower the second-best sequence labels the first body.
    gaps
        Indices k where a body seems to be missing between k and k + 1.
    lumbar
        Number of lumbar bodies according to the labels; five where the lower end of the lumbar
        spine is not in the field.
    """

    names: tuple[str, ...]
    probability: float
    runner_up: int
    gaps: tuple[int, ...]
    lumbar: int = USUAL_LUMBAR


@dataclass(frozen=True, slots=True)
class _Sequence:
    """Consecutive labels of a column with ``lumbar`` bodies, starting at level index ``first``."""

    names: tuple[str, ...]
    score: float
    first: int
    lumbar: int


def label_by_sequence(bodies: Sequence[DetectedBody], classes: Sequence[str]) -> LevelLabels:
    """Return the most probable sequence of consecutive levels.

    Columns of four, five and six lumbar bodies are tried. A level is skipped only where the
    distance between two bodies indicates that one is missing.

    Parameters
    ----------
    bodies
        From cranial to caudal, with log-probabilities in ``level``.
    classes
        Names of the level head's classes, from cranial to caudal.

    Returns
    -------
    LevelLabels
        All labels are empty, and the probability is 0, where there are more bodies than levels.
    """
    if not bodies:
        return LevelLabels((), 0.0, 0, ())
    gaps = find_gaps(bodies)
    # Sequences are keyed by labels, so that equal labels do not share one probability between them.
    sequences: dict[tuple[str, ...], _Sequence] = {}
    # Five comes first: identical labels of four or six lumbar bodies then count as the usual five.
    for lumbar in (USUAL_LUMBAR, 4, 6):
        for sequence in _sequences(bodies, gaps, classes, lumbar):
            sequences.setdefault(sequence.names, sequence)
    if not sequences:  # more bodies than levels, so the detections are not a spine
        return LevelLabels(("",) * len(bodies), 0.0, 0, gaps)
    ordered = sorted(sequences.values(), key=lambda sequence: -sequence.score)
    scores = np.array([sequence.score for sequence in ordered])
    # Relative to the best score, so that the exponential neither overflows nor is 0 throughout.
    shares = np.exp(LEVEL_SPREAD * (scores - scores[0]))
    best = ordered[0]
    return LevelLabels(
        names=best.names,
        probability=float(1 / shares.sum()),
        runner_up=ordered[1].first - best.first if len(ordered) > 1 else 0,
        gaps=gaps,
        lumbar=best.lumbar,
    )


def label_by_rank(bodies: Sequence[DetectedBody]) -> LevelLabels:
    """Return the paper's labels: the six strongest bodies, from cranial to caudal, are T12 to L5.

    Parameters
    ----------
    bodies
        From cranial to caudal. Bodies beyond the six strongest get an empty label.

    Returns
    -------
    LevelLabels
        The probability is 1, because peaks alone do not show how probable these labels are.

    References
    ----------
    VerteNet, arXiv 2502.02097.
    """
    # The paper applies no threshold, so exactly six are labelled wherever the network sees more.
    strongest = sorted(range(len(bodies)), key=lambda k: -bodies[k].peak)[: len(VERTEBRAE)]
    level_of = dict(zip(sorted(strongest), VERTEBRAE, strict=False))
    names = tuple(level_of[k].value if k in level_of else "" for k in range(len(bodies)))
    return LevelLabels(names, 1.0 if bodies else 0.0, 0, find_gaps(bodies))


def find_gaps(bodies: Sequence[DetectedBody]) -> tuple[int, ...]:
    """Return the indices k where the step from body k to k + 1 is long enough for another body."""
    if len(bodies) < 3:
        return ()
    steps = step_lengths(bodies)
    gaps = []
    for k, step in enumerate(steps):
        # Steps grow from cranial to caudal, so a step is compared with its neighbours rather than
        # with the mean of the column. Two on each side make the median robust to a second gap.
        neighbours = [steps[j] for j in (k - 2, k - 1, k + 1, k + 2) if 0 <= j < len(steps)]
        if step > GAP_RATIO * float(np.median(neighbours)):
            gaps.append(k)
    return tuple(gaps)


def step_lengths(bodies: Sequence[DetectedBody]) -> list[float]:
    """Return the distances between the centres of neighbouring bodies, in their pixels."""
    centers = np.array([body.center for body in bodies])
    return [float(step) for step in np.linalg.norm(np.diff(centers, axis=0), axis=1)]


def _sequences(
    bodies: Sequence[DetectedBody], gaps: Sequence[int], classes: Sequence[str], lumbar: int
) -> list[_Sequence]:
    """Return every sequence that leaves at most one body without a label.

    The score is the mean log-probability, weighted by the bodies' confidence.
    """
    present = [index for index, name in enumerate(classes) if name not in _ABSENT_LEVELS[lumbar]]
    level: NDArray[np.float64] = np.stack([body.level for body in bodies])[:, present]
    weight = np.array([body.confidence for body in bodies])
    # Weights sum to 1, so that the score does not grow with the number of bodies in the field.
    weight = weight / max(weight.sum(), 1e-9)
    prior = 0.0 if lumbar == USUAL_LUMBAR else ODD_PRIOR
    # A gap advances by two levels, so that the missing body keeps its label.
    offsets = np.cumsum([0, *(2 if k in gaps else 1 for k in range(len(bodies) - 1))])
    sequences = []
    for first in range(-int(offsets[-1]), len(present)):
        indices = first + offsets
        inside = (indices >= 0) & (indices < len(present))
        # One body may be a false detection at either end; two unlabelled ones are another column.
        if inside.sum() < max(1, len(bodies) - 1):
            continue
        # Clipping only keeps the index valid; np.where replaces these votes by _OUTSIDE below.
        votes = level[np.arange(len(bodies)), np.clip(indices, 0, len(present) - 1)]
        score = float((weight * np.where(inside, votes, _OUTSIDE)).sum()) + prior
        names = tuple(
            classes[present[k]] if known else "" for k, known in zip(indices, inside, strict=True)
        )
        # Without L6 or S1 in the field, the number of lumbar bodies cannot be counted.
        counted = lumbar if "S1" in names or "L6" in names else USUAL_LUMBAR
        sequences.append(_Sequence(names, score, first, counted))
    return sequences
