"""The training of the readers in the report and in the workbook."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from studies.formats.numbers import NO_VALUE
from studies.reports.document.document import make_document
from studies.reports.document.summary.training import (
    AttemptSummary,
    ReaderTrainingSummary,
    RefresherSummary,
    TrainingSummary,
)
from studies.reports.document.tables.training_tables import (
    describe_drift,
    describe_training,
    training_table,
)
from studies.reports.files.workbook import write_workbook
from tests.reports.study import study

START = datetime(2026, 11, 2, 15, 5, tzinfo=UTC)
DAY = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
TRAINING = TrainingSummary(
    required=True,
    measure="linearly weighted kappa",
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
            (
                AttemptSummary(0.61, False, START, DAY, 10),
                AttemptSummary(0.82, True, START, DAY, 10, 4),
            ),
            DAY,
            "",
        ),
        ReaderTrainingSummary(
            "R2",
            None,
            0,
            (AttemptSummary(None, False, START, DAY), AttemptSummary(None, None, DAY, None)),
            None,
            "Expert",
            DAY,
        ),
    ),
)


def with_refreshers() -> TrainingSummary:
    """The training with two refreshers of the first reader."""
    refreshers = tuple(
        RefresherSummary(1, "guided", after, DAY, 1, kappa, exact)
        for after, kappa, exact in ((50, None, 1.0), (100, 0.5, 0.75))
    )
    first, second = TRAINING.readers
    readers = (replace(first, refreshers=refreshers), second)
    return replace(TRAINING, readers=readers, refresher_interval=50)


def test_report_lists_refreshers_with_their_drift() -> None:
    _, summary, table, results = study()
    document = make_document(replace(summary, training=with_refreshers()), table, results)
    sections = {section["heading"]: section for section in document.content["sections"]}
    tables = {block.get("title"): block for block in sections["Cases and readers"]["blocks"]}
    rows = [tuple(row)[4:] for row in tables["Refreshers"]["rows"]]
    assert rows == [("50", "1", "undefined", "1.00"), ("100", "1", "0.50", "0.75")]
    note = describe_drift(with_refreshers())
    assert "per 100 study readings: \u22120.500 (too few refreshers for an interval)" in note
    paragraphs = {block.get("title"): block for block in sections["Methods"]["blocks"]}
    text = paragraphs["Refreshers"]["text"]
    assert "After every 50 study readings, readers scored 1 practice case" in text
    assert "2 refreshers in total" in text
    assert "excluded from positions, reading times and all agreement" in text


def test_report_without_refreshers_does_not_mention_them() -> None:
    _, summary, table, results = study()
    document = make_document(replace(summary, training=TRAINING), table, results)
    assert "efresher" not in str(document.content)


def test_report_lists_training_with_its_dates_and_describes_the_rules() -> None:
    _, summary, table, results = study()
    document = make_document(replace(summary, training=TRAINING), table, results)
    sections = {section["heading"]: section for section in document.content["sections"]}
    tables = {block.get("title"): block for block in sections["Cases and readers"]["blocks"]}
    rows = [tuple(row) for row in tables["Training of readers"]["rows"]]
    date = "3 Nov 2026, 09:30 UTC"
    attempts = f"0.61, not passed on {date}; 0.82, passed on {date} (4 of 10 cases seen before)"
    unfinished = f"undefined, not passed on {date}; started {date}, not finished"
    assert rows == [
        ("R1", "version 2", "1", attempts, date),
        ("R2", NO_VALUE, "0", unfinished, f"waived on {date}: Expert"),
    ]
    paragraphs = {block.get("title"): block for block in sections["Methods"]["blocks"]}
    text = paragraphs["Training of readers"]["text"]
    assert "linearly weighted kappa of at least 0.70" in text
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
    assert "0.82, passed on 3 Nov 2026, 09:30 UTC" in sheet
