"""Collects tidy rows as readings, in a few bytes per cell; `table_builder` makes the table."""

from __future__ import annotations

import math
from array import array
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from studies.analytics.arms import KNOWN_ARMS
from studies.analytics.io.field_parsing import (
    TableError,
    millimetres,
    milliseconds,
    name_in,
    one_of,
    required_name,
    score_of,
    text_of,
    validity_of,
    whole_number,
)
from studies.analytics.io.repeated_values import RepeatedValues
from studies.analytics.names import Spellings
from studies.analytics.scale import (
    AAC8_SCORES,
    CELLS,
    HIGHEST_AAC8,
    LEVELS,
    MISSING,
    WALLS,
    Validity,
)

TIMES: Final = ("active_ms", "idle_ms", "wall_ms", "session_elapsed_ms")
POSITIONS: Final = ("position", "position_in_session")
AAC8_PARTS: Final = (*WALLS, "both")
HIGHEST_OF_AAC8: Final = (*(max(AAC8_SCORES) for _ in WALLS), HIGHEST_AAC8)
SLOTS: Final = (*CELLS, *(f"all_{wall}" for wall in AAC8_PARTS))

NAMED: Final = ("reader", "case", "arm", "patient", "reader_site", "case_site", "scanner", "study")
READER_COLUMNS: Final = ("reader", "reader_site")
CASE_COLUMNS: Final = ("case", "patient", "case_site", "scanner", "study")
HEAD: Final = (*NAMED, "period", "replicate", *POSITIONS, *TIMES, "simulated")
"""Columns that all rows of a reading share: parsed once for consecutive rows of a reading."""


_NO_SCORES: Final = [MISSING] * len(CELLS)
_NO_AAC8: Final = [MISSING] * len(AAC8_PARTS)
_NO_ROWS: Final = [0] * len(SLOTS)
_NO_POSITIONS: Final = [MISSING] * len(POSITIONS)
_NO_TIMES: Final = [math.nan] * len(TIMES)


class ReadingCollector:
    """The readings of the rows read so far.

    Values go into flat arrays, and ``readings`` maps reader, case, arm, period and replicate to the
    number of a reading.
    """

    def __init__(self) -> None:
        self.names = {column: Spellings(column) for column in NAMED if column != "arm"}
        self.names["arm"] = Spellings("arm", known=KNOWN_ARMS, fold_case=True)
        self.readers: dict[str, int] = {}
        self.cases: dict[str, int] = {}
        self.arms: dict[str | None, int] = {}
        self.readings: dict[tuple[int, int, int, int, int], int] = {}
        self.patient, self.reader_site = (
            RepeatedValues("patient", "case"),
            RepeatedValues("reader_site", "reader"),
        )
        self.case_site, self.scanner = (
            RepeatedValues("case_site", "case"),
            RepeatedValues("scanner", "case"),
        )
        # Arrays with one byte per score, as a list of Python numbers would take eight or more.
        self.scores, self.validity, self.aac8 = array("b"), array("b"), array("b")
        self.rows, self.positions, self.times = array("q"), array("q"), array("d")
        self.reference: dict[tuple[int, int], int] = {}
        self.measured: dict[tuple[int, int], tuple[int, float]] = {}
        """Grade and length in mm by reading and cell, for the few tables that have them."""
        self.measured_aac8: dict[tuple[int, int], int] = {}
        """Measured AAC-8 by reading and wall."""
        self.study, self.simulated = "", False
        self.rows_without_arm: list[int] = []
        self.unreadable_with_score: list[int] = []
        self.changed_times: dict[str, list[int]] = {}
        self._readers_seen: dict[tuple[Any, ...], str] = {}
        self._cases_seen: dict[tuple[Any, ...], str] = {}
        self._head: tuple[Any, ...] | None = None
        self._reading = self._case = -1
        self._slots: dict[tuple[Hashable, Hashable], int] = {}

    def __len__(self) -> int:
        return len(self.readings)

    def passing_on(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of a tidy table unchanged, adding each one."""
        # Row 1 of the tidy CSV is its header.
        for number, row in enumerate(rows, start=2):
            self.add(number, row)
            yield row

    def add(self, number: int, row: Mapping[str, Any]) -> None:
        """Add a row of the tidy form; ``number`` is its line in the file, for messages."""
        head = tuple(map(row.get, HEAD))
        # Comparing unparsed values is cheaper than parsing them again.
        if head != self._head:
            self._reading = self._reading_of(number, row)
            self._head = head
        self._add_score(number, self._slot_of(number, row), row)

    def add_reading(
        self, number: int, head: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]
    ) -> None:
        """Add a whole reading.

        Parameters
        ----------
        number : int
            Line of its first row in the file, for messages.
        head : mapping
            Values that its rows share, by column name.
        cells : sequence of mapping
            ``score``, ``validity`` and the optional columns of each cell, in the order of
            `scale.cells_to_score`.
        """
        self._reading = self._reading_of(number, head)
        # A row that follows must be parsed, even if it equals the one before this reading.
        self._head = None
        for cell_index, cell in enumerate(cells):
            self._add_score(number + cell_index, cell_index, cell)

    def _reading_of(self, number: int, row: Mapping[str, Any]) -> int:
        reader, case, arm, period, replicate = self._key_of(number, row)
        self._case = self.cases.setdefault(case, len(self.cases))
        key = (
            self.readers.setdefault(reader, len(self.readers)),
            self._case,
            self.arms.setdefault(arm, len(self.arms)),
            period,
            replicate,
        )
        reading = self.readings.get(key)
        # The rows of a reading may be scattered over the file, so space is reserved at the first
        # one.
        if reading is None:
            reading = self.readings[key] = len(self.readings)
            self.scores.extend(_NO_SCORES)
            self.validity.extend(_NO_SCORES)
            self.aac8.extend(_NO_AAC8)
            self.rows.extend(_NO_ROWS)
            self.positions.extend(_NO_POSITIONS)
            self.times.extend(_NO_TIMES)
            if arm is None:
                self.rows_without_arm.append(number)
        self._record_position_and_times(number, row, reading)
        return reading

    def _key_of(self, number: int, row: Mapping[str, Any]) -> tuple[str, str, str | None, int, int]:
        """Return reader, case, arm, period and replicate, and record what describes them."""
        of_reader, of_case = _values_of(row, READER_COLUMNS), _values_of(row, CASE_COLUMNS)
        reader, case = self._readers_seen.get(of_reader), self._cases_seen.get(of_case)
        # Values that equal those of an earlier row need not be parsed again.
        repeated = reader is not None and case is not None
        if reader is None or case is None:
            reader = required_name(number, row, self.names["reader"])
            case = required_name(number, row, self.names["case"])
        period = whole_number(number, row, "period", default=1, least=1)
        replicate = whole_number(number, row, "replicate", default=1, least=1)
        arm = self._name(number, row, "arm") or None
        if not repeated:
            self._record_study(number, row)
            self._record_case(number, case, row)
            self.reader_site.record(number, reader, self._name(number, row, "reader_site"))
            self._readers_seen[of_reader], self._cases_seen[of_case] = reader, case
        if row.get("simulated") not in (None, False, ""):
            self.simulated |= text_of(row, "simulated").lower() in {"1", "true", "yes"}
        return reader, case, arm, period, replicate

    def _name(self, number: int, row: Mapping[str, Any], column: str) -> str:
        return name_in(number, row, self.names[column])

    def _record_position_and_times(self, number: int, row: Mapping[str, Any], reading: int) -> None:
        """Record positions and times of a reading: the first that its rows give."""
        for index, name in enumerate(POSITIONS, start=reading * len(POSITIONS)):
            position = whole_number(number, row, name, default=MISSING, least=0)
            if self.positions[index] == MISSING:
                self.positions[index] = position
        for index, name in enumerate(TIMES, start=reading * len(TIMES)):
            time = milliseconds(number, row, name)
            if math.isnan(self.times[index]):
                self.times[index] = time
            elif not math.isnan(time) and time != self.times[index]:
                self.changed_times.setdefault(name, []).append(number)

    def _slot_of(self, number: int, row: Mapping[str, Any]) -> int:
        written = (row.get("level"), row.get("wall"))
        slot = self._slots.get(written)
        # Few spellings occur in a file, so each is parsed once.
        if slot is None:
            level = one_of(number, row, "level", (*LEVELS, "all"))
            wall = one_of(number, row, "wall", AAC8_PARTS if level == "all" else WALLS)
            slot = self._slots[written] = SLOTS.index(f"{level}_{wall}")
        return slot

    def _add_score(self, number: int, slot: int, row: Mapping[str, Any]) -> None:
        seen = self._reading * len(SLOTS) + slot
        if self.rows[seen]:
            level, wall = SLOTS[slot].split("_")
            raise TableError(
                f"Rows {self.rows[seen]} and {number} both contain {level} {wall} of reader "
                f"{text_of(row, 'reader')}, case {text_of(row, 'case')}. Delete one of "
                "them, or give repeat readings different replicate numbers."
            )
        # Kept for the message about a row that repeats this cell.
        self.rows[seen] = number
        is_aac8 = slot >= len(CELLS)
        highest = 3 if not is_aac8 else HIGHEST_OF_AAC8[slot - len(CELLS)]
        validity, score = validity_of(number, row), score_of(number, row, highest=highest)
        if validity > 0 and score != MISSING:
            self.unreadable_with_score.append(number)
            score = MISSING
        if is_aac8:
            part = slot - len(CELLS)
            self.aac8[self._reading * len(AAC8_PARTS) + part] = score
            if part < len(WALLS) and row.get("measured_score") not in (None, ""):
                measured = score_of(number, row, highest=highest, name="measured_score")
                self.measured_aac8[self._reading, part] = measured
            return
        # Files without codes of validity: a score shows that the cell was readable.
        if validity == MISSING and score != MISSING:
            validity = int(Validity.VALID)
        cell = self._reading * len(CELLS) + slot
        self.scores[cell], self.validity[cell] = score, validity
        if row.get("reference") not in (None, ""):
            self._record_reference(number, slot, row)
        if row.get("measured_score") not in (None, ""):
            grade = score_of(number, row, highest=3, name="measured_score")
            length = millimetres(number, row, "calcified_mm")
            self.measured[self._reading, slot] = (grade, length)

    def _record_reference(self, number: int, slot: int, row: Mapping[str, Any]) -> None:
        grade = score_of(number, row, highest=3, name="reference")
        if grade == MISSING:
            return
        known = self.reference.setdefault((self._case, slot), grade)
        if known != grade:
            raise TableError(
                f"Row {number}, column reference: {grade}, but an earlier row has {known} for the "
                "same cell of the same case. A cell can have only one reference score."
            )

    def _record_study(self, number: int, row: Mapping[str, Any]) -> None:
        study = self._name(number, row, "study")
        self.study = self.study or study
        if study and study != self.study:
            raise TableError(
                f"Row {number}, column study: {study}, but earlier rows have {self.study}. "
                "Put each study in a separate file."
            )

    def _record_case(self, number: int, case: str, row: Mapping[str, Any]) -> None:
        patient = self._name(number, row, "patient")
        patient = "" if patient.lower() == "na" else patient
        known = self.patient.record(number, case, patient)
        if patient and known != patient:
            raise TableError(
                f"Row {number}, column patient: {patient}, but case {case} belongs to {known} in "
                "an earlier row. A case can have only one patient."
            )
        self.case_site.record(number, case, self._name(number, row, "case_site"))
        self.scanner.record(number, case, self._name(number, row, "scanner"))


def _values_of(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(map(row.get, columns))
