"""Label vertebral bodies with levels: the most probable sequence of consecutive levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.extra_bodies import find_extra_bodies
from inference.decoding.level_calibration import Calibration, shipped_calibration
from inference.decoding.level_cues import cue_values, describe_column
from inference.decoding.level_sequences import USUAL_LUMBAR, LevelSequences, list_sequences
from inference.decoding.vertebrae import DetectedBody
from inference.results import VERTEBRAE, LevelPosterior

COUNTED: Final = frozenset({*(vertebra.value for vertebra in VERTEBRAE), "L6", "S1"})
"""Levels whose labels must be right: those of the study, and those that count lumbar bodies."""
GAP_RATIO: Final = 1.55
"""Minimum length of a step, as a multiple of the median of its neighbours, at which a body is taken
to be missing. How it was selected is not recorded."""


@dataclass(frozen=True, slots=True)
class LevelLabels:
    """One label per body, with the probabilities of this and of other labellings.

    Attributes
    ----------
    names
        Labels from cranial to caudal; empty where a body lies beyond the known levels.
    posterior
        Probabilities of these labels and of others; ``None`` if order alone assigned them.
    gaps
        Indices k where a body seems to be missing between k and k + 1.
    lumbar
        Number of lumbar bodies according to the labels; five where the lower end of the lumbar
        spine is not in the field.
    fit
        Geometric mean of the probabilities that the network gives to the labels of T12 to the
        sacrum. Other labels may be less probable still, so a small value shows that none fits.
        ``None`` if order alone assigned the labels.
    """

    names: tuple[str, ...]
    posterior: LevelPosterior | None
    gaps: tuple[int, ...] = ()
    lumbar: int = USUAL_LUMBAR
    fit: float | None = None


def label_by_sequence(
    bodies: Sequence[DetectedBody],
    classes: Sequence[str],
    *,
    end: float | None = None,
    views: int = 1,
    calibration: Calibration | None = None,
) -> LevelLabels:
    """Return the most probable sequence of consecutive levels.

    Columns of four, five and six lumbar bodies are tried. A level is skipped only where the
    distance between two bodies indicates that one is missing, and an extra body between two others
    gets no label.

    Parameters
    ----------
    bodies
        From cranial to caudal, with log-probabilities in ``level``; corners in isotropic pixels.
    classes
        Names of the level head's classes, from cranial to caudal.
    end
        Height of the image in the pixels of the bodies, ``None`` if it is not considered.
    views
        Number of views that the log-probabilities were averaged over.
    calibration
        The constants; those of the bundled weights if ``None``.

    Returns
    -------
    LevelLabels
        All labels are empty, and the probability is 0, where there are more bodies than levels.
    """
    extras = find_extra_bodies(bodies)
    column = [body for k, body in enumerate(bodies) if k not in extras]
    gaps = find_gaps(column)
    sequences = list_sequences(len(column), gaps, classes) if column else None
    if sequences is None or not len(sequences):  # more bodies than levels: not a spine
        return LevelLabels(("",) * len(bodies), LevelPosterior({0: 0.0}), find_gaps(bodies))
    constants = calibration or shipped_calibration()
    described = describe_column(column, gaps, end)
    values = cue_values(described, sequences, constants)
    scores: NDArray[np.float64] = sum(
        (constants.weights[name] * value for name, value in values.items()),
        np.zeros(len(sequences)),
    )
    if views > 1:
        scores = constants.agreement * scores
    labels = _labels(sequences, softmax(scores), gaps, views)
    return replace(
        labels,
        names=_with_extras(labels.names, extras),
        gaps=_in_all_bodies(gaps, extras),
        fit=_fit(labels.names, described.votes, classes),
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
        Without a probability, because peaks alone do not show how probable these labels are.

    References
    ----------
    VerteNet, arXiv 2502.02097.
    """
    # The paper applies no threshold, so exactly six are labelled wherever the network sees more.
    strongest = sorted(range(len(bodies)), key=lambda k: -bodies[k].peak)[: len(VERTEBRAE)]
    level_of = dict(zip(sorted(strongest), VERTEBRAE, strict=False))
    names = tuple(level_of[k].value if k in level_of else "" for k in range(len(bodies)))
    return LevelLabels(names, None, find_gaps(bodies))


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


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities that are proportional to the exponential of the scores."""
    # Relative to the best score, so that the exponential neither overflows nor is 0 throughout.
    shares = np.exp(scores - scores.max())
    return np.asarray(shares / shares.sum())


def _labels(
    sequences: LevelSequences,
    probabilities: NDArray[np.float64],
    gaps: tuple[int, ...],
    views: int,
) -> LevelLabels:
    """Return the most probable labels, and the probabilities of the others by shift."""
    best = int(np.argmax(probabilities))
    alike = sequences.lumbar == sequences.lumbar[best]
    shifts: dict[int, float] = {}
    # Next to a gap, sequences of one shift may differ in the label of the last body.
    for by, share in zip(
        sequences.first[alike] - sequences.first[best], probabilities[alike], strict=True
    ):
        shifts[int(by)] = shifts.get(int(by), 0.0) + float(share)
    posterior = LevelPosterior(
        shifts=shifts,
        other_count=float(probabilities[~alike].sum()),
        views=views,
    )
    return LevelLabels(sequences.names[best], posterior, gaps, int(sequences.lumbar[best]))


def _fit(names: Sequence[str], votes: NDArray[np.float64], classes: Sequence[str]) -> float:
    """Return the geometric mean of the probabilities of T12 to the sacrum, 0 without any of them.

    Parameters
    ----------
    names
        Labels of the bodies.
    votes
        Log-probabilities (bodies, classes).
    classes
        Names of the classes.
    """
    counted = [votes[k, classes.index(name)] for k, name in enumerate(names) if name in COUNTED]
    return float(np.exp(np.mean(counted))) if counted else 0.0


def _with_extras(names: Sequence[str], extras: Sequence[int]) -> tuple[str, ...]:
    """Return labels of all bodies, with an empty one at each index of an extra body."""
    complete = list(names)
    for index in extras:
        complete.insert(index, "")
    return tuple(complete)


def _in_all_bodies(gaps: Sequence[int], extras: Sequence[int]) -> tuple[int, ...]:
    """Return gaps as indices among all bodies, given those among all except the extra ones."""
    indices = list(gaps)
    for extra in extras:
        indices = [index + 1 if index >= extra else index for index in indices]
    return tuple(indices)
