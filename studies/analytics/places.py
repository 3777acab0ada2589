"""Agreement within each site or scanner of the cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from studies.analytics.agreement import agreement
from studies.analytics.results import Result
from studies.analytics.table import ReadingTable


def by_place(table: ReadingTable, by: str, **options: Any) -> Iterator[Result]:
    """Yield the results of the cases of each site or scanner alone, marked with its name.

    Parameters
    ----------
    by
        "site" (where the case was scanned) or "scanner".
    """
    names = table.case_site if by == "site" else table.case_scanner
    for name in sorted(set(names) - {""}):
        keep = np.array([own == name for own in names])[table.case]
        for result in agreement(table.where(keep), **options).results:
            yield replace(result, place=(by, name))
