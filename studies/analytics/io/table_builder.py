"""Builds the `ReadingTable` of the readings that were collected from tidy rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.arms import arms_in_order
from studies.analytics.io.reading_collector import AAC8_PARTS, POSITIONS, TIMES, ReadingCollector
from studies.analytics.names import name_rows
from studies.analytics.scale import CELLS, MISSING, WALLS
from studies.analytics.table import IntArray, ReadingTable

# No reader scores a case in less than a second: a median below is a time in seconds.
SHORTEST_MS: Final = 1000.0


def build_table(rows: ReadingCollector, group_limits: tuple[int, int]) -> ReadingTable:
    """Return the table of the readings, sorted by reader, case, arm, period and replicate.

    Parameters
    ----------
    rows : ReadingCollector
        At least one reading.
    group_limits : (int, int)
        Lowest totals of the moderate and of the high group.
    """
    readers, cases = tuple(sorted(rows.readers)), tuple(sorted(rows.cases))
    case_patient = [rows.patient.of(case) or case for case in cases]
    patients = tuple(sorted(set(case_patient)))
    arms = arms_in_order(list(rows.arms))
    keys = np.array(list(rows.readings), dtype=np.int64)
    reader, case = (
        _ranks(rows.readers, readers)[keys[:, 0]],
        _ranks(rows.cases, cases)[keys[:, 1]],
    )
    by_name = _ranks(rows.arms, sorted(rows.arms, key=lambda arm: arm or ""))[keys[:, 2]]
    # By name, not by first appearance: the order of rows in a file does not change that of the
    # table.
    order = np.lexsort((keys[:, 4], keys[:, 3], by_name, case, reader))
    times = np.frombuffer(rows.times).reshape(-1, len(TIMES))[order]
    positions = np.frombuffer(rows.positions, dtype=np.int64).reshape(-1, len(POSITIONS))[order]
    aac8 = _whole(rows.aac8, len(AAC8_PARTS))[order]
    measured, calcified_mm = _measured(rows, order)
    patient_index = {patient: index for index, patient in enumerate(patients)}
    return ReadingTable(
        readers=readers,
        cases=cases,
        patients=patients,
        arms=arms,
        case_patient=np.array([patient_index[patient] for patient in case_patient], dtype=np.int64),
        case_site=tuple(rows.case_site.of(case) for case in cases),
        case_scanner=tuple(rows.scanner.of(case) for case in cases),
        reader_site=tuple(rows.reader_site.of(reader) for reader in readers),
        reader=reader[order],
        case=case[order],
        arm=_ranks(rows.arms, arms)[keys[order, 2]],
        period=keys[order, 3],
        replicate=keys[order, 4],
        position=positions[:, 0].copy(),
        session_position=positions[:, 1].copy(),
        scores=_whole(rows.scores, len(CELLS))[order],
        validity=_whole(rows.validity, len(CELLS))[order],
        aac8=_aac8_totals(aac8),
        active_ms=times[:, 0].copy(),
        idle_ms=times[:, 1].copy(),
        wall_ms=times[:, 2].copy(),
        session_elapsed_ms=times[:, 3].copy(),
        simulated=rows.simulated,
        group_limits=group_limits,
        warnings=tuple(_warnings(rows)),
        reference=_reference_grades(rows, cases),
        aac8_walls=None if (aac8[:, :2] == MISSING).all() else aac8[:, :2].copy(),
        measured=measured,
        calcified_mm=calcified_mm,
        measured_aac8=_measured_aac8(rows, order),
    )


def _measured(
    rows: ReadingCollector, order: NDArray[np.intp]
) -> tuple[IntArray | None, NDArray[np.float64] | None]:
    """Return the measured grades and lengths (readings, 8) of the sorted readings, if any."""
    if not rows.measured:
        return None, None
    shape = (len(rows.readings), len(CELLS))
    grades, lengths = np.full(shape, MISSING, dtype=np.int64), np.full(shape, np.nan)
    for cell, (grade, length) in rows.measured.items():
        grades[cell], lengths[cell] = grade, length
    return grades[order], lengths[order]


def _measured_aac8(rows: ReadingCollector, order: NDArray[np.intp]) -> IntArray | None:
    """Return the measured AAC-8 of both walls (readings, 2) of the sorted readings, if any."""
    if not rows.measured_aac8:
        return None
    scores = np.full((len(rows.readings), len(WALLS)), MISSING, dtype=np.int64)
    for wall, score in rows.measured_aac8.items():
        scores[wall] = score
    return scores[order]


def _reference_grades(rows: ReadingCollector, cases: Sequence[str]) -> IntArray | None:
    if not rows.reference:
        return None
    grades = np.full((len(cases), len(CELLS)), MISSING, dtype=np.int64)
    ranks = _ranks(rows.cases, cases)
    for (case, slot), grade in rows.reference.items():
        grades[ranks[case], slot] = grade
    return grades


def _warnings(rows: ReadingCollector) -> Iterator[str]:
    if numbers := rows.unreadable_with_score:
        yield (
            f"{len(numbers)} cells have both a score and a reason why they were not readable "
            f"({name_rows(numbers)}). They count as not readable, and their scores were not used."
        )
    if rows.rows_without_arm and len(rows.arms) > 1:
        numbers = rows.rows_without_arm
        yield f"{len(numbers)} readings name no arm ({name_rows(numbers)}), although others do."
    for name, numbers in rows.changed_times.items():
        yield (
            f"Column {name}: the time changes within a reading ({name_rows(numbers)}). A reading "
            "has one time: the first was used."
        )
    active = np.frombuffer(rows.times)[:: len(TIMES)]
    active = active[active > 0]
    if len(active) and float(np.median(active)) < SHORTEST_MS:
        yield (
            "Column active_ms: half of the readings took less than one second. Times must be "
            "in milliseconds; if these are seconds, multiply them by 1000."
        )
    for spellings in rows.names.values():
        yield from spellings.warnings()
    for facts in (rows.reader_site, rows.case_site, rows.scanner):
        yield from facts.warnings()


def _ranks(numbers: Mapping[Any, int], ordered: Sequence[Any]) -> IntArray:
    """Return, for each number in ``numbers``, the position of its name in ``ordered``."""
    ranks = np.empty(len(numbers), dtype=np.int64)
    # Numbers were given in the order of appearance; the table refers to sorted names.
    ranks[[numbers[name] for name in ordered]] = np.arange(len(numbers))
    return ranks


def _whole(values: array[int], width: int) -> NDArray[np.int64]:
    return np.frombuffer(values, dtype=np.int8).astype(np.int64).reshape(-1, width)


def _aac8_totals(parts: IntArray) -> IntArray:
    """Return AAC-8 totals (readings,): the total if given, else the sum of the walls."""
    walls, both = parts[:, :2], parts[:, 2]
    whole = np.where((walls == MISSING).any(axis=1), MISSING, walls.sum(axis=1))
    return np.where(both != MISSING, both, whole)
