"""The training of the readers in the report and in the workbook."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from studies.reports.document.document import make_document
from studies.reports.document.formatting import NO_VALUE
from studies.reports.document.study_summary import (
    AttemptSummary,
    ReaderTrainingSummary,
    TrainingSummary,
)
from studies.reports.document.tables.training_table import describe_training, training_table
from studies.reports.files.workbook import write_workbook
from tests.reports.study import study

DAY = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
TRAINING = TrainingSummary(
    required=True,
    measure="linear weighted kappa",
    threshold=0.7,
    cases=10,
    attempts=3,
    phantoms=20,
    own_cases=2,
    instructions=2,
    readers=(
        ReaderTrainingSummary(
            "R1",
            2,
            1,
            (AttemptSummary(0.61, False, DAY), AttemptSummary(0.82, True, DAY)),
            DAY,
            "",
        ),
        ReaderTrainingSummary("R2", None, 0, (AttemptSummary(None, False, DAY),), None, "Expert"),
    ),
)


def test_report_lists_training_by_reader_and_describes_the_rules() -> None:
    _, summary, table, results = study()
    document = make_document(replace(summary, training=TRAINING), table, results)
    sections = {section["heading"]: section for section in document.content["sections"]}
    tables = {block.get("title"): block for block in sections["Cases and readers"]["blocks"]}
    rows = [tuple(row) for row in tables["Training of the readers"]["rows"]]
    attempts = "0.61, not passed; 0.82, passed"
    assert rows == [
        ("R1", "version 2", "1", attempts, "3 Nov 2026, 09:30 UTC"),
        ("R2", NO_VALUE, "0", "undefined, not passed", "waived: Expert"),
    ]
    paragraphs = {block.get("title"): block for block in sections["Methods"]["blocks"]}
    text = paragraphs["Training of readers"]["text"]
    assert "linear weighted kappa of at least 0.70" in text
    assert "20 synthetic images (phantoms) and 2 cases" in text


def test_report_of_a_study_without_training_says_nothing_of_it() -> None:
    _, summary, table, results = study()
    assert "Training" not in str(make_document(summary, table, results).content)


def test_optional_certification_is_stated_as_not_required() -> None:
    optional = replace(TRAINING, required=False)
    assert "No certification was required." in describe_training(optional)
    assert training_table(optional).header == ("Reader", "Instructions", "Practice rounds")


def test_workbook_states_the_training_of_each_reader(tmp_path: Path) -> None:
    rows, summary, _, results = study(cases=4)
    path = tmp_path / "study.xlsx"
    summary = replace(summary, training=TRAINING)
    write_workbook(path, rows=rows, summary=summary, results=results)
    with zipfile.ZipFile(path) as book:
        # Rows in constant memory hold their texts themselves.
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets" in name]
    (sheet,) = [text for text in sheets if "training of R1" in text]
    assert "Attempts: 0.61, not passed; 0.82, passed" in sheet
