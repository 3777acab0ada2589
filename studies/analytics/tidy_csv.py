"""Reads the tidy long CSV (one row a reader x case x cell) into a ReadingTable.

Every complaint names the row and the column as a spreadsheet shows them, and what to do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from studies.analytics.scale import CELLS, DEFAULT_GROUP_LIMITS, LEVELS, WALLS, Validity
from studies.analytics.table import MISSING, ReadingTable, arms_in_order
from studies.analytics.tidy_values import (
    TableError,
    milliseconds,
    one_of,
    required,
    score_of,
    text_of,
    validity_of,
    whole_number,
)

NEEDED: Final = ("reader", "case", "level", "wall", "score")
DELIMITERS: Final = (",", ";", "\t")
TIMES: Final = ("active_ms", "idle_ms", "wall_ms")


def read_csv(path: Path, *, group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS) -> ReadingTable:
    """Read a tidy long CSV file: UTF-8 with or without a byte order mark, any usual separator."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise TableError(f"{path} cannot be opened: {problem.strerror}.") from problem
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise TableError(
            f"Row {line} holds a character that is not UTF-8. "
            'Save the file again as "CSV UTF-8 (comma delimited)".'
        ) from problem
    return parse_csv(text, group_limits=group_limits)


def parse_csv(text: str, *, group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS) -> ReadingTable:
    """Read the text of a tidy long CSV file.

    Examples
    --------
    >>> table = parse_csv("reader,case,level,wall,score\\nA,1,L1,anterior,2\\nB,1,L1,anterior,3")
    >>> table.readers, table.outcome("L1_anterior").tolist()
    (('A', 'B'), [2, 3])
    """
    return table_from_rows(_numbered_rows(text), group_limits=group_limits)


def table_from_rows(
    rows: Iterable[tuple[int, Mapping[str, Any]]],
    *,
    group_limits: tuple[int, int] = DEFAULT_GROUP_LIMITS,
) -> ReadingTable:
    """Build a table from numbered rows of the tidy long form.

    Parameters
    ----------
    rows
        Pairs of the row's number, for messages, and its values by column name. ``reader, case,
        level, wall, score`` are needed; an empty score is missing.
    group_limits
        Lowest totals of the moderate and of the high group.

    Raises
    ------
    TableError
        A value is not what its column takes, or a cell stands there twice.
    """
    gathered = _Gathered()
    for number, row in rows:
        gathered.add(number, row)
    if not gathered.readings:
        raise TableError("The file has a header but no readings. Add at least one row.")
    return gathered.table(group_limits)


def _numbered_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    delimiter = max(DELIMITERS, key=text.lstrip().split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next((row for row in reader if any(name.strip() for name in row)), [])
        names = [name.strip().lower() for name in header]
        _check_header(names)
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(names):
                raise TableError(
                    f"Row {reader.line_num} has {len(values)} values, but the header has "
                    f"{len(names)}. Put text that contains a separator in double quotes."
                )
            yield reader.line_num, dict(zip(names, values, strict=True))
    except csv.Error as problem:
        raise TableError(
            f"Row {reader.line_num} is not valid CSV ({problem}). Check its quotation marks."
        ) from problem


def _check_header(names: list[str]) -> None:
    if not any(names):
        raise TableError(
            f"The file is empty. Its first row must name the columns: {', '.join(NEEDED)}."
        )
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise TableError(
            f"Row 1 lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
            f"The first row must name at least: {', '.join(NEEDED)}."
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableError(f"Row 1 names the column {twice[0]} twice. Keep one of them.")


ReadingKey = tuple[str, str, str | None, int, int]


@dataclass
class _Reading:
    scores: list[int]
    validity: list[int]
    aac8: dict[str, int]
    position: int
    times: list[float]


@dataclass
class _Gathered:
    """What has been read so far, keyed as a reading is."""

    readings: dict[ReadingKey, _Reading] = field(default_factory=dict)
    seen: dict[tuple[ReadingKey, str], int] = field(default_factory=dict)
    cases: dict[str, dict[str, str]] = field(default_factory=dict)
    reader_sites: dict[str, str] = field(default_factory=dict)
    study: str = ""
    simulated: bool = False
    unreadable_with_score: int = 0

    def add(self, number: int, row: Mapping[str, Any]) -> None:
        reader, case = (required(number, row, name) for name in ("reader", "case"))
        period = whole_number(number, row, "period", default=1, least=1)
        replicate = whole_number(number, row, "replicate", default=1, least=1)
        key = (reader, case, text_of(row, "arm") or None, period, replicate)
        self._note_study(number, row)
        self._note_case(number, case, row)
        self.reader_sites.setdefault(reader, text_of(row, "reader_site"))
        self.simulated |= text_of(row, "simulated").lower() in {"1", "true", "yes"}
        if key not in self.readings:
            self.readings[key] = _Reading(
                scores=[MISSING] * len(CELLS),
                validity=[MISSING] * len(CELLS),
                aac8={},
                position=whole_number(number, row, "position", default=MISSING, least=0),
                times=[milliseconds(number, row, name) for name in TIMES],
            )
        self._add_score(number, key, row)

    def _add_score(self, number: int, key: ReadingKey, row: Mapping[str, Any]) -> None:
        level = one_of(number, row, "level", (*LEVELS, "all"))
        walls = WALLS if level != "all" else (*WALLS, "both")
        wall = one_of(number, row, "wall", walls)
        place = f"{level}_{wall}"
        if (key, place) in self.seen:
            raise TableError(
                f"Rows {self.seen[key, place]} and {number} both hold {level} {wall} of reader "
                f"{key[0]}, case {key[1]}. Delete one, or give repeats their own replicate number."
            )
        self.seen[key, place] = number
        reading = self.readings[key]
        if level == "all":
            score = score_of(number, row, highest=8 if wall == "both" else 4)
            reading.aac8[wall] = score
            return
        validity = validity_of(number, row)
        score = score_of(number, row, highest=3)
        if validity > 0 and score != MISSING:
            self.unreadable_with_score += 1
            score = MISSING
        if validity == MISSING and score != MISSING:
            validity = int(Validity.VALID)
        reading.scores[CELLS.index(place)] = score
        reading.validity[CELLS.index(place)] = validity

    def _note_study(self, number: int, row: Mapping[str, Any]) -> None:
        study = text_of(row, "study")
        self.study = self.study or study
        if study and study != self.study:
            raise TableError(
                f"Row {number}, column study: {study} here and {self.study} further up. "
                "Put each study in a file of its own."
            )

    def _note_case(self, number: int, case: str, row: Mapping[str, Any]) -> None:
        patient = text_of(row, "patient") or case
        known = self.cases.setdefault(
            case,
            {
                "patient": patient,
                "site": text_of(row, "case_site"),
                "scanner": text_of(row, "scanner"),
            },
        )
        if known["patient"] != patient:
            raise TableError(
                f"Row {number}, column patient: case {case} belongs to {patient} here and to "
                f"{known['patient']} further up. A case has one patient."
            )

    def table(self, group_limits: tuple[int, int]) -> ReadingTable:
        keys = sorted(self.readings, key=lambda key: (key[0], key[1], key[2] or "", *key[3:]))
        readings = [self.readings[key] for key in keys]
        readers = tuple(sorted({key[0] for key in keys}))
        cases = tuple(sorted(self.cases))
        patients = tuple(sorted({known["patient"] for known in self.cases.values()}))
        arms = arms_in_order([key[2] for key in keys])
        times = np.array([reading.times for reading in readings], dtype=float)
        return ReadingTable(
            readers=readers,
            cases=cases,
            patients=patients,
            arms=arms,
            case_patient=_places([self.cases[case]["patient"] for case in cases], patients),
            case_site=tuple(self.cases[case]["site"] for case in cases),
            case_scanner=tuple(self.cases[case]["scanner"] for case in cases),
            reader_site=tuple(self.reader_sites[reader] for reader in readers),
            reader=_places([key[0] for key in keys], readers),
            case=_places([key[1] for key in keys], cases),
            arm=_places([key[2] for key in keys], arms),
            period=np.array([key[3] for key in keys], dtype=np.int64),
            replicate=np.array([key[4] for key in keys], dtype=np.int64),
            position=np.array([reading.position for reading in readings], dtype=np.int64),
            scores=np.array([reading.scores for reading in readings], dtype=np.int64),
            validity=np.array([reading.validity for reading in readings], dtype=np.int64),
            aac8=np.array([_aac8(reading.aac8) for reading in readings], dtype=np.int64),
            active_ms=times[:, 0].copy(),
            idle_ms=times[:, 1].copy(),
            wall_ms=times[:, 2].copy(),
            simulated=self.simulated,
            group_limits=group_limits,
            warnings=self._warnings(),
        )

    def _warnings(self) -> tuple[str, ...]:
        if not self.unreadable_with_score:
            return ()
        sentence = (
            f"{self.unreadable_with_score} cells carry both a score and a reason why they were "
            "not readable: they were taken as not readable, their scores were left out."
        )
        return (sentence,)


def _places(values: list[Any], names: tuple[Any, ...]) -> np.ndarray[Any, np.dtype[np.int64]]:
    place = {name: index for index, name in enumerate(names)}
    return np.array([place[value] for value in values], dtype=np.int64)


def _aac8(parts: dict[str, int]) -> int:
    if "both" in parts:
        return parts["both"]
    if set(parts) != set(WALLS) or MISSING in parts.values():
        return MISSING
    return sum(parts.values())
