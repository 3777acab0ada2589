"""The table that compares each reader with the consensus of the others."""

from __future__ import annotations

import numpy as np

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.ratings import Ratings
from studies.analytics.study.agreement import agreement
from studies.reports.document.tables.reference_tables import consensus_table
from tests.analytics.rows import crossover


def table_of(readers: int):
    table = parse_csv(crossover(readers=readers, cases=40))
    results = agreement(table)
    return table, consensus_table(table, results, outcome="aac_group", weights="linear")


def test_median_and_majority_are_shown_for_each_reader_with_their_numbers_of_cases():
    table, shown = table_of(4)
    assert shown.header[:3] == ("Reader", "Consensus", "Cases")
    assert [row[:2] for row in shown.rows] == [
        (reader, rule) for reader in table.readers for rule in ("median", "majority")
    ]
    # Three others agree by more than half unless all of their scores differ.
    scores = Ratings(table, "aac_group", "unguided").category_numbers(table.readers).T
    others = scores[1:]
    decided = [len(set(column)) < 3 and -1 not in column for column in others.T]
    partly = (np.sort(others, axis=0)[0] == -1) & ((others >= 0).sum(axis=0) == 2)
    decided |= partly & [len({s for s in column if s >= 0}) == 1 for column in others.T]
    number = int((np.array(decided) & (scores[0] >= 0)).sum())
    assert shown.rows[1][2].split(" / ")[0] == str(number)
    assert "does not enter the consensus" in shown.caption


def test_two_readers_have_no_consensus_table():
    assert table_of(2)[1] is None


def test_table_is_left_out_if_no_case_has_three_readers():
    lines = crossover(readers=3, cases=9).splitlines()
    # Each reader lacks every third case.
    read = [line for line in lines[1:] if int(line[1]) % 3 != int(line.split(",")[1][1:]) % 3]
    table = parse_csv("\n".join([lines[0], *read]))
    assert consensus_table(table, agreement(table), outcome="cells", weights="linear") is None


def test_report_and_page_state_how_ties_are_treated():
    _, shown = table_of(3)
    assert "cases without one, such as ties, are left out" in shown.caption
    assert all("%" in row[-1] for row in shown.rows)
