"""Ranking of cases by disagreement, against a plain computation and the observed one of kappa."""

from __future__ import annotations

import csv
import io
from itertools import combinations

import pytest

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.ratings import reader_pairs
from studies.analytics.scale import CELLS
from studies.analytics.study.disagreements.ranking import rank_disagreements, shift_hints
from tests.analytics.rows import crossover

CATEGORIES = {"cells": 4, "aac24": 25, "L2": 7, "L1_anterior": 4, "aac_group": 3, "readable": 2}
HEADER = "reader,case,patient,level,wall,score,validity"


def plain_values(text: str, outcome: str, arm: str) -> dict[tuple[str, str], list[int | None]]:
    """Return the items of each reader and case, computed from the rows without the package."""
    cells: dict[tuple[str, str], dict[str, int | None]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        if row["arm"] == arm:
            score = int(row["score"]) if row["score"] else None
            key = (row["reader"], row["case"])
            cells.setdefault(key, {})[f"{row['level']}_{row['wall']}"] = score
    values = {}
    for key, of_case in cells.items():
        if outcome == "cells":
            values[key] = [of_case[cell] for cell in CELLS]
        elif outcome == "readable":
            values[key] = [int(of_case[cell] is not None) for cell in CELLS]
        else:
            prefix = "" if outcome in ("aac24", "aac_group") else outcome
            parts = [score for cell, score in of_case.items() if cell.startswith(prefix)]
            total = None if None in parts else sum(parts)
            if outcome == "aac_group" and total is not None:
                total = (total >= 2) + (total >= 6)
            values[key] = [total]
    return values


def plain_ranking(text: str, outcome: str, arm: str, weights: str) -> list[tuple[str, float, int]]:
    values = plain_values(text, outcome, arm)
    readers = sorted({reader for reader, _ in values})
    ranking = []
    for case in {case for _, case in values}:
        weighted, largest = [], 0
        for first, second in combinations(readers, 2):
            both = zip(values[first, case], values[second, case], strict=True)
            for one, other in both:
                if one is None or other is None:
                    continue
                largest = max(largest, abs(one - other))
                share = abs(one - other) / (CATEGORIES[outcome] - 1)
                by_scheme = {"none": float(one != other), "linear": share, "quadratic": share**2}
                weighted.append(by_scheme[weights])
        if weighted:
            ranking.append((case, sum(weighted) / len(weighted), largest))
    return sorted(ranking, key=lambda row: (-round(row[1], 9), row[0]))


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
@pytest.mark.parametrize("outcome", CATEGORIES)
def test_ranking_equals_a_plain_computation(outcome, weights):
    text = crossover(readers=4, cases=25, unreadable=0.05)
    table = parse_csv(text)
    pairs = reader_pairs(table, "guided")
    ranked = rank_disagreements(table, outcome, "guided", weights, pairs)
    expected = plain_ranking(text, outcome, "guided", weights)
    assert expected
    assert [row.case for row in ranked] == [case for case, _, _ in expected]
    by_case = {row.case: row for row in ranked}
    for case, disagreement, largest in expected:
        assert by_case[case].disagreement == pytest.approx(disagreement)
        assert by_case[case].largest == largest


def test_name_decides_between_equal_disagreements():
    # Six differences of one category and two of three are equally large; in floating point, six
    # times a third is not two.
    def grades(*large: int) -> list[int | None]:
        return [*large, *[0] * (len(CELLS) - len(large))]

    lines = [HEADER]
    for case, second in (("C1", grades(*[1] * 6)), ("C2", grades(3, 3)), ("C3", grades(2, 2, 2))):
        for reader, given in (("R1", grades()), ("R2", second)):
            lines += [
                f"{reader},{case},P{case},{cell.split('_')[0]},{cell.split('_')[1]},{grade},0"
                for cell, grade in zip(CELLS, given, strict=True)
            ]
    table = parse_csv("\n".join(lines) + "\n")
    ranked = rank_disagreements(table, "cells", None, "linear", [("R1", "R2")])
    assert [row.case for row in ranked] == ["C1", "C2", "C3"]
    assert len({row.disagreement for row in ranked}) == 1


def test_mean_over_items_is_the_observed_disagreement_of_kappa():
    table = parse_csv(crossover(readers=2, cases=40, unreadable=0.1))
    ranked = rank_disagreements(table, "cells", "unguided", "linear", [("R1", "R2")])
    items = sum(row.items for row in ranked)
    observed = sum(row.disagreement * row.items for row in ranked) / items
    ratings = table.ratings("cells", "unguided")
    both = (ratings >= 0).all(axis=0)
    assert items == both.sum()
    assert observed == pytest.approx((abs(ratings[0] - ratings[1])[both] / 3).mean())


def test_cell_of_the_confusion_matrix_selects_the_cases_behind_it():
    text = crossover(readers=2, cases=30)
    table, values = parse_csv(text), plain_values(text, "cells", "guided")
    for categories in ((0, 1), (1, 0), (2, 2)):
        ranked = rank_disagreements(table, "cells", "guided", "linear", [("R1", "R2")], categories)
        expected = {
            case
            for _, case in values
            if categories in zip(values["R1", case], values["R2", case], strict=True)
        }
        assert {row.case for row in ranked} == expected


def rows_of(*readers: list[int | None]) -> str:
    lines = [HEADER]
    for number, grades in enumerate(readers, start=1):
        for cell, grade in zip(CELLS, grades, strict=True):
            validity = 0 if grade is not None else 3
            score = "" if grade is None else grade
            lines.append(f"R{number},C1,P1,{cell.replace('_', ',')},{score},{validity}")
    return "\n".join(lines) + "\n"


def test_case_without_a_common_rating_is_left_out():
    table = parse_csv(rows_of([1, None] * 4, [None, 1] * 4))
    assert rank_disagreements(table, "cells", None, "linear", [("R1", "R2")]) == []
    assert len(rank_disagreements(table, "readable", None, "linear", [("R1", "R2")])) == 1


@pytest.mark.parametrize("by", [-1, 1])
def test_levels_shifted_by_one_give_a_hint_with_the_direction(by):
    first = [0, 0, 2, 3, 3, 1, 0, 0]
    second = first[-2:] + first[:-2] if by > 0 else first[2:] + first[:2]
    table = parse_csv(rows_of(first, second))
    (hint,) = shift_hints(table, None, [("R1", "R2")], ["C1"])
    assert (hint.case, hint.readers, hint.by) == ("C1", ("R1", "R2"), by)


def test_errors_of_grading_give_no_hint():
    table = parse_csv(rows_of([0, 0, 2, 3, 3, 1, 0, 0], [1, 1, 3, 2, 2, 2, 1, 1]))
    assert shift_hints(table, None, [("R1", "R2")], ["C1"]) == []
