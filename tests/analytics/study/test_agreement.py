from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import combinations

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from studies.analytics.coefficients.kappa import ONE_SCORE_NOTE, WEIGHTS
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.outcomes import OUTCOMES, category_labels
from studies.analytics.ratings import pair_of
from studies.analytics.scale import CELLS
from studies.analytics.study.agreement import agreement
from tests.analytics.rows import crossover


@pytest.fixture(scope="module")
def table():
    return parse_csv(crossover(readers=4, cases=40))


@pytest.fixture(scope="module")
def analysis(table):
    return agreement(table)


def test_importing_analytics_needs_neither_django_nor_torch() -> None:
    code = (
        "import sys, studies.analytics.study.agreement, studies.analytics.io.tidy_csv\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "sys.exit(str(loaded & {'django', 'torch', 'pandas', 'sklearn', 'statsmodels'}) "
        "if loaded & {'django', 'torch', 'pandas', 'sklearn', 'statsmodels'} else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_pair_arm_outcome_and_weight_has_a_record(analysis, table) -> None:
    expected = {
        (weights, outcome, arm, pair)
        for weights in WEIGHTS
        for outcome in OUTCOMES
        for arm in ("unguided", "guided")
        for pair in combinations(table.readers, 2)
    }
    assert {
        (result.weights, result.outcome, result.arm, result.readers)
        for result in analysis.find("cohen_kappa")
    } == expected


@pytest.mark.parametrize("outcome", [*CELLS, "L2", "anterior", "aac24", "aac_group"])
def test_kappas_of_single_items_equal_statsmodels(analysis, table, outcome: str) -> None:
    for arm in table.arms:
        for readers in combinations(table.readers, 2):
            size = len(category_labels(outcome))
            counts = np.zeros((size, size))
            scores = table.ratings(outcome, arm)
            for a, b in zip(*(scores[table.readers.index(name)] for name in readers), strict=True):
                if a >= 0 and b >= 0:
                    counts[a, b] += 1
            for weights in WEIGHTS:
                oracle = cohens_kappa(counts, wt=None if weights == "none" else weights)
                mine = analysis.get(
                    "cohen_kappa", outcome=outcome, arm=arm, weights=weights, readers=readers
                ).estimate
                assert mine.value == pytest.approx(oracle.kappa, abs=1e-9)
                assert mine.se == pytest.approx(oracle.std_kappa, abs=1e-9)
                assert mine.n == counts.sum()


def test_pooled_cells_are_clustered_and_described_as_such(analysis) -> None:
    pooled = next(analysis.find("cohen_kappa", outcome="cells", weights="linear", arm="guided"))
    record = pooled.record()
    assert record["se"] == record["se_clustered"] != record["se_items"]
    assert "clustered by patient" in record["method"]
    assert record["n"] > 300 and record["patients"] == 40


def test_patient_with_two_cases_is_one_cluster() -> None:
    rows = ["reader,case,patient,level,wall,score"]
    rng = np.random.default_rng(1)
    for case in range(20):
        score = int(rng.integers(0, 4))
        for reader in "AB":
            seen = int(np.clip(score + rng.integers(-1, 2), 0, 3))
            rows.append(f"{reader},{case},{case // 2},L1,anterior,{seen}")
    analysis = agreement(parse_csv("\n".join(rows)), weights=["linear"], outcomes=["L1_anterior"])
    record = next(analysis.find("cohen_kappa")).record()
    assert record["se"] != pytest.approx(record["se_items"])
    assert (record["n"], record["patients"], record["arm"]) == (20, 10, None)


def test_differences_are_guided_minus_unguided(analysis, table) -> None:
    readers = table.readers[:2]
    where = {"outcome": "cells", "weights": "linear", "readers": readers}
    guided = analysis.get("cohen_kappa", arm="guided", **where).estimate.value
    unguided = analysis.get("cohen_kappa", arm="unguided", **where).estimate.value
    difference = analysis.get("kappa_difference", arm="guided-unguided", **where)
    assert difference.estimate.value == pytest.approx(guided - unguided)
    assert difference.record()["arms"] == ["guided", "unguided"]
    mean = analysis.get(
        "mean_kappa_difference",
        outcome="cells",
        weights="linear",
        arm="guided-unguided",
        readers=table.readers,
    ).estimate
    assert mean.value == pytest.approx(
        np.mean(
            [
                result.estimate.value
                for result in analysis.find("kappa_difference", outcome="cells", weights="linear")
            ]
        )
    )
    assert mean.ci[0] > 0


def test_bland_altman_is_first_minus_second_reader(analysis, table) -> None:
    bias = analysis.get(
        "bland_altman_bias", outcome="aac24", arm="guided", readers=table.readers[:2]
    ).estimate
    pair = pair_of(table, "aac24", "guided", table.readers[:2])
    assert bias.value == pytest.approx((pair.first - pair.second).mean())


def test_records_are_json_without_nan(analysis) -> None:
    text = json.dumps(analysis.records(), allow_nan=False)
    assert json.loads(text)[0]["readers"] == sorted(json.loads(text)[0]["readers"])
    for record in json.loads(text):
        if record["value"] is None:
            assert record["note"], record


def test_readers_are_sorted_as_text() -> None:
    text = "reader,case,level,wall,score\n" + "\n".join(
        f"{reader},{case},L1,anterior,{case % 3}" for reader in (10, 9) for case in range(4)
    )
    analysis = agreement(parse_csv(text), weights=["none"], outcomes=["L1_anterior"])
    assert next(analysis.find("cohen_kappa")).readers == ("10", "9")


def test_degenerate_files_give_undefined_results() -> None:
    header = "reader,case,arm,level,wall,score\n"
    alone = agreement(parse_csv(header + "A,1,guided,L1,anterior,2\n"))
    assert not alone.results
    assert "Fewer than two readers" in alone.warnings[0]
    apart = agreement(parse_csv(header + "A,1,g,L1,anterior,2\nB,2,g,L1,anterior,2\n"))
    for result in apart.results:
        assert result.estimate.value is None
        assert result.estimate.note
    rows = [f"A,{case},g,L1,anterior,1\nB,{case},g,L1,anterior,{case % 3}\n" for case in range(6)]
    constant = agreement(parse_csv(header + "".join(rows)), outcomes=["L1_anterior"])
    for result in constant.find("cohen_kappa"):
        assert (result.estimate.value, result.estimate.ci) == (0.0, None)
        assert result.estimate.note == ONE_SCORE_NOTE


def test_progress_is_reported_after_each_outcome(table) -> None:
    calls = []
    outcomes = ["cells", "L1_anterior", "aac24"]
    agreement(table, outcomes=outcomes, progress=lambda done, whole: calls.append((done, whole)))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_typical_study_is_quick() -> None:
    """6 readers x 300 cases x 2 arms; generous, for slow shared machines."""
    table = parse_csv(crossover(readers=6, cases=300))
    start = time.perf_counter()
    agreement(table)
    assert time.perf_counter() - start < 5
