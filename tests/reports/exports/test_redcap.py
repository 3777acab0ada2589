"""The REDCap import follows REDCap's rules on names, choices and repeat instances."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Any

import pytest

from studies.reports.exports.redcap import (
    DICTIONARY_COLUMNS,
    READING,
    data_lines,
    dictionary_lines,
    fields,
)
from tests.reports.measured_study import measured_rows
from tests.reports.study import tidy_rows

LONGEST_NAME = 26
VALIDATIONS = {"", "integer", "number", "datetime_seconds_ymd"}


def read(lines: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(lines), newline="")))


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("aac8", [False, True])
def test_dictionary_has_unique_lower_case_names_and_redcaps_columns(
    aac8: bool, started: bool
) -> None:
    rows = read(dictionary_lines(aac8=aac8, started=started))
    assert tuple(rows[0]) == DICTIONARY_COLUMNS
    assert len(DICTIONARY_COLUMNS) == 18
    names = [row["Variable / Field Name"] for row in rows]
    assert len(set(names)) == len(names)
    assert names[0] == "record_id"
    for row in rows:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", row["Variable / Field Name"])
        assert len(row["Variable / Field Name"]) <= LONGEST_NAME
        assert row["Form Name"] in {"case", "reading"}
        assert row["Field Type"] in {"text", "notes", "radio", "yesno"}
        assert bool(row["Choices, Calculations, OR Slider Labels"]) == (
            row["Field Type"] == "radio"
        )
        assert row["Text Validation Type OR Show Slider Number"] in VALIDATIONS
        assert row["Field Label"]
    # A form's fields must be next to each other.
    forms = [row["Form Name"] for row in rows]
    assert forms == sorted(forms)
    assert any(name.startswith("aac8_") for name in names) == aac8


def choices_of(text: str) -> dict[str, str]:
    """Return the choices as REDCap splits them: at bars, then at the first comma."""
    return dict(part.strip().split(", ", 1) for part in text.split(" | "))


def test_data_agree_with_the_dictionary() -> None:
    rows = tidy_rows(cases=5)
    rows[0] |= {"score": None, "validity": 6, "reason": 'implant, "old"\n=én'}
    dictionary = {row["Variable / Field Name"]: row for row in read(dictionary_lines(aac8=False))}
    data = read(data_lines(iter(rows), aac8=False))
    control = {"redcap_repeat_instrument", "redcap_repeat_instance"}
    complete = {"case_complete", "reading_complete"}
    assert set(data[0]) == set(dictionary) | control | complete
    for record in data:
        form = record["redcap_repeat_instrument"] or "case"
        for name, described in dictionary.items():
            value = record[name]
            if not value or name == "record_id":
                continue
            assert described["Form Name"] == form, name
            if described["Field Type"] == "radio":
                assert value in choices_of(described["Choices, Calculations, OR Slider Labels"])
            elif described["Field Type"] == "yesno":
                assert value in {"0", "1"}
            elif described["Text Validation Type OR Show Slider Number"] == "integer":
                assert value.isdecimal()
            elif described["Text Validation Type OR Show Slider Number"].startswith("datetime"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value)


def test_each_case_is_a_record_and_each_reading_a_repeat_instance() -> None:
    rows = tidy_rows(cases=5)
    data = read(data_lines(iter(rows), aac8=False))
    cases = [record for record in data if not record["redcap_repeat_instrument"]]
    readings = [record for record in data if record["redcap_repeat_instrument"] == READING]
    assert len(cases) == len({row["case"] for row in rows}) == 5
    assert len(cases) + len(readings) == len(data)
    assert 8 * len(readings) == len(rows)
    keys = Counter((one["record_id"], one["redcap_repeat_instance"]) for one in readings)
    assert set(keys.values()) == {1}
    for case in {row["case"] for row in rows}:
        numbers = sorted(int(instance) for record, instance in keys if record == case)
        assert numbers == list(range(1, len(numbers) + 1))
    # Each grade arrives in the field of its cell.
    by_reading = {(one["record_id"], one["reader"], one["arm"]): one for one in readings}
    for row in rows:
        wall = "post" if row["wall"] == "posterior" else "ant"
        reading = by_reading[row["case"], row["reader"], row["arm"].replace(" ", "_")]
        expected = "" if row["score"] is None else str(row["score"])
        assert reading[f"{row['level'].lower()}_{wall}"] == expected


def test_aac8_scores_of_measured_readings_have_fields() -> None:
    data = read(data_lines(measured_rows(cases=2), aac8=True))
    assert {one.name for one in fields(aac8=True)} <= set(data[0])
    scored = [record for record in data if record["aac8_ant"]]
    assert scored
    assert all(record["arm"] in {"unguided", "measured"} for record in scored)


def test_second_readings_have_the_scores_with_which_they_started() -> None:
    rows = tidy_rows(cases=2)
    for row in rows:
        second = row["arm"] == "guided"
        row["started_from_score"] = 1 if second else None
        row["started_from_validity"] = 0 if second else None
    names = {one.name for one in fields(aac8=False, started=True)}
    assert {"l1_post_start", "l1_post_start_valid"} <= names
    records = read(data_lines(rows, aac8=False, started=True))
    starts = {
        (record["arm"], record["l1_post_start"], record["l4_ant_start_valid"])
        for record in records
        if record["redcap_repeat_instrument"] == READING
    }
    assert starts == {("guided", "1", "0"), ("unguided", "", "")}
    assert "l1_post_start" not in read(data_lines(rows, aac8=False))[0]
