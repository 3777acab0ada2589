"""Correctness of level labels, judged by the positions of vertebral bodies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from inference.evaluation.outcome import Outcome
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks, Vertebra

TOLERANCE = 0.5
"""Largest distance of a predicted body from its true one, as a share of the true height."""

SCORED = frozenset(VERTEBRAE[1:5])
"""Vertebrae whose aortic walls are scored, L1 to L4."""
USUAL_LUMBAR = 5

Naming = Literal["right", "wrong", "missed"]
LevelGroup = Literal["knowable", "end missing", "unknowable"]


def judge_labels(outcome: Outcome) -> dict[Vertebra, Naming]:
    """Return for each true body whether it was predicted under its label, another one, or not."""
    verdicts: dict[Vertebra, Naming] = {}
    for vertebra, label in _predicted_labels(outcome).items():
        if label is None:
            verdicts[vertebra] = "missed"
        else:
            verdicts[vertebra] = "right" if label is vertebra else "wrong"
    return verdicts


def level_shift(outcome: Outcome) -> int | None:
    """Return by how many levels labels are shifted in most bodies.

    The shift is positive if a body has the label of a more caudal level. It is ``None`` if no true
    body was predicted.
    """
    shifts = [
        VERTEBRAE.index(label) - VERTEBRAE.index(vertebra)
        for vertebra, label in _predicted_labels(outcome).items()
        if label is not None
    ]
    return Counter(shifts).most_common(1)[0][0] if shifts else None


def judge_levels(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Summarise level labels over images.

    Parameters
    ----------
    outcomes
        Outcomes of images; those without prediction are ignored.

    Returns
    -------
    dict
        Counts by body, vertebra and image; whether labelling was flagged as uncertain where it is
        wrong; and the distribution of shifts.
    """
    predicted = [outcome for outcome in outcomes if outcome.predicted is not None]
    judged = [judge_labels(outcome) for outcome in predicted]
    bodies = Counter(verdict for image in judged for verdict in image.values())
    total = bodies.total()
    wrong = ["wrong" in image.values() for image in judged]
    uncertain = [outcome.levels_uncertain for outcome in predicted]
    shifts = Counter(by for by in map(level_shift, predicted) if by is not None)
    # Stricter than "not wrong": every true body must be predicted and labelled correctly.
    right = [set(image.values()) == {"right"} for image in judged]
    return {
        "images": len(predicted),
        "bodies": total,
        "bodies_right": bodies["right"],
        "bodies_wrong": bodies["wrong"],
        "bodies_missed": bodies["missed"],
        "accuracy": bodies["right"] / total if total else None,
        "vertebrae": {
            vertebra.value: dict(Counter(i[vertebra] for i in judged if vertebra in i))
            for vertebra in VERTEBRAE
        },
        "images_all_right": sum(right),
        "images_with_a_wrong_name": sum(wrong),
        "of_these_uncertain": sum(a and b for a, b in zip(wrong, uncertain, strict=True)),
        "all_right_but_uncertain": sum(a and b for a, b in zip(right, uncertain, strict=True)),
        "shifts": {str(by): shifts[by] for by in sorted(shifts)},
        "knowable": _judge_knowable(predicted, judged),
    }


def _judge_knowable(
    outcomes: Sequence[Outcome], judged: Sequence[Mapping[Vertebra, Naming]]
) -> dict[str, Any] | None:
    """Summarise uncertainty flags by whether the levels can be identified in the image.

    An image is right if no body has a wrong label. Flags on right images in which the levels can be
    identified are false alarms. Images without T12 or L5 are reported separately: their labels may
    be right without a flag. The result is ``None`` if this is unknown for all images.
    """
    known = [
        (group, "wrong" not in image.values(), outcome.levels_uncertain)
        for outcome, image in zip(outcomes, judged, strict=True)
        if (group := level_group(outcome)) is not None
    ]
    if not known:
        return None
    right = [uncertain for group, fits, uncertain in known if group == "knowable" and fits]
    end_right = [uncertain for group, fits, uncertain in known if group == "end missing" and fits]
    other = [uncertain for group, fits, uncertain in known if group == "unknowable" or not fits]
    groups = Counter(group for group, _, _ in known)
    return {
        "images": groups["knowable"],
        "right": len(right),
        "right_but_uncertain": sum(right),
        "wrong_or_unknowable": len(other),
        "of_these_uncertain": sum(other),
        "end_missing": groups["end missing"],
        "end_missing_right": len(end_right),
        "end_missing_right_but_uncertain": sum(end_right),
    }


def level_group(outcome: Outcome) -> LevelGroup | None:
    """Return whether the levels of an image can be known, ``None`` if this is not known.

    Returns
    -------
    LevelGroup or None
        "knowable" if all six vertebrae are in the image; "end missing" if only T12 or L5 is not;
        "unknowable" without one of L1 to L4, or with another number of lumbar vertebrae than five.
    """
    if outcome.levels_knowable is None:
        return None
    if outcome.levels_knowable:
        return "knowable"
    visible = set(outcome.truth.bodies)
    usual = outcome.lumbar in (None, USUAL_LUMBAR)
    if usual and visible >= SCORED and visible < set(VERTEBRAE):
        return "end missing"
    return "unknowable"


def _predicted_labels(outcome: Outcome) -> dict[Vertebra, Vertebra | None]:
    """Return for each true body the label of the nearest predicted one within the tolerance."""
    predicted = outcome.predicted or Landmarks({})
    heights = _heights(outcome.truth.bodies)
    labels: dict[Vertebra, Vertebra | None] = {}
    for vertebra, body in outcome.truth.bodies.items():
        distances = {label: _distance(body, other) for label, other in predicted.bodies.items()}
        nearest = min(distances, key=lambda label: distances[label], default=None)
        # A body beyond the tolerance is a detection elsewhere, not a wrong label of this level.
        near = nearest is not None and distances[nearest] <= TOLERANCE * heights[vertebra]
        labels[vertebra] = nearest if near else None
    return labels


def _distance(one: Body, other: Body) -> float:
    """Return the distance between the means of the corners that both bodies have, in pixels."""
    pairs = [
        (getattr(one, name), getattr(other, name))
        for name in CORNERS
        if getattr(one, name) is not None and getattr(other, name) is not None
    ]
    # Bodies without a common corner cannot be compared.
    if not pairs:
        return float("inf")
    offsets = np.array([np.subtract(a, b) for a, b in pairs])
    return float(np.hypot(*offsets.mean(axis=0)))


def _heights(bodies: Mapping[Vertebra, Body]) -> dict[Vertebra, float]:
    """Return heights in pixels; for a body cut by the image border, the median of the others."""
    measured = {vertebra: _height(body) for vertebra, body in bodies.items()}
    known = [height for height in measured.values() if height is not None]
    typical = float(np.median(known)) if known else 1.0
    return {
        vertebra: typical if height is None else height for vertebra, height in measured.items()
    }


def _height(body: Body) -> float | None:
    """Return the mean wall length in pixels, or ``None`` if no wall is completely visible."""
    walls = [
        float(np.hypot(*np.subtract(above, below)))
        for above, below in (
            (body.superior_posterior, body.inferior_posterior),
            (body.superior_anterior, body.inferior_anterior),
        )
        if above is not None and below is not None
    ]
    # At least a pixel, because the tolerance is a share of it.
    return max(float(np.mean(walls)), 1.0) if walls else None
