"""Readings as a REDCap import: a data file with repeat instances, and its data dictionary.

Each case is a record. Its readings are repeat instances of the instrument ``reading``, which has to
be enabled as a repeating instrument in REDCap's project setup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

from studies.analytics.arms import KNOWN_ARMS
from studies.analytics.scale import (
    AAC8_CELLS,
    AAC8_SCORES,
    CELLS,
    cells_to_score,
    sum_grades,
)
from studies.reports.exports.variables import KINDS, VALIDITY_VALUES, short_label
from studies.reports.files.tidy import lines_of_columns
from studies.reports.files.tidy_columns import COLUMNS, GRADE_LABELS

RECORD: Final = "record_id"
CASE, READING = "case", "reading"
COMPLETE: Final = 2
REPEAT: Final = ("redcap_repeat_instrument", "redcap_repeat_instance")
DICTIONARY_COLUMNS: Final = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
ARMS: Final = {arm.replace(" ", "_"): arm for arm in KNOWN_ARMS}
OF_CASE: Final = ("patient", "case_site", "scanner")
OF_READING: Final = (
    *("arm", "period", "reader", "reader_site", "replicate", "position", "reading_session"),
    *("position_in_session", "started_at", "submitted_at", "active_ms", "idle_ms", "wall_ms"),
    *("session_elapsed_ms", "guides_shown", "landmark_set", "simulated", "model_version"),
)
TOTAL: Final = "aac24"
_WALLS: Final = {"posterior": "post", "anterior": "ant"}


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the data dictionary."""

    name: str
    form: str
    label: str
    type: str = "text"
    choices: str = ""
    validation: str = ""

    def row(self) -> dict[str, str]:
        """Return the row by the column names of REDCap."""
        values = (self.name, self.form, "", self.type, self.label, self.choices, "")
        cells = (*values, self.validation)
        return dict(zip(DICTIONARY_COLUMNS, cells, strict=False))


def dictionary_lines(*, aac8: bool, started: bool = False) -> Iterator[str]:
    """Yield the data dictionary as CSV, with the columns that REDCap prescribes."""
    rows = (one.row() for one in fields(aac8=aac8, started=started))
    return lines_of_columns(DICTIONARY_COLUMNS, rows)


def data_lines(
    rows: Iterable[Mapping[str, Any]], *, aac8: bool, started: bool = False
) -> Iterator[str]:
    """Yield the data file line by line: one line per case, and one per reading.

    Parameters
    ----------
    rows
        Tidy rows with the rows of a reading next to each other.
    aac8
        Whether the study scores AAC-8.
    started
        Whether the rows have the scores with which second readings started.
    """
    known = [one.name for one in fields(aac8=aac8, started=started)]
    names = (RECORD, *REPEAT, *known[1:], f"{CASE}_complete", f"{READING}_complete")
    yield from lines_of_columns(names, _records(rows))


def fields(*, aac8: bool, started: bool = False) -> Iterator[Field]:
    """Yield the fields of both instruments in order; the first one is the record's id."""
    yield Field(RECORD, CASE, "Case: label of the image in this study")
    for name in OF_CASE:
        yield Field(name, CASE, short_label(COLUMNS[name]))
    for name in OF_READING:
        yield _field_of_column(name)
    for cell in cells_to_score(aac8=aac8):
        yield from _fields_of_cell(cell, started=started)
    yield Field(TOTAL, READING, "AAC-24 total, 0 to 24", validation="integer")


def field_of_cell(cell: str) -> str:
    """Return the name of the field with the grade of a cell, for example ``l1_post``."""
    level, wall = cell.split("_")
    return f"{'aac8' if cell in AAC8_CELLS else level.lower()}_{_WALLS[wall]}"


def _field_of_column(name: str) -> Field:
    label = short_label(COLUMNS[name])
    if name == "arm":
        return Field(name, READING, label, "radio", _choices(ARMS))
    kind = KINDS.get(name, "text")
    if kind == "truth":
        return Field(name, READING, label, "yesno")
    validation = {"whole": "integer", "number": "number", "time": "datetime_seconds_ymd"}
    return Field(name, READING, label, validation=validation.get(kind, ""))


def _fields_of_cell(cell: str, *, started: bool) -> Iterator[Field]:
    name = field_of_cell(cell)
    if cell in AAC8_CELLS:
        label = f"AAC-8 score of the {cell.split('_')[1]} wall"
        grades = _choices({score: str(score) for score in AAC8_SCORES})
    else:
        label = f"AAC-24 grade of {cell.replace('_', ', ')} wall"
        grades = _choices(GRADE_LABELS)
    yield Field(name, READING, label, "radio", grades)
    codes = _choices(VALIDITY_VALUES)
    yield Field(f"{name}_valid", READING, f"{label}: readability", "radio", codes)
    yield Field(f"{name}_reason", READING, f"{label}: reason why not readable", "notes")
    if started:
        start = f"{label} with which a second reading started"
        yield Field(f"{name}_start", READING, start, "radio", grades)
        yield Field(f"{name}_start_valid", READING, f"{start}: readability", "radio", codes)


def _choices(values: Mapping[Any, str]) -> str:
    return " | ".join(f"{code}, {label}" for code, label in values.items())


def _records(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each case before its first reading, and the readings with their instance numbers."""
    key = ("reader", "arm", "period", "case", "replicate")
    instances: dict[str, int] = {}
    for _, group in groupby(rows, key=lambda row: tuple(row.get(name) for name in key)):
        cells = list(group)
        first, case = cells[0], str(cells[0]["case"])
        if case not in instances:
            described = {name: first.get(name) for name in OF_CASE}
            yield {RECORD: case, **described, f"{CASE}_complete": COMPLETE}
        instances[case] = instances.get(case, 0) + 1
        yield {
            RECORD: case,
            REPEAT[0]: READING,
            REPEAT[1]: instances[case],
            **_values(cells),
            f"{READING}_complete": COMPLETE,
        }


def _values(cells: list[Mapping[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {name: _plain(cells[0].get(name)) for name in OF_READING}
    # The codes of choices may not contain spaces.
    values["arm"] = str(values["arm"] or "").replace(" ", "_")
    grades = {}
    for row in cells:
        cell = f"{row['level']}_{row['wall']}"
        grades[cell] = row.get("score")
        name = field_of_cell(cell)
        values |= {name: row.get("score"), f"{name}_valid": row.get("validity")}
        values[f"{name}_reason"] = row.get("reason") or None
        values[f"{name}_start"] = row.get("started_from_score")
        values[f"{name}_start_valid"] = row.get("started_from_validity")
    return values | {TOTAL: sum_grades(grades.get(cell) for cell in CELLS)}


def _plain(value: Any) -> Any:
    """Return truth values as 1 or 0 and times in UTC without a zone, as REDCap imports them."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return value
