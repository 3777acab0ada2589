"""Table and sentence on the revision of submitted readings by their readers."""

from __future__ import annotations

from studies.reports.document.formatting import counted
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.text_table import TextTable

RULES = {
    "session": "within the reading session in which they had submitted it",
    "period": "until they had submitted every reading of its period",
}


def describe_revision(summary: StudySummary) -> str:
    """Return the study's rule and the number of revisions."""
    if summary.revision_rule not in RULES:
        return "Readers could not revise submitted readings."
    number = sum(row.revisions for row in summary.revisions)
    return (
        f"Readers could revise a submitted reading {RULES[summary.revision_rule]}, but not once "
        "they had opened the same case again in another arm, period or replicate. Statistics use "
        "the final values; order, times and washout are those of the first submission. There "
        f"{'was' if number == 1 else 'were'} {counted(number, 'revision')}."
    )


def revision_table(summary: StudySummary) -> TextTable:
    """Return one row per reader and arm: readings submitted, readings revised, revisions."""
    return TextTable(
        title="Revised readings",
        caption="Revisions of submitted readings. The tidy CSV has the first and the final values.",
        header=("Reader", "Arm", "Submitted", "Revised", "Revisions"),
        rows=tuple(
            (row.reader, row.arm, str(row.submitted), str(row.revised), str(row.revisions))
            for row in summary.revisions
        ),
        text_columns=2,
    )
