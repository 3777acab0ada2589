"""Subsets of a study's readings: selected readers, one arm, one imaging site or one scanner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studies.analytics.table import ReadingTable


@dataclass(frozen=True, slots=True)
class Subset:
    """Criteria that a reading must meet; an empty field sets no restriction.

    Parameters
    ----------
    readers
        Reader labels.
    arm
        Name of the arm.
    site
        Site at which the case was imaged, not the reader's site.
    scanner
        Manufacturer and model of the scanner.
    """

    readers: tuple[str, ...] = ()
    arm: str = ""
    site: str = ""
    scanner: str = ""

    @property
    def whole(self) -> bool:
        """Return whether the subset sets no restriction."""
        return not (self.readers or self.arm or self.site or self.scanner)


def select_subset(table: ReadingTable, subset: Subset) -> ReadingTable:
    """Return the readings of a subset.

    Readers, cases, patients and arms without a reading in the subset are dropped, so that counts
    and pairs of readers refer to the subset alone. An unknown site or scanner gives an empty table.
    """
    if subset.whole:
        return table
    keep = np.ones(len(table), dtype=bool)
    if subset.readers:
        keep &= np.isin(table.reader, [table.readers.index(name) for name in subset.readers])
    if subset.arm:
        keep &= table.arm == table.arms.index(subset.arm)
    if subset.site:
        keep &= (np.array(table.case_site) == subset.site)[table.case]
    if subset.scanner:
        keep &= (np.array(table.case_scanner) == subset.scanner)[table.case]
    return table.where(keep).without_unused_names()
