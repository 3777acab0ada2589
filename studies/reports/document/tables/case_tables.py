"""Tables of cases: their origin, the distribution of their scores, missing totals."""

from __future__ import annotations

import numpy as np

from studies.analytics.scale import GROUPS, MISSING
from studies.analytics.table import ReadingTable
from studies.formats.numbers import NO_VALUE
from studies.reports.document.formatting import arm_name
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.study_tables import (
    group_names,
    of_arm,
    repeats_excluded,
)
from studies.reports.document.tables.text_table import TextTable


def case_table(summary: StudySummary, table: ReadingTable) -> TextTable:
    """Return the numbers of cases and patients read, by imaging site and scanner."""
    names = {site.code: site.name for site in summary.sites}
    sources = list(zip(table.case_site, table.case_scanner, strict=True))
    rows = []
    for site, scanner in sorted(set(sources)):
        cases = [number for number, source in enumerate(sources) if source == (site, scanner)]
        patients = len(np.unique(table.case_patient[cases]))
        site_name = names.get(site, site) or NO_VALUE
        rows.append((site_name, scanner or NO_VALUE, str(len(cases)), str(patients)))
    total = ("All", "", str(len(table.cases)), str(len(table.patients)))
    return TextTable(
        title="Cases",
        caption="Cases read, by imaging site and scanner.",
        header=("Site", "Scanner", "Cases", "Patients"),
        rows=(*rows, total),
        text_columns=2,
        strong=(len(rows),),
    )


def burden_table(table: ReadingTable) -> TextTable:
    """Return the distribution of grades, totals and groups, one row per arm."""
    rows = []
    for arm in table.arms:
        selected = of_arm(table, arm)
        cells = table.scores[selected]
        totals = table.outcome("aac24")[selected]
        groups = table.outcome("aac_group")[selected]
        totals = totals[totals != MISSING]
        rows.append(
            (
                arm_name(arm),
                *(str(int((cells == grade).sum())) for grade in range(4)),
                _median(totals.astype(float)),
                *(str(int((groups == group).sum())) for group in range(len(GROUPS))),
            )
        )
    return TextTable(
        title="Distribution of scores",
        caption=(
            "Distribution of scores: number of cells by grade, AAC-24 total (median and "
            "interquartile range), and number of readings by group "
            f"({group_names(table.group_limits)}). Kappa depends on this distribution."
            f"{repeats_excluded(table)}"
        ),
        header=(
            "Arm", "Grade 0", "Grade 1", "Grade 2", "Grade 3", "Total",
            *(name.capitalize() for name in GROUPS),
        ),
        rows=tuple(rows),
    )  # fmt: skip


def missing_table(table: ReadingTable) -> TextTable:
    """Return the number of readings without a total, by reader and arm."""
    total = table.outcome("aac24")
    rows = []
    for number, reader in enumerate((*table.readers, None)):
        for arm in table.arms:
            selected = of_arm(table, arm)
            if reader is not None:
                selected = selected & (table.reader == number)
            readings = int(selected.sum())
            missing = readings - int((total[selected] != MISSING).sum())
            share = f"{100 * missing / readings:.1f} %" if readings else NO_VALUE
            not_readable = int((table.validity[selected] > 0).sum())
            rows.append(
                (reader or "All readers", arm_name(arm), str(readings), str(missing), share,
                 str(not_readable))
            )  # fmt: skip
    arms = len(table.arms)
    return TextTable(
        title="Readings without a total",
        caption=(
            "Readings without an AAC-24 total. The total is missing if any cell was not readable; "
            f"the next table gives the reasons.{repeats_excluded(table)}"
        ),
        header=("Reader", "Arm", "Readings", "Without a total", "Share", "Cells not readable"),
        rows=tuple(rows),
        text_columns=2,
        strong=tuple(range(len(rows) - arms, len(rows))),
    )


def _median(values: np.ndarray) -> str:
    if not len(values):
        return NO_VALUE
    low, middle, high = np.percentile(values, [25, 50, 75])
    return f"{middle:g} ({low:g} to {high:g})"
