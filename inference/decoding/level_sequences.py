"""All sequences of consecutive levels that the bodies of a column may have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Most people have five lumbar vertebrae; some have four or six.
USUAL_LUMBAR: Final = 5
LUMBAR_COUNTS: Final = (USUAL_LUMBAR, 4, 6)
"""The usual number comes first: equal labels of other numbers then count as the usual one."""
_ABSENT_LEVELS: Final = {4: ("L5", "L6"), 5: ("L6",), 6: ()}
"""Levels that a column with this number of lumbar bodies does not have."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelSequences:
    """Sequences of levels, one per row.

    Attributes
    ----------
    names
        Labels from cranial to caudal; empty where a body lies beyond the known levels.
    first
        Index (rows,) of the first body's level; negative if it lies above the known levels.
    lumbar
        Number (rows,) of lumbar bodies; five where the lower end of the lumbar spine is not in the
        field.
    classes
        Index (rows, bodies) of each label among the classes, -1 without a label.
    positions
        Position (rows, bodies) among T3 to L5 and S1, counted upwards from the sacrum; -1 without a
        label. It differs from ``classes`` with four or six lumbar bodies, whose last body has the
        shape and tilt of a usual L5.
    """

    names: tuple[tuple[str, ...], ...]
    first: NDArray[np.int64]
    lumbar: NDArray[np.int64]
    classes: NDArray[np.int64]
    positions: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)


def list_sequences(count: int, gaps: Sequence[int], classes: Sequence[str]) -> LevelSequences:
    """Return every sequence that leaves at most one body without a label.

    Parameters
    ----------
    count
        Number of bodies.
    gaps
        Indices k where a body is missing between k and k + 1, so that a level is skipped.
    classes
        All levels, from cranial to caudal.

    Returns
    -------
    LevelSequences
        Without rows where there are more bodies than levels.
    """
    offsets = np.cumsum([0, *(2 if k in gaps else 1 for k in range(count - 1))])
    rows: dict[tuple[str, ...], tuple[int, int, list[int], list[int]]] = {}
    for lumbar in LUMBAR_COUNTS:
        present = [k for k, name in enumerate(classes) if name not in _ABSENT_LEVELS[lumbar]]
        for first in range(-int(offsets[-1]), len(present)):
            steps = [first + int(offset) for offset in offsets]
            inside = [0 <= step < len(present) for step in steps]
            # One body may be a false detection at either end; two unlabelled ones are another
            # column.
            if sum(inside) < max(1, count - 1):
                continue
            indices = [
                present[step] if known else -1 for step, known in zip(steps, inside, strict=True)
            ]
            names = tuple(classes[k] if k >= 0 else "" for k in indices)
            # Without L6 or S1 in the field, the number of lumbar bodies cannot be counted.
            counted = lumbar if "S1" in names or "L6" in names else USUAL_LUMBAR
            # Counted from the sacrum: one body fewer moves all the others one position down.
            beyond = USUAL_LUMBAR - lumbar
            positions = [
                max(step + beyond, 0) if known else -1
                for step, known in zip(steps, inside, strict=True)
            ]
            # Keyed by labels, so that equal labels do not share one probability between them.
            rows.setdefault(names, (first, counted, indices, positions))
    table = list(rows.values())
    return LevelSequences(
        names=tuple(rows),
        first=np.array([row[0] for row in table], dtype=int),
        lumbar=np.array([row[1] for row in table], dtype=int),
        classes=np.array([row[2] for row in table], dtype=int).reshape(-1, count),
        positions=np.array([row[3] for row in table], dtype=int).reshape(-1, count),
    )
