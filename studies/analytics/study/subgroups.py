"""Agreement within each site or scanner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from studies.analytics.results import Agreement
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable


def agreement_by_subgroup(table: ReadingTable, by: str, **options: Any) -> Iterator[Agreement]:
    """Yield the agreement within each site or scanner, marked with its name.

    Parameters
    ----------
    table : ReadingTable
        The readings.
    by : {"site", "scanner"}
        Site where the case was scanned, or scanner.
    **options
        Arguments of `agreement`.

    Notes
    -----
    Results have the name as their subgroup, and warnings begin with it.
    """
    names = _subgroup_names(table, by)
    for name in sorted(set(names) - {""}):
        keep = np.array([label == name for label in names])[table.case]
        part = replace(table.where(keep), warnings=())
        part_agreement = agreement(part, **options)
        yield replace(
            part_agreement,
            results=tuple(
                replace(result, subgroup=(by, name)) for result in part_agreement.results
            ),
            warnings=tuple(
                f"{by.capitalize()} {name}: {warning}" for warning in part_agreement.warnings
            ),
        )


def subgroup_warnings(table: ReadingTable, by: str) -> Iterator[str]:
    """Yield a warning if cases have no site or scanner."""
    names, column = _subgroup_names(table, by), "case_site" if by == "site" else "scanner"
    without = names.count("")
    if without == len(names):
        yield f"There are no results by {by}: the column {column} is missing or empty."
    elif without:
        yield f"The results by {by} exclude {without} of {len(names)} cases without {column}."


def _subgroup_names(table: ReadingTable, by: str) -> tuple[str, ...]:
    return table.case_site if by == "site" else table.case_scanner
