"""Tables about the cases: where they come from, how much they carry, what is missing."""

from __future__ import annotations

import numpy as np

from studies.analytics.scale import GROUPS, MISSING
from studies.analytics.table import ReadingTable
from studies.reports.document.formatting import NOTHING, arm_name
from studies.reports.document.study_summary import StudyFacts
from studies.reports.document.tables.agreement_tables import TextTable
from studies.reports.document.tables.study_tables import group_names, of_arm


def case_table(facts: StudyFacts, table: ReadingTable) -> TextTable:
    """The cases that were read, by site and scanner."""
    names = {site.code: site.name for site in facts.sites}
    rows = []
    for site, scanner in sorted(set(zip(table.case_site, table.case_scanner, strict=True))):
        here = [
            place
            for place, own in enumerate(zip(table.case_site, table.case_scanner, strict=True))
            if own == (site, scanner)
        ]
        patients = len(np.unique(table.case_patient[here]))
        where = names.get(site, site) or NOTHING
        rows.append((where, scanner or NOTHING, str(len(here)), str(patients)))
    whole = ("All", "", str(len(table.cases)), str(len(table.patients)))
    return TextTable(
        title="Cases",
        caption="Cases that were read, by the site that made them and the scanner.",
        header=("Site", "Scanner", "Cases", "Patients"),
        rows=(*rows, whole),
        text_columns=2,
        strong=(len(rows),),
    )


def burden_table(table: ReadingTable) -> TextTable:
    """How much calcification was scored: cells by grade, the total, its groups, an arm a row."""
    rows = []
    for arm in table.arms:
        chosen = of_arm(table, arm)
        cells = table.scores[chosen]
        totals = table.outcome("aac24")[chosen]
        groups = table.outcome("aac_group")[chosen]
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
        title="Scores given",
        caption=(
            "Scores given: cells by grade, AAC-24 total (median and quartiles), and readings by "
            f"group ({group_names(table.group_limits)}). Kappa depends on these shares."
        ),
        header=(
            "Arm", "Grade 0", "Grade 1", "Grade 2", "Grade 3", "Total",
            *(name.capitalize() for name in GROUPS),
        ),
        rows=tuple(rows),
    )  # fmt: skip


def missing_table(table: ReadingTable) -> TextTable:
    """Readings without a total, by reader and arm."""
    total = table.outcome("aac24")
    rows = []
    for place, reader in enumerate((*table.readers, None)):
        for arm in table.arms:
            mine = of_arm(table, arm)
            if reader is not None:
                mine = mine & (table.reader == place)
            readings, whole = int(mine.sum()), int((total[mine] != MISSING).sum())
            share = f"{100 * (readings - whole) / readings:.1f} %" if readings else NOTHING
            lost = int((table.validity[mine] > 0).sum())
            rows.append(
                (reader or "All readers", arm_name(arm), str(readings), str(readings - whole),
                 share, str(lost))
            )  # fmt: skip
    count = len(table.arms)
    return TextTable(
        title="Readings without a total",
        caption=(
            "Readings without an AAC-24 total: one cell that could not be read makes the total "
            "missing. The next table has the reasons."
        ),
        header=("Reader", "Arm", "Readings", "Without a total", "Share", "Cells not readable"),
        rows=tuple(rows),
        text_columns=2,
        strong=tuple(range(len(rows) - count, len(rows))),
    )


def _median(values: np.ndarray) -> str:
    if not len(values):
        return NOTHING
    low, middle, high = np.percentile(values, [25, 50, 75])
    return f"{middle:g} ({low:g} to {high:g})"
