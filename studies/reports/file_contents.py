"""Contents of the workbook and of the reproducibility package, read from the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from studies.analytics.io.reading_collector import ReadingCollector
from studies.analytics.io.table_builder import build_table
from studies.analytics.study.agreement import agreement
from studies.protocol.models import Study
from studies.reports.document.summary.study import StudySummary, expected_comparison
from studies.reports.files.tidy import hashed
from studies.reports.files.workbook import workbook
from studies.reports.package.contents import package
from studies.reports.prepared_files import Progress
from studies.reports.reference_standard import has_reference_standard, study_rows
from studies.sessions.measuring.export import has_measured_arm, traces_json
from studies.sessions.reading.second_readings import has_start_scores
from studies.sessions.reading_sessions.export import session_rows
from studies.sessions.submitted_readings.export import has_changed_readings


def write_workbook_file(
    path: Path, summary: StudySummary, study: Study, progress: Progress
) -> StudySummary:
    """Write the workbook and return the summary with the hash of its readings.

    The readings are read from the database once, so that the sheet of readings, the hash and the
    agreement statistics refer to the same rows.
    """
    digest, collector = hashlib.sha256(), ReadingCollector()
    with workbook(path, summary) as book:
        rows = collector.passing_on(hashed(study_rows(study), digest))
        book.write_readings(rows, study.group_limits, progress)
        book.write_sessions(session_rows(study))
        summary = replace(summary, data_hash=digest.hexdigest())
        table = build_table(collector, study.group_limits)
        book.write_summary(summary, agreement(table, compare=expected_comparison(summary)))
    return summary


def write_package_file(
    path: Path, summary: StudySummary, study: Study, progress: Progress
) -> StudySummary:
    """Write the reproducibility package and return the summary with the hash of its readings."""
    measured = has_measured_arm(study)
    with package(path, summary) as parts:
        parts.write_readings(_counted(study_rows(study), progress), optional_columns(study))
        parts.write_sessions(session_rows(study))
        if measured:
            parts.write_traces(traces_json(study))
        parts.write_scripts(measured=measured)
    return parts.summary


def optional_columns(study: Study) -> dict[str, bool]:
    """Return which optional columns the tidy table of the study has."""
    return {
        "reference": has_reference_standard(study),
        "measured": has_measured_arm(study),
        "changed": has_changed_readings(study),
        "started": has_start_scores(study),
    }


def _counted(rows: Iterable[Mapping[str, Any]], progress: Progress) -> Iterator[Mapping[str, Any]]:
    """Pass the rows on and report the number of readings whose rows were passed on."""
    names = ("reader", "arm", "period", "case", "replicate")
    readings = groupby(rows, key=lambda row: tuple(row[name] for name in names))
    for number, (_, cells) in enumerate(readings, start=1):
        yield from cells
        progress(number)
