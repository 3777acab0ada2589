"""Everything that a reader of a paper needs to check its numbers, as one ZIP archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.io.reading_collector import ReadingCollector
from studies.analytics.io.table_builder import build_table
from studies.analytics.results import Agreement
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.bootstrap.intervals import bootstrap_intervals
from studies.reports.document.summary.study import StudySummary, expected_comparison
from studies.reports.files.reproduction_script import script_for
from studies.reports.files.sessions import session_codebook_lines, session_lines
from studies.reports.files.statistics import parse_scope, statistics_pieces
from studies.reports.files.tidy import codebook_lines, csv_lines
from studies.reports.package.analytics_zipapp import ZIPAPP, build_zipapp
from studies.reports.package.archive import Archive
from studies.reports.package.readme import readme
from studies.reports.package.resamples import (
    bootstrap_pieces,
    reader_resample_lines,
    reader_sets,
    resample_lines,
)

R_SCRIPTS: Final = ("reproduce.R", "statistics.R")


class Package:
    """Writes the package of a study part by part, so that no part is held in memory as a whole."""

    def __init__(self, archive: Archive, summary: StudySummary) -> None:
        self._archive = archive
        self.summary = summary
        self._readers_resampled = False

    def write_readings(
        self, rows: Iterable[Mapping[str, Any]], columns: Mapping[str, bool]
    ) -> None:
        """Write readings and codebook, then every statistic of these readings.

        Parameters
        ----------
        rows
            Tidy rows, read once.
        columns
            Whether the study has the optional columns ``reference``, ``measured``, ``changed``,
            ``started``.
        """
        collector = ReadingCollector()
        data_hash = self._archive.add("readings.csv", csv_lines(collector.passing_on(rows)))
        self._archive.add("codebook.csv", codebook_lines(**columns))
        self.summary = replace(self.summary, data_hash=data_hash)
        table = build_table(collector, self.summary.group_limits)
        results = agreement(table, compare=expected_comparison(self.summary))
        self._write_statistics(table, results)

    def write_sessions(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write the reading sessions and their codebook."""
        self._archive.add("sessions.csv", session_lines(rows))
        self._archive.add("sessions-codebook.csv", session_codebook_lines())

    def write_traces(self, pieces: Iterable[bytes | str]) -> None:
        """Write the traces of measured readings."""
        self._archive.add("traces.json", pieces)

    def write_scripts(self, *, measured: bool) -> None:
        """Write both scripts, the statistics that they import, and the README."""
        self._archive.add("reproduce.py", [script_for(self.summary)])
        for name in R_SCRIPTS:
            self._archive.add(name, [Path(__file__).with_name(name).read_bytes()])
        self._archive.add(ZIPAPP, [build_zipapp()])
        self._archive.add("README.md", [self._readme(measured=measured)])

    def _readme(self, *, measured: bool) -> str:
        return readme(self.summary, measured=measured, readers_resampled=self._readers_resampled)

    def _write_statistics(self, table: ReadingTable, results: Agreement) -> None:
        summary = self.summary
        scope = parse_scope("", table, results)
        self._archive.add("statistics.json", statistics_pieces(summary, table, results, scope))
        weights = cast("Weights", summary.weights)
        intervals = bootstrap_intervals(
            table, results, outcome=summary.outcome, weights=weights, seed=summary.seed
        )
        self._archive.add("bootstrap.json", bootstrap_pieces(summary, table, results, intervals))
        lines = resample_lines(table.patients, seed=summary.seed)
        self._archive.add("resamples.csv", lines)
        sets = reader_sets(results, summary.outcome, weights)
        if sets:
            reader_lines = reader_resample_lines(sets, seed=summary.seed)
            self._archive.add("reader-resamples.csv", reader_lines)
        self._readers_resampled = bool(sets)


@contextmanager
def package(path: Path, summary: StudySummary) -> Iterator[Package]:
    """Open a package for writing; it is complete when the block ends without an error."""
    with path.open("wb") as target:
        archive = Archive(target, f"verteread-{summary.slug}")
        yield Package(archive, summary)
        archive.close()
