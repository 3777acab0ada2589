"""Order effects and reading sessions in the report."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from studies.analytics.estimate import Estimate
from studies.analytics.io.tidy_csv import parse_csv, table_from_rows
from studies.analytics.results import Agreement, Result
from studies.analytics.study.agreement import agreement
from studies.reports.document.methods.paragraphs import methods
from studies.reports.document.order_effects import order_and_time, session_table
from studies.reports.document.summary.conduct import ReaderSessions
from tests.analytics.rows import crossover
from tests.analytics.study.test_order_effects import rows_with_sessions
from tests.reports.study import FACTS, study


@pytest.fixture(scope="module")
def analysis() -> Agreement:
    table = table_from_rows(enumerate(rows_with_sessions(), start=2))
    return agreement(table, outcomes=["aac24"], detail=True)


def test_effects_of_sessions_on_totals_and_times_are_sentences(analysis) -> None:
    text = " ".join(order_and_time(analysis))
    number = r"-?−?\d+\.\d\d"
    on_total = (
        "Effect of the position in the reading session on the AAC-24 total, per ten positions: "
        rf"{number} \(95 % CI {number} to {number}\) points"
    )
    on_time = (
        "Effect of the time since the start of the reading session on active reading time, per "
        rf"hour: ratio {number} \(95 % CI {number} to {number}\)"
    )
    assert re.search(on_total, text)
    assert re.search(on_time, text)


def test_effect_on_time_is_a_ratio() -> None:
    estimate = Estimate(-0.1053605, 0.01, (-0.2231436, 0.0), 80, "")
    result = Result("session_position_effect", None, "time", None, ("R1",), estimate)
    (sentence,) = order_and_time(Agreement([result], (None,), None, {None: ()}))
    assert "ratio 0.90 (95 % CI 0.80 to 1.00)" in sentence


def test_ratio_extrapolated_beyond_all_numbers_is_no_error() -> None:
    estimate = Estimate(-900.0, 5e4, (-98_900.0, 97_100.0), 8, "")
    result = Result("session_time_effect", None, "time", None, ("R1",), estimate)
    (sentence,) = order_and_time(Agreement([result], (None,), None, {None: ()}))
    assert "ratio under 0.01 (95 % CI under 0.01 to over 100)" in sentence


def test_study_without_sessions_does_not_mention_them() -> None:
    _, summary, table, results = study(cases=6)
    text = " ".join(order_and_time(agreement(table, outcomes=["aac24"], detail=True)))
    text += " ".join(paragraph for _, paragraph in methods(summary, table, results))
    assert "session" not in text
    assert session_table(summary) is None


def test_methods_describe_sessions_and_fatigue_where_they_are_known() -> None:
    table = table_from_rows(enumerate(rows_with_sessions(cases=12), start=2))
    time = dict(methods(FACTS, table, agreement(table)))["Reading time"]
    assert "as measures of fatigue, of position in the reading session" in time
    assert "session in which it was submitted" in time
    without = parse_csv(crossover(readers=2, cases=6))
    assert "session" not in dict(methods(FACTS, without, agreement(without)))["Reading time"]


def test_table_lists_number_and_length_of_the_sessions_of_each_reader() -> None:
    sessions = (ReaderSessions("R1", 4, 45.5, 210.0, 30), ReaderSessions("R2", 1, 20.0, 20.0, 8))
    table = session_table(replace(FACTS, sessions=sessions))
    assert table is not None
    assert table.rows == (
        ("R1", "4", "45:30", "210:00", "7.5"),
        ("R2", "1", "20:00", "20:00", "8.0"),
    )
