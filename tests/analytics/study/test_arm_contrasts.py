"""Differences between arms: of the ICC, and of the kappas of all pairs at once (Hotelling)."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from studies.analytics import icc
from studies.analytics.io.tidy_csv import parse_csv, table_from_rows
from studies.analytics.ratings import Ratings
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from studies.analytics.study.icc_differences import fit_icc
from tests.analytics.rows import simulated_rows


@pytest.fixture(scope="module")
def table():
    return table_from_rows(enumerate(simulated_rows(), start=2))


@pytest.fixture(scope="module")
def analysis(table):
    return agreement(table, detail=True)


def one(analysis, statistic, **fields):
    (result,) = analysis.find(statistic, **fields)
    return result


def test_influence_on_icc_is_its_derivative_with_respect_to_a_patients_weight(table) -> None:
    ratings = Ratings(table, "aac24", "guided")
    totals = ratings.as_numbers(table.readers)
    for form in ("A,1", "C,1"):
        fit = fit_icc(totals, ratings.patient, ratings.patients, form)
        assert fit.value == pytest.approx(icc(totals, form=form).value, abs=1e-12)
        many = np.repeat(totals, 500, axis=0)
        base = icc(many, form=form).value
        single = fit_icc(many, np.repeat(ratings.patient, 500), ratings.patients, form)
        for case in (0, 5, 17):
            if np.isnan(totals[case]).any():
                continue
            more = icc(np.vstack([many, totals[case : case + 1]]), form=form).value
            change = (more - base) * 500
            assert change == pytest.approx(single.influence[ratings.patient[case]], abs=1e-4)


def test_bootstrap_of_the_icc_difference_is_that_of_copied_patients(table) -> None:
    bootstrap = Bootstrap.draw(len(table.patients), replicates=40, seed=2)
    analysis = agreement(
        table, weights=["none"], outcomes=["aac24"], bootstrap=bootstrap, detail=True
    )
    readers = table.readers[:2]
    (up, down) = (
        Ratings(table, "aac24", arm).as_numbers(readers) for arm in ("guided", "unguided")
    )
    for form in ("A,1", "C,1"):
        (mine,) = [
            result
            for result in analysis.find("icc_difference", readers=readers)
            if result.more["form"] == form
        ]
        draws = []
        for drawn in bootstrap.weights:
            again = np.repeat(np.arange(len(up)), drawn[table.case_patient].astype(int))
            draws.append(icc(up[again], form=form).value - icc(down[again], form=form).value)
        expected = np.percentile(draws, [2.5, 97.5])
        assert mine.more["ci_bootstrap"] == pytest.approx(expected, abs=1e-9)
        keep = np.arange(len(up)) != 3
        fit = fit_icc(up, table.case_patient, len(table.patients), form)
        left_out = icc(up[keep], form=form).value
        assert fit.leave_one_out()[table.case_patient[3]] == pytest.approx(left_out, abs=1e-12)
        assert mine.more["ci_bca"][0] < mine.estimate.value < mine.more["ci_bca"][1]


def test_hotelling_is_the_quadratic_form_of_the_differences(analysis, table) -> None:
    result = one(analysis, "hotelling_t2", outcome="cells", weights="linear")
    pairs = list(combinations(table.readers, 2))
    assert result.more["pairs"] == 3
    where = {"outcome": "cells", "weights": "linear"}
    differences = [one(analysis, "kappa_difference", **where, readers=pair) for pair in pairs]
    largest = max((one.estimate.value / one.estimate.se) ** 2 for one in differences)
    assert result.estimate.value >= largest - 1e-9
    assert 0 <= result.more["p"] <= 1


def test_hotelling_without_full_rank_gives_a_reason() -> None:
    rows = [
        f"{reader},{case},{arm},L1,anterior,{(case + len(arm) * (case % 5 == 0)) % 4}"
        for reader in "ABC"
        for case in range(12)
        for arm in ("guided", "unguided")
    ]
    text = "reader,case,arm,level,wall,score\n" + "\n".join(rows)
    analysis = agreement(parse_csv(text), detail=True, outcomes=["L1_anterior"])
    for result in analysis.find("hotelling_t2"):
        assert result.estimate.value is None
        assert "full rank" in result.estimate.note


def test_identical_readers_give_a_singular_covariance() -> None:
    """A and C give the same scores, so the pairs A-B and B-C differ by the same between arms."""
    rng = np.random.default_rng(9)
    lines = ["reader,case,arm,level,wall,score"]
    for arm in ("guided", "unguided"):
        for case in range(40):
            scores = rng.integers(0, 4, 2)
            for reader, score in zip("ABC", (*scores, scores[0]), strict=True):
                lines.append(f"{reader},{case},{arm},L1,anterior,{score}")
            lines.append(f"D,{case},{arm},L1,anterior,{rng.integers(0, 4)}")
    analysis = agreement(parse_csv("\n".join(lines)), detail=True, outcomes=["L1_anterior"])
    tests = list(analysis.find("hotelling_t2"))
    assert len(tests) == 3
    for result in tests:
        assert result.estimate.value is None
        assert "full rank" in result.estimate.note
