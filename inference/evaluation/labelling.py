"""Whether bodies bear the right names, judged by where they lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from inference.evaluation.outcome import Outcome
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks, Vertebra

TOLERANCE = 0.5
"""A body is the one it is taken for when it lies nearer to it than half that one's height."""

Naming = Literal["right", "wrong", "missed"]


def judge_labels(outcome: Outcome) -> dict[Vertebra, Naming]:
    """For each true body: found under its name, under another one, or not at all."""
    judged: dict[Vertebra, Naming] = {}
    for vertebra, name in _names(outcome).items():
        judged[vertebra] = "missed" if name is None else "right" if name is vertebra else "wrong"
    return judged


def shift(outcome: Outcome) -> int | None:
    """By how many levels the names lie too low (+) or too high (-), as most bodies have it.

    ``None`` where none of the true bodies was found.
    """
    shifts = [
        VERTEBRAE.index(name) - VERTEBRAE.index(vertebra)
        for vertebra, name in _names(outcome).items()
        if name is not None
    ]
    return Counter(shifts).most_common(1)[0][0] if shifts else None


def judge_levels(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Names over many images: per body, vertebra and image, and whether wrong ones were doubted."""
    asked = [outcome for outcome in outcomes if outcome.found is not None]
    judged = [judge_labels(outcome) for outcome in asked]
    bodies = Counter(naming for image in judged for naming in image.values())
    total = bodies.total()
    wrong = ["wrong" in image.values() for image in judged]
    doubted = [outcome.level_doubted for outcome in asked]
    shifts = Counter(by for outcome in asked for by in [shift(outcome)] if by is not None)
    right = [set(image.values()) == {"right"} for image in judged]
    return {
        "images": len(asked),
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
        "of_these_doubted": sum(a and b for a, b in zip(wrong, doubted, strict=True)),
        "all_right_but_doubted": sum(a and b for a, b in zip(right, doubted, strict=True)),
        "shifts": {str(by): shifts[by] for by in sorted(shifts)},
        "knowable": _judge_knowable(asked, judged),
    }


def _judge_knowable(
    outcomes: Sequence[Outcome], judged: Sequence[Mapping[Vertebra, Naming]]
) -> dict[str, Any] | None:
    """Names where the image shows enough to know, and doubts where it does not or names are wrong.

    An image is right when no body bears a wrong name; false alarms are doubts about right images
    that show enough. ``None`` where truth says nothing of it.
    """
    told = [
        (bool(outcome.levels_knowable), "wrong" not in image.values(), outcome.level_doubted)
        for outcome, image in zip(outcomes, judged, strict=True)
        if outcome.levels_knowable is not None
    ]
    if not told:
        return None
    right = [doubted for knowable, fits, doubted in told if knowable and fits]
    other = [doubted for knowable, fits, doubted in told if not (knowable and fits)]
    return {
        "images": sum(knowable for knowable, _, _ in told),
        "right": len(right),
        "right_but_doubted": sum(right),
        "wrong_or_unknowable": len(other),
        "of_these_doubted": sum(other),
    }


def _names(outcome: Outcome) -> dict[Vertebra, Vertebra | None]:
    """The name that the nearest found body bears at each true one, within the tolerance."""
    found = outcome.found or Landmarks({})
    heights = _heights(outcome.truth.bodies)
    names: dict[Vertebra, Vertebra | None] = {}
    for vertebra, body in outcome.truth.bodies.items():
        ways = {name: _distance(body, other) for name, other in found.bodies.items()}
        nearest = min(ways, key=lambda name: ways[name], default=None)
        near = nearest is not None and ways[nearest] <= TOLERANCE * heights[vertebra]
        names[vertebra] = nearest if near else None
    return names


def _distance(one: Body, other: Body) -> float:
    """Between the middles of the corners that both have, in pixels."""
    pairs = [
        (getattr(one, name), getattr(other, name))
        for name in CORNERS
        if getattr(one, name) is not None and getattr(other, name) is not None
    ]
    if not pairs:
        return float("inf")
    ways = np.array([np.subtract(a, b) for a, b in pairs])
    return float(np.hypot(*ways.mean(axis=0)))


def _heights(bodies: Mapping[Vertebra, Body]) -> dict[Vertebra, float]:
    """In pixels; a body that the image cuts through is taken to be as high as the others."""
    whole = {vertebra: _height(body) for vertebra, body in bodies.items()}
    known = [height for height in whole.values() if height is not None]
    usual = float(np.median(known)) if known else 1.0
    return {vertebra: usual if height is None else height for vertebra, height in whole.items()}


def _height(body: Body) -> float | None:
    """Mean distance of the end plates along the walls that show both, in pixels."""
    walls = [
        float(np.hypot(*np.subtract(above, below)))
        for above, below in (
            (body.superior_posterior, body.inferior_posterior),
            (body.superior_anterior, body.inferior_anterior),
        )
        if above is not None and below is not None
    ]
    return max(float(np.mean(walls)), 1.0) if walls else None
