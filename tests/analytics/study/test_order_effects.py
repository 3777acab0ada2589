"""Effects of order, checked against least squares with dummies and clustered errors."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

from studies.analytics.io.tidy_csv import parse_csv, table_from_rows
from studies.analytics.study.subset import Subset, select_subset
from studies.analytics.study.time_and_order_effects import order_results
from studies.analytics.table import ReadingTable
from tests.analytics.rows import HEADER, crossover

PER_SESSION = 9
MS_PER_HOUR = 3_600_000
# Statistic, column of the table, and the units in which the effect is given.
EFFECTS = (
    ("position_effect", "position", 10),
    ("session_position_effect", "session_position", 10),
    ("session_time_effect", "session_elapsed_ms", MS_PER_HOUR),
)


def rows_with_sessions(*, cases: int = 40) -> list[dict[str, Any]]:
    """Return a crossover whose readers tire: their last readings of a session are faster."""
    rng = np.random.default_rng(11)
    rows: list[dict[str, Any]] = []
    elapsed: dict[tuple[str, str, int], int] = {}
    orders = {}
    for row in csv.DictReader(io.StringIO(crossover(readers=3, cases=cases))):
        key = (row["reader"], row["arm"])
        order = orders.setdefault(key, rng.permutation(cases))
        rank = int(order[int(row["case"][1:]) - 1])
        session, within = divmod(rank, PER_SESSION)
        start = elapsed.setdefault((*key, rank), int(within * rng.integers(150_000, 400_000)))
        active = round(int(row["active_ms"]) * np.exp(-0.03 * within))
        rows.append({
            **row,
            "active_ms": active,
            "position": rank + 1,
            "reading_session": session + 1,
            "position_in_session": within + 1,
            "session_elapsed_ms": start,
        })  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def table() -> ReadingTable:
    return table_from_rows(enumerate(rows_with_sessions(), start=2))


def least_squares(table: ReadingTable, y: np.ndarray, x: np.ndarray, rows: np.ndarray) -> Any:
    """Return an ordinary regression with a dummy for each case and each reader and arm."""
    groups = table.reader[rows] * len(table.arms) + table.arm[rows]
    dummies = [np.eye(len(table.cases))[table.case[rows]], np.eye(groups.max() + 1)[groups][:, 1:]]
    return sm.OLS(y, np.column_stack([x, *dummies])).fit(
        cov_type="cluster",
        cov_kwds={"groups": table.case_patient[table.case[rows]], "use_correction": False},
    )


@pytest.mark.parametrize(("statistic", "column", "unit"), EFFECTS)
@pytest.mark.parametrize("outcome", ["aac24", "time"])
def test_effect_equals_least_squares_with_dummies(table, statistic, column, unit, outcome) -> None:
    total = table.outcome("aac24")
    values = np.log(table.active_ms) if outcome == "time" else total.astype(float)
    rows = np.arange(len(table)) if outcome == "time" else np.flatnonzero(total >= 0)
    x = getattr(table, column)[rows] / unit
    oracle = least_squares(table, values[rows], x, rows)
    (mine,) = [r for r in order_results(table) if (r.statistic, r.outcome) == (statistic, outcome)]
    assert mine.estimate.value == pytest.approx(oracle.params[0], abs=1e-9)
    assert mine.estimate.se == pytest.approx(oracle.bse[0], abs=1e-9)
    assert mine.estimate.n == len(rows)


def test_fatigue_of_the_simulated_readers_is_found(table) -> None:
    effects = {(r.statistic, r.outcome): r.estimate for r in order_results(table)}
    position = effects["session_position_effect", "time"]
    assert position.ci[1] < 0
    # The simulated effect: -0.03 per position.
    assert position.value == pytest.approx(-0.3, abs=2.6 * position.se)
    low, high = effects["session_position_effect", "aac24"].ci
    assert low < 0 < high


def test_readings_without_a_session_are_left_out(table) -> None:
    rows = rows_with_sessions()
    for row in rows:
        if row["reader"] == "R1":
            row |= {"position_in_session": "", "session_elapsed_ms": ""}
    partly = table_from_rows(enumerate(rows, start=2))
    effects = {(r.statistic, r.outcome): r.estimate for r in order_results(partly)}
    whole = {(r.statistic, r.outcome): r.estimate for r in order_results(table)}
    for statistic in ("session_position_effect", "session_time_effect"):
        assert effects[statistic, "time"].n == 160
    assert effects["position_effect", "time"] == whole["position_effect", "time"]


def test_file_without_the_columns_loads_and_has_no_effects_of_sessions() -> None:
    table = parse_csv(crossover(readers=2, cases=10))
    assert "position_in_session" not in HEADER
    assert (table.session_position == -1).all()
    assert np.isnan(table.session_elapsed_ms).all()
    assert not [r for r in order_results(table) if r.statistic.startswith("session")]


def test_parts_of_a_table_keep_their_sessions(table) -> None:
    part = select_subset(table, Subset(readers=("R2", "R3")))
    mine = np.flatnonzero(table.reader > 0)
    np.testing.assert_array_equal(part.session_position, table.session_position[mine])
    np.testing.assert_array_equal(part.session_elapsed_ms, table.session_elapsed_ms[mine])


def test_effect_that_cannot_be_separated_from_the_readers_is_not_estimable() -> None:
    rows = rows_with_sessions(cases=12)
    for row in rows:
        # Each reader and arm at one position of every session.
        row["position_in_session"] = 1 + int(row["reader"][1:]) + (row["arm"] == "guided")
    table = table_from_rows(enumerate(rows, start=2))
    effects = {(r.statistic, r.outcome): r.estimate for r in order_results(table)}
    estimate = effects["session_position_effect", "aac24"]
    assert estimate.value is None
    assert "confounded" in estimate.note
