"""The headline uses the interval that the design fixed, and names it with the reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.ratings import Ratings
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from studies.formats.numbers import decimal
from studies.reports.document.bootstrap.intervals import bootstrap_intervals
from studies.reports.document.document import make_document
from studies.reports.document.finding.headline import Headline, headline
from studies.reports.document.html import html_of
from studies.reports.document.main_finding import Verdict
from studies.reports.document.pdf import pdf_of
from studies.reports.files.statistics import parse_scope, statistics_pieces
from tests.pdf_text import text_of
from tests.reports.document.test_contrasts import parallel
from tests.reports.study import FACTS, study, tidy_rows

METHODS = ("expanded", "percentile", "bca", "delta")


def headline_of(method: str, **options) -> Headline:
    _, summary, table, results = study(**options)
    summary = replace(summary, primary_interval=method)
    return headline(summary, table, results, outcome="cells", weights="linear")


def linear_kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Return Cohen's weighted kappa as one minus observed over expected disagreement."""
    expected = np.abs(first[:, None] - second[None, :]).mean()
    return 1 - np.abs(first - second).mean() / expected


def mean_difference_replicates(table, resamples: int, seed: int) -> np.ndarray:
    """Return replicates from resampled rows, pair by pair, without sums by patient."""
    patients = len(table.patients)
    weights = Bootstrap.draw(patients, replicates=resamples, seed=seed).weights.astype(int)
    ratings = {arm: Ratings(table, "cells", arm) for arm in ("guided", "unguided")}
    replicates = []
    for drawn in weights:
        means = []
        for of_arm in ratings.values():
            kappas = []
            for readers in (("R1", "R2"), ("R1", "R3"), ("R2", "R3")):
                pair = of_arm.pair(readers)
                repeats = drawn[pair.patient]
                first, second = np.repeat(pair.first, repeats), np.repeat(pair.second, repeats)
                kappas.append(linear_kappa(first, second))
            means.append(np.mean(kappas))
        replicates.append(means[0] - means[1])
    return np.array(replicates)


def test_expanded_interval_of_the_headline_agrees_with_resampled_readings() -> None:
    _, summary, table, results = study(cases=24)
    from_rows = mean_difference_replicates(table, 300, summary.seed)
    scale = np.sqrt(24 / 23) * stats.t.ppf(0.975, 23)
    expected = np.quantile(from_rows, [stats.norm.cdf(-scale), stats.norm.cdf(scale)])
    mean = bootstrap_intervals(
        table, results, outcome="cells", weights="linear", seed=summary.seed, resamples=300
    )[0]
    assert mean.expanded == pytest.approx(tuple(expected), abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_sentence_prints_the_primary_interval_and_the_note_names_it(method: str) -> None:
    answer = headline_of(method, cases=30)
    assert answer.interval is not None and answer.interval.ci is not None
    low, high = map(decimal, answer.interval.ci)
    assert f"95 % CI {low} to {high}" in answer.finding.sentence
    text = answer.interval_text
    assert "before any score was seen" in text
    if method == "delta":
        assert text.startswith("95 % CI: delta method.")
        assert (
            "By the expanded percentile bootstrap over patients (2,000 resamples, seed 7)" in text
        )
    else:
        assert "over patients (2,000 resamples, seed 7)" in text
        assert "By the delta method: 0." in text


def test_methods_give_different_limits() -> None:
    limits = {headline_of(method, cases=30).interval.ci for method in METHODS}
    assert len(limits) == len(METHODS)


def test_verdict_follows_the_primary_interval() -> None:
    """A difference whose narrow interval excludes 0 is not shown by a wider one that does not."""
    for seed in range(60):
        rows = tidy_rows(cases=20, errors={"unguided": 0.36, "guided": 0.3}, seed=seed)
        table = table_from_rows(enumerate(rows, start=2))
        results = agreement(table, outcomes=["cells"], weights=["linear"])
        answers = {
            method: headline(
                replace(FACTS, primary_interval=method),
                table,
                results,
                outcome="cells",
                weights="linear",
            )
            for method in ("delta", "expanded")
        }
        verdicts = {method: answer.finding.verdict for method, answer in answers.items()}
        for answer in answers.values():
            low, high = answer.interval.ci
            assert (answer.finding.verdict == Verdict.NOT_SHOWN) == (low <= 0 <= high)
        if verdicts["delta"] != verdicts["expanded"]:
            return
    pytest.fail("no data set told the methods apart")


def test_single_arm_and_groups_of_readers_have_the_primary_interval() -> None:
    alone = headline_of("expanded", errors={"guided": 0.3})
    assert alone.finding.verdict == Verdict.ONE_ARM
    assert alone.interval.ci is not None
    table, results = parallel(cases=40)
    groups = headline(
        replace(FACTS, primary_interval="expanded"),
        table, results, outcome="cells", weights="linear",
    )  # fmt: skip
    assert "two groups" in groups.finding.sentence
    assert groups.interval.ci is not None and groups.interval.ci != groups.interval.other_ci


def test_study_without_a_result_has_no_interval() -> None:
    answer = headline_of("expanded", readers=1)
    assert (answer.interval, answer.interval_text) == (None, "")
    assert answer.record()["interval"] is None


def test_patients_of_each_kappa_are_stated_where_they_differ() -> None:
    rows = [
        row
        for row in tidy_rows(cases=30)
        if not (row["arm"] == "guided" and row["case"] in ("C001", "C002"))
    ]
    table = table_from_rows(enumerate(rows, start=2))
    answer = headline(
        replace(FACTS, primary_interval="expanded"),
        table, agreement(table), outcome="cells", weights="linear",
    )  # fmt: skip
    assert "28 cases in both arms (30 unguided, 28 guided)" in answer.finding.sentence


def test_report_and_statistics_state_the_same_headline() -> None:
    _, summary, table, results = study(cases=24)
    summary = replace(summary, primary_interval="expanded")
    answer = headline(summary, table, results, outcome="cells", weights="linear")
    document = make_document(summary, table, results)
    text = answer.interval_text.split(" By the")[0]
    pdf = text_of(pdf_of(document)).replace("\u00a0", " ")
    assert text in " ".join(pdf.split())
    assert text in html_of(document).decode().replace("\u00a0", " ")
    pieces = statistics_pieces(summary, table, results, parse_scope("", table, results))
    low, high = answer.interval.ci
    assert f'"ci": [{low}, {high}], "resamples": 2000, "seed": 7' in next(iter(pieces)).decode()
