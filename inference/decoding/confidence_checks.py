"""Why an answer may be wrong: the names of the levels, or the view itself.

Everything here is judged from the bodies that were found, in pixels as high as wide: only ratios
and angles count.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.decoding.level_labels import Naming, step_lengths
from inference.decoding.vertebrae import DetectedBody
from inference.results import VERTEBRAE, LevelDoubt

SURE_OF_NAMES: Final = 0.87
SURE_OF_BODY: Final = 0.30
"""Both set on 2,000 phantoms with the weights that ship (seeds from 2,200,000 and 2,202,000, 1,000
each): 2 of 100 right images are doubted; with 0.90 and 0.25 it was 5, and no more of the others."""
SIZE_JUMP: Final = 1.75
SHORT_STEP: Final = 0.6
"""Neighbours nearer than this many body heights are one body marked twice."""
SHARP_TURN: Final = 35.0
"""From step to step a spine turns by less, in degrees."""
NEAR_END: Final = 0.15
"""Where fewer body heights lie before the image's end, nothing of a further body can show."""
LEAST_BODIES: Final = 4
LATERAL: Final = 0.5
WANTED: Final = tuple(vertebra.value for vertebra in VERTEBRAE)


@dataclass(frozen=True, slots=True)
class _Column:
    """The bodies from above with their names, and what the names rest on.

    ``end`` is the image's height; ``by_rank`` tells that names were given by counting.
    """

    bodies: Sequence[DetectedBody]
    naming: Naming
    end: float | None
    by_rank: bool

    @property
    def wanted(self) -> list[int]:
        """Places of the bodies that are called T12 to L5."""
        return [k for k, name in enumerate(self.naming.names) if name in WANTED]


def check_level_labels(
    bodies: Sequence[DetectedBody],
    naming: Naming,
    *,
    end: float | None = None,
    by_rank: bool = False,
) -> LevelDoubt | None:
    """The first reason, the gravest first, why the names T12-L5 may not be right.

    Parameters
    ----------
    bodies, naming
        From above.
    end
        The image's height, in the pixels of the bodies, where its ends shall count.
    by_rank
        Whether the names were given by counting, as the paper does.

    Returns
    -------
    LevelDoubt or None
        Reasons: ``fewer_than_six``, ``seventh_body``, ``gap``, ``marked_twice``,
        ``lumbar_count``, ``names_uncertain``, ``end_uncertain``, ``weak_body``,
        ``irregular_size``, ``curvature``.
    """
    column = _Column(bodies, naming, end, by_rank)
    checks = (
        _fewer_than_six,
        _seventh_body,
        _gap,
        _marked_twice,
        _lumbar_count,
        _names_uncertain,
        _end_uncertain,
        _weak_body,
        _irregular_size,
        _curvature,
    )
    return next((doubt for check in checks if (doubt := check(column)) is not None), None)


def check_view(
    bodies: Sequence[DetectedBody], *, lateral: float | None = None
) -> LevelDoubt | None:
    """Why the image may not be a lateral spine at all; ``lateral`` is the network's own opinion.

    Reasons: ``not_lateral``, ``few_bodies``, ``no_column``.
    """
    if lateral is not None and lateral < LATERAL:
        return LevelDoubt(
            "not_lateral",
            f"The network takes this for another view (lateral spine: {lateral:.2f}).",
        )
    if len(bodies) < LEAST_BODIES:
        return LevelDoubt("few_bodies", f"{len(bodies)} vertebral bodies were found.")
    sure = [body for body in bodies if body.confidence >= SURE_OF_BODY]
    bend = max(_turns(sure), default=0.0)
    if bend > 50:
        return LevelDoubt(
            "no_column", f"The bodies do not stand in a column: it turns by {bend:.0f} degrees."
        )
    if _size_jump(sure) > 2 * SIZE_JUMP:
        return LevelDoubt("no_column", "The bodies differ in size as no column's do.")
    return None


def _fewer_than_six(column: _Column) -> LevelDoubt | None:
    missing = [name for name in WANTED if name not in column.naming.names]
    if not missing:
        return None
    found = len(WANTED) - len(missing)
    return LevelDoubt(
        "fewer_than_six",
        f"{found} of the six bodies were found and named; missing: {', '.join(missing)}.",
    )


def _seventh_body(column: _Column) -> LevelDoubt | None:
    """Only where names go by rank is a body without one a rival of the six."""
    names = column.naming.names
    further = [k for k, name in enumerate(names) if not name]
    if not column.by_rank or not further:
        return None
    k = further[0]
    above = [name for name in names[:k] if name]
    below = [name for name in names[k:] if name]
    if not above:
        place = f"above {below[0]}"
    elif not below:
        place = f"below {above[-1]}"
    else:
        place = f"between {above[-1]} and {below[0]}"
    return LevelDoubt("seventh_body", f"A seventh body of equal strength lies {place}.")


def _gap(column: _Column) -> LevelDoubt | None:
    names = column.naming.names
    for k in column.naming.gaps:
        if names[k] in WANTED or names[k + 1] in WANTED:
            ratio = step_lengths(column.bodies)[k] / max(column.bodies[k].height, 1e-6)
            return LevelDoubt(
                "gap",
                f"Gap of {ratio:.1f} body heights between {names[k]} and "
                f"{names[k + 1]}: a body may have been missed.",
            )
    return None


def _marked_twice(column: _Column) -> LevelDoubt | None:
    names = column.naming.names
    for k, step in enumerate(step_lengths(column.bodies)):
        height = (column.bodies[k].height + column.bodies[k + 1].height) / 2
        if {names[k], names[k + 1]} & set(WANTED) and step < SHORT_STEP * height:
            return LevelDoubt(
                "marked_twice",
                f"{names[k]} and {names[k + 1]} lie {step / height:.1f} body heights apart: one "
                "body may have been marked twice.",
            )
    return None


def _lumbar_count(column: _Column) -> LevelDoubt | None:
    """With four or six lumbar bodies people differ on which one is L1."""
    count = {4: "four", 6: "six"}.get(column.naming.lumbar)
    if count is None:
        return None
    return LevelDoubt(
        "lumbar_count",
        f"The column seems to have {count} lumbar bodies: which one is L1 has to be agreed on.",
    )


def _names_uncertain(column: _Column) -> LevelDoubt | None:
    naming = column.naming
    if column.by_rank or naming.probability >= SURE_OF_NAMES:
        return None
    if naming.runner_up == 0:
        other = "another number of lumbar bodies"
    else:
        way = "lower" if naming.runner_up > 0 else "higher"
        other = f"every name {abs(naming.runner_up)} {way}"
    return LevelDoubt(
        "names_uncertain",
        f"The names fit with a probability of {naming.probability:.2f}; next best: {other}.",
    )


def _end_uncertain(column: _Column) -> LevelDoubt | None:
    """Counting needs room for one more body at both ends; a network that names bodies by what
    they look like needs a seventh one only where the six fill the image.
    """
    if column.end is None:
        return None
    first, last = column.bodies[0], column.bodies[-1]
    rooms = (
        (float(first.corners[:, 1].min()) + 0.5) / first.height,
        (column.end - 0.5 - float(last.corners[:, 1].max())) / last.height,
    )
    alone = len(column.wanted) == len(column.bodies)
    if not (column.by_rank or alone) or min(rooms) >= NEAR_END:
        return None
    end = int(np.argmin(rooms))
    name, way = column.naming.names[-end], ("above", "below")[end]
    return LevelDoubt(
        "end_uncertain",
        f"The image ends {max(rooms[end], 0.0):.1f} body heights {way} {name}: a further body "
        "there would not be seen.",
    )


def _weak_body(column: _Column) -> LevelDoubt | None:
    weak = [
        column.naming.names[k] for k in column.wanted if column.bodies[k].confidence < SURE_OF_BODY
    ]
    if not weak:
        return None
    return LevelDoubt("weak_body", f"Found with little confidence: {', '.join(weak)}.")


def _irregular_size(column: _Column) -> LevelDoubt | None:
    jump = _size_jump([column.bodies[k] for k in column.wanted])
    if jump <= SIZE_JUMP:
        return None
    return LevelDoubt(
        "irregular_size", f"Neighbouring bodies differ in size by a factor of {jump:.1f}."
    )


def _curvature(column: _Column) -> LevelDoubt | None:
    turns = _turns([column.bodies[k] for k in column.wanted])
    sharpest = max(turns, default=0.0)
    if sharpest <= SHARP_TURN:
        return None
    name = column.naming.names[column.wanted[turns.index(sharpest) + 1]]
    return LevelDoubt(
        "curvature",
        f"The column turns by {sharpest:.0f} degrees at {name}: a body may have been misplaced.",
    )


def _size_jump(bodies: Sequence[DetectedBody]) -> float:
    """The largest ratio between the depths of neighbours; heights may differ by a fracture."""
    depth = [
        float(np.linalg.norm(body.corners[[1, 3]] - body.corners[[0, 2]], axis=1).mean())
        for body in bodies
    ]
    ratios = [max(a, b) / max(min(a, b), 1e-6) for a, b in itertools.pairwise(depth)]
    return max(ratios, default=1.0)


def _turns(bodies: Sequence[DetectedBody]) -> list[float]:
    """The turns between consecutive steps from body to body, in degrees."""
    if len(bodies) < 3:
        return []
    steps = np.diff(np.array([body.center for body in bodies]), axis=0)
    angles = np.unwrap(np.arctan2(steps[:, 0], steps[:, 1]))
    return [float(turn) for turn in np.rad2deg(np.abs(np.diff(angles)))]
