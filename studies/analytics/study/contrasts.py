"""Comparison of any two sets of readings as if they were arms: arms, periods or replicates."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.analytics.arms import arm_named
from studies.analytics.table import ReadingTable

PHRASE: Final = re.compile(
    r"^(?P<arm>.*?)\s*(?:period (?P<period>\d+))?\s*(?:replicate (?P<replicate>\d+))?$",
    re.IGNORECASE,
)


def contrast_table(table: ReadingTable, compare: tuple[str, str]) -> ReadingTable:
    """Return a table with two sets of readings as its two arms.

    Parameters
    ----------
    table : ReadingTable
        All readings.
    compare : (str, str)
        Minuend and subtrahend. Each is an arm, "period 2", "replicate 2", or an arm followed by one
        or both ("guided replicate 2"). Without a replicate, first readings are compared.

    Raises
    ------
    ValueError
        If a phrase matches no reading, or two readings of the same reader and case.

    Examples
    --------
    Compare the agreement in the two periods of a crossover:
    ``contrast_table(table, ("period 2", "period 1"))``.
    """
    if all(arm_named(table.arms, phrase) is not None for phrase in compare):
        return table
    sides = [_rows(table, phrase) for phrase in compare]
    whole = table.rows(np.concatenate(sides))
    arm = np.repeat(np.arange(2), [len(rows) for rows in sides])
    return replace(whole, arms=compare, arm=arm, replicate=np.ones_like(arm), _first={})


def _rows(table: ReadingTable, phrase: str) -> NDArray[np.intp]:
    selected = np.ones(len(table), dtype=np.bool_)
    parts = {"arm": phrase, "period": None, "replicate": None}
    if arm_named(table.arms, phrase) is None:
        match = PHRASE.match(phrase)
        parts = match.groupdict() if match else parts
    if parts["arm"]:
        arm = arm_named(table.arms, parts["arm"])
        selected &= False if arm is None else table.arm == table.arms.index(arm)
    if parts["period"]:
        selected &= table.period == int(parts["period"])
    selected &= table.replicate == int(parts["replicate"] or 1)
    rows = np.flatnonzero(selected)
    if not len(rows):
        raise ValueError(f'There are no readings of "{phrase}". {_available_readings(table)}')
    reader_case = table.reader[rows] * len(table.cases) + table.case[rows]
    first, counts = np.unique(reader_case, return_counts=True)
    if counts.max() > 1:
        reader, case = divmod(int(first[counts.argmax()]), len(table.cases))
        raise ValueError(
            f'"{phrase}" matches two readings of case {table.cases[case]} by reader '
            f"{table.readers[reader]}. Name the arm or the period as well."
        )
    return rows


def _available_readings(table: ReadingTable) -> str:
    arms = ", ".join(arm for arm in table.arms if arm) or "none"
    periods, replicates = (
        ", ".join(map(str, np.unique(numbers).tolist()))
        for numbers in (table.period, table.replicate)
    )
    return f"Arms: {arms}; periods: {periods}; replicates: {replicates}."
