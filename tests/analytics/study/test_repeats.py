"""Hidden repeats: intrareader agreement, pooled over readers; and nothing else changes."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from studies.analytics import icc
from studies.analytics.coefficients.kappa import fit_kappa
from studies.analytics.io.tidy_csv import table_from_rows
from studies.analytics.ratings import Ratings
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from studies.analytics.study.icc_differences import fit_icc
from studies.analytics.study.reference import with_reference
from studies.analytics.study.subgroups import agreement_by_subgroup
from studies.analytics.table import ReadingTable
from tests.analytics.resampling.test_patient_bootstrap import copied
from tests.analytics.rows import crossover, simulated_rows

REPLICATES = 50
BOTH = (1, 2)


@pytest.fixture(scope="module")
def table() -> ReadingTable:
    return table_from_rows(enumerate(simulated_rows(), start=2))


@pytest.fixture(scope="module")
def bootstrap(table) -> Bootstrap:
    return Bootstrap.draw(len(table.patients), replicates=REPLICATES, seed=4)


@pytest.fixture(scope="module")
def analysis(table, bootstrap):
    return agreement(
        table, weights=["linear"], outcomes=["aac24"], bootstrap=bootstrap, detail=True
    )


def one(analysis, statistic, **fields):
    (result,) = analysis.find(statistic, replicate=BOTH, outcome="aac24", **fields)
    return result


def repeated(table, arm: str) -> tuple[np.ndarray, np.ndarray]:
    """Return first and repeated AAC-24 totals (readers, cases), NaN where missing."""
    first = Ratings(table, "aac24", arm).as_numbers(table.readers).T
    again = table.ratings_of(table.repeat_readings(arm), "aac24").astype(float)
    again[again < 0] = np.nan
    return first, again


@pytest.mark.parametrize("arm", ["guided", "unguided"])
def test_mean_kappa_of_repeats_has_the_interval_of_copied_patients(
    table, analysis, bootstrap, arm
) -> None:
    ratings, again = Ratings(table, "aac24", arm), table.ratings_of(
        table.repeat_readings(arm), "aac24"
    )  # fmt: skip
    pairs = [ratings.pair_of(*rows) for rows in zip(ratings.values, again, strict=True)]
    means = [
        np.mean([fit_kappa(copied(pair, drawn), "linear").value for pair in pairs])
        for drawn in bootstrap.weights
    ]
    result = one(analysis, "mean_intra_kappa", arm=arm)
    assert result.readers == table.readers
    assert result.more["ci_bootstrap"] == pytest.approx(np.percentile(means, [2.5, 97.5]))
    assert result.more["bootstrap_replicates"] == REPLICATES
    expected = np.mean([fit_kappa(pair, "linear").value for pair in pairs])
    assert result.estimate.value == pytest.approx(expected)


@pytest.mark.parametrize("form", ["A,1", "C,1"])
def test_mean_icc_of_repeats_is_that_of_the_readers(table, analysis, bootstrap, form) -> None:
    first, again = repeated(table, "guided")
    totals = [np.column_stack(both) for both in zip(first, again, strict=True)]
    (result,) = [
        result
        for result in analysis.find("mean_intra_icc", replicate=BOTH, arm="guided")
        if result.more["form"] == form
    ]
    expected = np.mean([icc(both, form=form).value for both in totals])
    assert result.estimate.value == pytest.approx(expected)
    means = []
    for drawn in bootstrap.weights:
        copies = np.repeat(np.arange(len(first[0])), drawn[table.case_patient].astype(int))
        means.append(np.mean([icc(both[copies], form=form).value for both in totals]))
    assert result.more["ci_bootstrap"] == pytest.approx(np.percentile(means, [2.5, 97.5]))
    fits = [fit_icc(both, table.case_patient, len(table.patients), form) for both in totals]
    step = 1e-5 * np.eye(len(table.patients))
    changes = [(fit.of(1 + step) - fit.of(1 - step)) / 2e-5 for fit in fits]
    expected = np.sqrt(np.square(np.mean(changes, axis=0)).sum())
    assert result.estimate.se == pytest.approx(expected, rel=1e-5)


def test_pooled_limits_have_the_interval_of_copied_patients(table, analysis, bootstrap) -> None:
    first, again = repeated(table, "guided")
    biases = []
    for drawn in bootstrap.weights:
        copies = np.repeat(np.arange(len(first[0])), drawn[table.case_patient].astype(int))
        biases.append(np.nanmean((first - again)[:, copies]))
    result = one(analysis, "bland_altman_bias_of_repeats", arm="guided")
    assert result.estimate.value == pytest.approx(np.nanmean(first - again))
    assert result.estimate.n == np.isfinite(first - again).sum()
    assert result.more["ci_bootstrap"] == pytest.approx(np.percentile(biases, [2.5, 97.5]))
    lower, upper = (
        one(analysis, f"bland_altman_{end}_of_repeats", arm="guided").estimate
        for end in ("lower", "upper")
    )
    assert lower.value < result.estimate.value < upper.value


def test_every_reader_and_arm_has_its_own_agreement(table, analysis) -> None:
    for arm in table.arms:
        for reader in table.readers:
            for statistic in ("cohen_kappa", "icc_a_1", "icc_c_1", "bland_altman_bias"):
                assert one(analysis, statistic, arm=arm, readers=(reader,)).estimate.n > 5


def test_study_without_repeats_has_no_intrareader_agreement() -> None:
    rows = csv.DictReader(io.StringIO(crossover(readers=2, cases=6)))
    analysis = agreement(table_from_rows(enumerate(rows, start=2)), detail=True)
    assert not list(analysis.find("mean_intra_icc", replicate=BOTH))


@pytest.mark.parametrize("seed", range(3))
def test_repeats_change_nothing_but_the_intrareader_agreement(table, seed: int) -> None:
    """Random scores and times in replicates 2 and 3 of some readings of every reader."""
    rng = np.random.default_rng(seed)
    first = table.where(table.replicate == 1)
    grades = {case: rng.integers(0, 4, 8).tolist() for case in table.cases}
    again = rng.choice(len(first), 80, replace=False)
    rows = np.concatenate([np.arange(len(first)), again, again[:30]])
    more = first.rows(rows)
    added = np.arange(len(rows)) >= len(first)
    replicate = np.where(added, 2, 1)
    replicate[-30:] = 3
    scores = np.where(added[:, None], rng.integers(0, 4, more.scores.shape), more.scores)
    times = np.where(added, rng.integers(1, 10**6, len(rows)), more.active_ms)
    more = replace(
        more, replicate=replicate, scores=scores, active_ms=times.astype(float),
        validity=np.where(added[:, None], 0, more.validity), _first={},
    )  # fmt: skip
    options = {
        "weights": ["linear"],
        "outcomes": ["cells", "aac24"],
        "bootstrap": Bootstrap.draw(len(table.patients), replicates=30, seed=seed),
        "detail": True,
    }
    documents = []
    for readings in (first, more):
        whole = with_reference(readings, grades)
        parts = [agreement(whole, **options), *agreement_by_subgroup(whole, "site", **options)]
        records = [record for part in parts for record in part.records()]
        documents.append([record for record in records if record["replicate"] == 1])
        assert any(record["replicate"] != 1 for record in records) == (readings is more)
    assert documents[0] == documents[1]
