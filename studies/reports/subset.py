"""A part of a study's readings: some readers, one arm, the cases of one site or scanner."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studies.analytics.table import ReadingTable


@dataclass(frozen=True, slots=True)
class Part:
    """What is kept; an empty field keeps everything."""

    readers: tuple[str, ...] = ()
    arm: str = ""
    site: str = ""
    scanner: str = ""

    @property
    def whole(self) -> bool:
        return not (self.readers or self.arm or self.site or self.scanner)


def part_of(table: ReadingTable, part: Part) -> ReadingTable:
    """Return the readings of a part; readers, cases, patients and arms without one are gone."""
    if part.whole:
        return table
    keep = np.ones(len(table), dtype=bool)
    if part.readers:
        keep &= np.isin(table.reader, [table.readers.index(name) for name in part.readers])
    if part.arm:
        keep &= table.arm == table.arms.index(part.arm)
    if part.site:
        keep &= (np.array(table.case_site) == part.site)[table.case]
    if part.scanner:
        keep &= (np.array(table.case_scanner) == part.scanner)[table.case]
    return _renumbered(table.where(keep))


def _renumbered(table: ReadingTable) -> ReadingTable:
    readers, reader = np.unique(table.reader, return_inverse=True)
    cases, case = np.unique(table.case, return_inverse=True)
    arms, arm = np.unique(table.arm, return_inverse=True)
    patients, case_patient = np.unique(table.case_patient[cases], return_inverse=True)
    return replace(
        table,
        readers=tuple(table.readers[each] for each in readers),
        reader_site=tuple(table.reader_site[each] for each in readers),
        cases=tuple(table.cases[each] for each in cases),
        case_site=tuple(table.case_site[each] for each in cases),
        case_scanner=tuple(table.case_scanner[each] for each in cases),
        patients=tuple(table.patients[each] for each in patients),
        arms=tuple(table.arms[each] for each in arms),
        reader=reader,
        case=case,
        arm=arm,
        case_patient=case_patient,
        reference=None if table.reference is None else table.reference[cases],
        _first={},
    )
