"""Agreement within each site or scanner of the cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from studies.analytics.results import Agreement, Result
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable


def by_place(table: ReadingTable, by: str, **options: Any) -> Iterator[Result]:
    """Yield the results of the cases of each site or scanner alone, marked with its name.

    Parameters
    ----------
    by
        "site" (where the case was scanned) or "scanner".
    """
    for found in agreement_by_place(table, by, **options):
        yield from found.results


def agreement_by_place(table: ReadingTable, by: str, **options: Any) -> Iterator[Agreement]:
    """Yield the agreement in each site or scanner; its warnings begin with the place's name."""
    names = _places(table, by)
    for name in sorted(set(names) - {""}):
        keep = np.array([own == name for own in names])[table.case]
        part = replace(table.where(keep), warnings=())
        found = agreement(part, **options)
        yield replace(
            found,
            results=tuple(replace(result, place=(by, name)) for result in found.results),
            warnings=tuple(f"{by.capitalize()} {name}: {each}" for each in found.warnings),
        )


def place_warnings(table: ReadingTable, by: str) -> Iterator[str]:
    """Yield why cases are in no site or scanner."""
    names, column = _places(table, by), "case_site" if by == "site" else "scanner"
    without = names.count("")
    if without == len(names):
        yield f"There are no results by {by}: the column {column} is missing or empty."
    elif without:
        yield f"The results by {by} leave out {without} of {len(names)} cases without {column}."


def _places(table: ReadingTable, by: str) -> tuple[str, ...]:
    return table.case_site if by == "site" else table.case_scanner
