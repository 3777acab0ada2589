"""ReadingTable: the readings of a study as frozen arrays, missing stays missing.

Scores are whole numbers with -1 for missing, never floats with NaN: a sum of a missing part is
missing, and nothing else can creep in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.io.names import same_name
from studies.analytics.scale import CELLS, DEFAULT_GROUP_LIMITS, GROUPS, LEVELS, WALLS

MISSING: Final = -1
KNOWN_ARMS: Final = ("unguided", "guided")
"""Arms that come first, in this order, and are compared unless others are named."""
AAC8_WALLS: Final = ("posterior", "anterior")

POOLED: Final = ("cells", "readable")
"""Outcomes with eight items a case: the cells of one patient are a cluster."""

OUTCOMES: Final = ("cells", *CELLS, *LEVELS, *WALLS, "aac24", "aac_group", "readable")
"""Every outcome of AAC-24; ``aac8`` follows where a table has it."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@cache
def category_labels(outcome: str) -> tuple[str, ...]:
    """Return the fixed categories of an outcome in order, used or not.

    Examples
    --------
    >>> category_labels("L1_anterior")
    ('0', '1', '2', '3')
    >>> len(category_labels("aac24")), category_labels("aac_group")
    (25, ('low', 'moderate', 'high'))
    """
    if outcome == "aac_group":
        return GROUPS
    if outcome == "readable":
        return ("not readable", "readable")
    if outcome == "cells" or outcome in CELLS:
        highest = 3
    elif outcome in LEVELS:
        highest = 6
    elif outcome in WALLS:
        highest = 12
    elif outcome == "aac24":
        highest = 24
    elif outcome == "aac8":
        highest = 8
    else:
        raise ValueError(f"There is no outcome named {outcome!r}.")
    return tuple(str(score) for score in range(highest + 1))


def _none(*shape: int) -> IntArray:
    return np.full(shape, MISSING, dtype=np.int64)


@dataclass(frozen=True)
class ReadingTable:
    """Every reading of a study: one row a reader x case x arm x period x replicate.

    Parameters
    ----------
    readers, cases, patients
        Names, sorted as text; ``reader``, ``case`` and ``case_patient`` point into them.
    arms
        Names, unguided and guided first; one ``None`` where the file names no arm.
    case_patient, case_site, case_scanner
        What is known of each case; ``case_patient`` is the unit of clustering.
    reader_site
        One name a reader, "" where unknown.
    reader, case, arm, period, replicate, position : int arrays (readings,)
        ``period`` and ``replicate`` count from 1; ``position`` is -1 where unknown.
    scores, validity : int arrays (readings, 8)
        In the order of `scale.CELLS`; -1 for missing, validity as NHANES codes it.
    aac8 : int array (readings,)
        The AAC-8 total that a file brought, or -1.
    active_ms, idle_ms, wall_ms : float arrays (readings,)
        Times on task in milliseconds, NaN where unknown.
    group_limits
        Lowest totals of the moderate and of the high group.
    reference : int array (cases, 8), or None
        The true grades where they are known, in the order of `scale.CELLS`; -1 where not.
    """

    readers: tuple[str, ...]
    cases: tuple[str, ...]
    patients: tuple[str, ...]
    arms: tuple[str | None, ...]
    case_patient: IntArray
    case_site: tuple[str, ...]
    case_scanner: tuple[str, ...]
    reader_site: tuple[str, ...]
    reader: IntArray
    case: IntArray
    arm: IntArray
    period: IntArray
    replicate: IntArray
    position: IntArray
    scores: IntArray
    validity: IntArray
    aac8: IntArray
    active_ms: FloatArray
    idle_ms: FloatArray
    wall_ms: FloatArray
    simulated: bool = False
    group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS
    warnings: tuple[str, ...] = ()
    reference: IntArray | None = None
    _first: dict[str | None, tuple[IntArray, int]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        moderate, high = self.group_limits
        if not 0 < moderate < high <= 24:
            raise ValueError("Group limits must rise and lie within 1 to 24, for example 2 and 6.")
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    def __len__(self) -> int:
        return len(self.reader)

    @property
    def nbytes(self) -> int:
        """Return the bytes of all arrays, those of the indexes by arm included."""
        arrays = [*vars(self).values(), *(index for index, _ in self._first.values())]
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))

    @property
    def outcomes(self) -> tuple[str, ...]:
        has_aac8 = bool((self.aac8 != MISSING).any())
        return (*OUTCOMES[:-1], "aac8", OUTCOMES[-1]) if has_aac8 else OUTCOMES

    def outcome(self, name: str) -> IntArray:
        """Return the scores of one outcome.

        Returns
        -------
        int array (readings,), or (readings, 8) for the pooled outcomes
            Category numbers from 0, -1 where missing: a sum is missing if a part is.
        """
        if name == "readable":
            return np.where(self.validity == MISSING, MISSING, (self.validity == 0).astype(int))
        if name == "aac8":
            return self.aac8
        return outcome_of(self.scores, name, self.group_limits)

    def reference_ratings(self, outcome: str) -> IntArray:
        """Return an outcome of the true grades (items,), as `ratings` has it of a reader."""
        shape = (len(self.cases), len(CELLS))
        known = self.reference if self.reference is not None else _none(*shape)
        return outcome_of(known, outcome, self.group_limits).ravel()

    def first_readings(self, arm: str | None) -> IntArray:
        """Return each reader's reading of each case in an arm: replicate 1, earliest period.

        Returns
        -------
        int array (readers, cases)
            Row numbers of this table, -1 where there is no such reading.
        """
        return self._indexed(arm)[0]

    def repeat_readings(self, arm: str | None) -> IntArray:
        """Return each reader's hidden repeat (replicate 2) of each case, as `first_readings`."""
        return self._index(arm, replicate=2)[0]

    def later_periods(self, arm: str | None) -> int:
        """Count the replicate-1 readings of an arm left out because an earlier period has one."""
        return self._indexed(arm)[1]

    def ratings(self, outcome: str, arm: str | None) -> IntArray:
        """Return an outcome as ratings of readers x items, items being cases or their cells.

        Returns
        -------
        int array (readers, items)
            Items run over cases, or over cases x 8 cells for the pooled outcomes; -1 is missing.
        """
        return self.ratings_of(self.first_readings(arm), outcome)

    def ratings_of(self, rows: IntArray, outcome: str) -> IntArray:
        """Return an outcome of chosen readings, (readers, cases) row numbers with -1 for none."""
        scores = self.outcome(outcome)
        present = rows != MISSING
        if scores.ndim == 1:
            return np.where(present, scores[rows], MISSING)
        pooled = np.where(present[:, :, None], scores[rows], MISSING)
        return pooled.reshape(len(rows), -1)

    def item_cases(self, outcome: str) -> IntArray:
        """Return the case of each item of `ratings`."""
        cases = np.arange(len(self.cases))
        return np.repeat(cases, len(CELLS)) if outcome in POOLED else cases

    def where(self, keep: NDArray[np.bool_]) -> ReadingTable:
        """Return the table with only the readings that ``keep`` (readings,) marks."""
        return self.rows(np.flatnonzero(keep))

    def rows(self, rows: NDArray[np.intp]) -> ReadingTable:
        """Return the table with the readings of these rows, in this order."""
        names = ("reader", "case", "arm", "period", "replicate", "position", "scores", "validity")
        columns = {
            name: getattr(self, name)[rows].copy()
            for name in (*names, "aac8", "active_ms", "idle_ms", "wall_ms")
        }
        return replace(self, **columns, _first={})

    def _indexed(self, arm: str | None) -> tuple[IntArray, int]:
        if arm not in self._first:
            self._first[arm] = self._index(arm)
        return self._first[arm]

    def _index(self, arm: str | None, replicate: int = 1) -> tuple[IntArray, int]:
        index = _none(len(self.readers), len(self.cases))
        if arm not in self.arms:
            return index, 0
        rows = np.flatnonzero((self.arm == self.arms.index(arm)) & (self.replicate == replicate))
        rows = rows[np.argsort(-self.period[rows], kind="stable")]
        index[self.reader[rows], self.case[rows]] = rows
        return index, int(len(rows) - (index != MISSING).sum())


def outcome_of(scores: IntArray, name: str, group_limits: tuple[int, int]) -> IntArray:
    """Return an outcome of grades (rows, 8): (rows,), or the grades themselves for ``cells``."""
    if name == "cells":
        return scores
    if name in CELLS:
        return scores[:, CELLS.index(name)]
    if name in LEVELS:
        return _sum(scores[:, [CELLS.index(f"{name}_{wall}") for wall in WALLS]])
    if name in WALLS:
        return _sum(scores[:, [CELLS.index(f"{level}_{name}") for level in LEVELS]])
    total = _sum(scores)
    if name == "aac24":
        return total
    if name == "aac_group":
        return np.where(total == MISSING, MISSING, np.digitize(total, group_limits))
    raise ValueError(f"There is no outcome named {name!r}.")


def _sum(parts: IntArray) -> IntArray:
    missing = (parts == MISSING).any(axis=1)
    return np.where(missing, MISSING, parts.sum(axis=1))


def arms_in_order(arms: Sequence[str | None]) -> tuple[str | None, ...]:
    """Return arm names with unguided and guided first, the rest as text, no name last."""
    known = {arm: rank for rank, arm in enumerate(KNOWN_ARMS)}
    last = len(known)
    return tuple(sorted(set(arms), key=lambda arm: (arm is None, known.get(arm or "", last), arm)))


def arm_named(arms: Sequence[str | None], name: str) -> str | None:
    """Return the arm with this name, capitals aside; None where there is none."""
    return next((arm for arm in arms if arm is not None and same_name(arm, name)), None)
