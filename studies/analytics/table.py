"""The readings of a study as read-only arrays."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.outcomes import AAC8_WALLS, OUTCOMES, POOLED
from studies.analytics.scale import (
    AAC8_CUT,
    CELLS,
    DEFAULT_GROUP_LIMITS,
    HIGHEST_TOTAL,
    MISSING,
    outcome_scores,
)

READING_ARRAYS: Final = (
    *("reader", "case", "arm", "period", "replicate", "position", "session_position"),
    *("scores", "validity", "aac8", "active_ms", "idle_ms", "wall_ms", "session_elapsed_ms"),
)
"""The arrays of a table that have one row per reading."""

OPTIONAL_READING_ARRAYS: Final = (*("aac8_walls", "measured", "calcified_mm", "measured_aac8"),)
"""Those that only some tables have."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def _all_missing(*shape: int) -> IntArray:
    return np.full(shape, MISSING, dtype=np.int64)


@dataclass(frozen=True)
class ReadingTable:
    """All readings of a study, one row per reader x case x arm x period x replicate.

    Parameters
    ----------
    readers, cases, patients : tuple of str
        Names, sorted as text; ``reader``, ``case`` and ``case_patient`` are indices into them.
    arms : tuple of str or None
        Names, those of `arms.KNOWN_ARMS` first; a single ``None`` if the file names no arm.
    case_patient : int array (cases,)
        The patient of each case: the unit of clustering.
    case_site, case_scanner : tuple of str
        Where and on which scanner each case was acquired, "" where unknown.
    reader_site : tuple of str
        The site of each reader, "" where unknown.
    reader, case, arm, period, replicate, position : int arrays (readings,)
        ``period`` and ``replicate`` count from 1; ``position`` is -1 where unknown.
    session_position : int array (readings,)
        Position in the reader's session, from 1; -1 where unknown.
    scores, validity : int arrays (readings, 8)
        In the order of `scale.CELLS`, -1 where missing; validity in the codes of NHANES.
    aac8 : int array (readings,)
        The AAC-8 total, -1 where missing.
    active_ms, idle_ms, wall_ms : float arrays (readings,)
        Reading times in milliseconds, NaN where unknown.
    session_elapsed_ms : float array (readings,)
        Time since the start of the reader's session in milliseconds, NaN where unknown.
    simulated : bool
        Whether any reading was simulated.
    group_limits : (int, int)
        Lowest totals of the moderate and of the high group.
    warnings : tuple of str
        Sentences about data that were not used or need checking.
    aac8_walls : int array (readings, 2), or None
        The AAC-8 score of each wall in the order of `scale.WALLS`, -1 where missing. None if no
        reading has one.
    reference : int array (cases, 8), or None
        Grades of the reference standard in the order of `scale.CELLS`, -1 where unknown.
    measured : int array (readings, 8), or None
        Grades measured from traces, -1 where missing. None if no reading was measured.
    calcified_mm : float array (readings, 8), or None
        Traced calcified length of each cell in mm, NaN where unknown.
    measured_aac8 : int array (readings, 2), or None
        AAC-8 of each wall measured from traces, beside an entered one, in the order of
        `scale.WALLS`; -1 where missing. None if no reading has one.

    Raises
    ------
    ValueError
        If the group limits do not rise within 1 to 24.
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
    session_position: IntArray
    scores: IntArray
    validity: IntArray
    aac8: IntArray
    active_ms: FloatArray
    idle_ms: FloatArray
    wall_ms: FloatArray
    session_elapsed_ms: FloatArray
    simulated: bool = False
    group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS
    warnings: tuple[str, ...] = ()
    aac8_walls: IntArray | None = None
    reference: IntArray | None = None
    measured: IntArray | None = None
    calcified_mm: FloatArray | None = None
    measured_aac8: IntArray | None = None
    _first: dict[str | None, tuple[IntArray, int]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        moderate, high = self.group_limits
        if not 0 < moderate < high <= HIGHEST_TOTAL:
            raise ValueError("Group limits must rise and lie within 1 to 24, for example 2 and 6.")
        # Tables are cached and shared between requests: their arrays must not change.
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    def __len__(self) -> int:
        return len(self.reader)

    @property
    def nbytes(self) -> int:
        """Return the memory of all arrays in bytes, including the indices by arm."""
        arrays = [*vars(self).values(), *(index for index, _ in self._first.values())]
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Return the outcomes that the table has scores for."""
        walls = () if self.aac8_walls is None else AAC8_WALLS
        totals = ("aac8", "aac8_group") if (self.aac8 != MISSING).any() else ()
        return (*OUTCOMES[:-1], *walls, *totals, OUTCOMES[-1])

    def outcome(self, name: str) -> IntArray:
        """Return the scores of one of `outcomes`, or the measured grades ("measured_cells").

        Returns
        -------
        int array (readings,), or (readings, 8) for the pooled outcomes
            Category numbers from 0, -1 where missing. A sum is missing if one of its parts is.
        """
        if name == "readable":
            return np.where(self.validity == MISSING, MISSING, (self.validity == 0).astype(int))
        if name == "measured_cells":
            return _all_missing(len(self), len(CELLS)) if self.measured is None else self.measured
        if name == "aac8":
            return self.aac8
        if name == "aac8_group":
            return np.where(self.aac8 == MISSING, MISSING, self.aac8 >= AAC8_CUT)
        if name in AAC8_WALLS:
            walls = self.aac8_walls
            return _all_missing(len(self)) if walls is None else walls[:, AAC8_WALLS.index(name)]
        return outcome_scores(self.scores, name, self.group_limits)

    def reference_ratings(self, outcome: str) -> IntArray:
        """Return the reference standard of an outcome (items,), in the items of `ratings`."""
        shape = (len(self.cases), len(CELLS))
        grades = self.reference if self.reference is not None else _all_missing(*shape)
        return outcome_scores(grades, outcome, self.group_limits).ravel()

    def first_readings(self, arm: str | None) -> IntArray:
        """Return each reader's first reading of each case in an arm.

        The first reading is replicate 1 in the earliest period.

        Returns
        -------
        int array (readers, cases)
            Row numbers of this table, -1 where there is no reading.
        """
        return self._indexed(arm)[0]

    def repeat_readings(self, arm: str | None) -> IntArray:
        """Return row numbers of the hidden repeats (replicate 2), shaped as `first_readings`."""
        return self._index(arm, replicate=2)[0]

    def later_periods(self, arm: str | None) -> int:
        """Count the replicate-1 readings of an arm that an earlier period supersedes."""
        return self._indexed(arm)[1]

    def ratings(self, outcome: str, arm: str | None) -> IntArray:
        """Return the first readings of an outcome in an arm.

        Returns
        -------
        int array (readers, items)
            Category numbers, -1 where missing. Items are cases, or cases x 8 cells for the pooled
            outcomes.
        """
        return self.ratings_of(self.first_readings(arm), outcome)

    def ratings_of(self, rows: IntArray, outcome: str) -> IntArray:
        """Return an outcome of selected readings (readers, items).

        Parameters
        ----------
        rows : int array (readers, cases)
            Row numbers of this table, -1 where there is no reading.
        outcome : str
            One of `outcomes`.
        """
        scores = self.outcome(outcome)
        present = rows != MISSING
        if scores.ndim == 1:
            return np.where(present, scores[rows], MISSING)
        pooled = np.where(present[:, :, None], scores[rows], MISSING)
        return pooled.reshape(len(rows), -1)

    def item_cases(self, outcome: str) -> IntArray:
        """Return the case of each item of `ratings` (items,)."""
        cases = np.arange(len(self.cases))
        return np.repeat(cases, len(CELLS)) if outcome in POOLED else cases

    def where(self, keep: NDArray[np.bool_]) -> ReadingTable:
        """Return a table of the readings that a mask ``keep`` (readings,) selects."""
        return self.rows(np.flatnonzero(keep))

    def rows(self, rows: NDArray[np.intp]) -> ReadingTable:
        """Return a table of the readings with these row numbers, in this order."""
        columns = {name: getattr(self, name)[rows].copy() for name in READING_ARRAYS}
        optional = {name: getattr(self, name) for name in OPTIONAL_READING_ARRAYS}
        columns |= {
            name: None if values is None else values[rows].copy()
            for name, values in optional.items()
        }
        return replace(self, **columns, _first={})

    def without_unused_names(self) -> ReadingTable:
        """Return the table without the readers, cases, patients and arms that have no reading."""
        readers, reader = np.unique(self.reader, return_inverse=True)
        cases, case = np.unique(self.case, return_inverse=True)
        arms, arm = np.unique(self.arm, return_inverse=True)
        patients, case_patient = np.unique(self.case_patient[cases], return_inverse=True)
        return replace(
            self,
            readers=tuple(self.readers[index] for index in readers),
            reader_site=tuple(self.reader_site[index] for index in readers),
            cases=tuple(self.cases[index] for index in cases),
            case_site=tuple(self.case_site[index] for index in cases),
            case_scanner=tuple(self.case_scanner[index] for index in cases),
            patients=tuple(self.patients[index] for index in patients),
            arms=tuple(self.arms[index] for index in arms),
            reader=reader,
            case=case,
            arm=arm,
            case_patient=case_patient,
            reference=None if self.reference is None else self.reference[cases],
            _first={},
        )

    def _indexed(self, arm: str | None) -> tuple[IntArray, int]:
        if arm not in self._first:
            self._first[arm] = self._index(arm)
        return self._first[arm]

    def _index(self, arm: str | None, replicate: int = 1) -> tuple[IntArray, int]:
        index = _all_missing(len(self.readers), len(self.cases))
        if arm not in self.arms:
            return index, 0
        rows = np.flatnonzero((self.arm == self.arms.index(arm)) & (self.replicate == replicate))
        # Later assignments win: with falling periods the earliest one remains in the index.
        rows = rows[np.argsort(-self.period[rows], kind="stable")]
        index[self.reader[rows], self.case[rows]] = rows
        return index, int(len(rows) - (index != MISSING).sum())
