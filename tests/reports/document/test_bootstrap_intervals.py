from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.bootstrap.intervals import Interval, bootstrap_intervals
from tests.reports.study import study


def test_blocks_give_what_one_draw_gives() -> None:
    _, _, table, results = study(cases=25)
    steps: list[int] = []
    mine = bootstrap_intervals(
        table, results, outcome="cells", weights="linear", seed=7, resamples=500,
        progress=steps.append,
    )  # fmt: skip
    whole = agreement(
        table,
        outcomes=["cells"],
        weights=["linear"],
        bootstrap=Bootstrap.draw(len(table.patients), replicates=500, seed=7),
    )
    assert steps == [200, 200, 100]
    for interval in mine:
        theirs = next(whole.find(interval.statistic, arm=interval.arm, readers=interval.readers))
        assert list(interval.percentile or ()) == theirs.more["ci_bootstrap"], interval
        assert list(interval.bca or ()) == theirs.more["ci_bca"]
        assert list(interval.random_readers or ()) == (
            theirs.more.get("ci_bootstrap_readers") or []
        )
        assert interval.resamples == theirs.more["bootstrap_replicates"]
    assert {interval.statistic for interval in mine} == {
        "mean_kappa_difference", "light_kappa", "kappa_difference", "cohen_kappa",
    }  # fmt: skip
    assert mine[0].statistic == "mean_kappa_difference"
    assert Interval.from_record(mine[0].record()) == mine[0]


def test_kappa_that_is_undefined_has_no_interval() -> None:
    _, _, table, results = study(readers=2, cases=6, unreadable=0.0)
    for interval in bootstrap_intervals(
        table, results, outcome="readable", weights="none", seed=1, resamples=50
    ):
        assert (interval.value, interval.percentile, interval.bca) == (None, None, None)
        assert interval.note


def test_seed_gives_the_intervals_that_version_0_1_0_gave() -> None:
    _, _, table, results = study(cases=25)
    intervals = bootstrap_intervals(
        table, results, outcome="cells", weights="linear", seed=7, resamples=500
    )
    assert intervals[0].percentile == pytest.approx(
        (0.15510712972320814, 0.32152560830094984), abs=1e-12
    )
    assert intervals[0].bca == pytest.approx((0.137682011930726, 0.3137867965285327), abs=1e-12)
    random_readers = (0.1428232384455275, 0.3616723349216979)
    assert intervals[0].random_readers == pytest.approx(random_readers, abs=1e-12)


def test_memory_of_the_bootstrap_does_not_grow_with_pairs_times_patients() -> None:
    table = sparse_table(readers=30, cases=4000)
    results = agreement(table, outcomes=["cells"], weights=["linear"])
    assert len(results.pairs["guided"]) == 435
    tracemalloc.start()
    intervals = bootstrap_intervals(
        table, results, outcome="cells", weights="linear", seed=7, resamples=200
    )
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert sum(interval.percentile is not None for interval in intervals) > 1000
    assert peak < 130


def sparse_table(*, readers: int, cases: int) -> ReadingTable:
    """Return readings of cases that two readers each have read, in both arms."""
    rng = np.random.default_rng(3)
    drawn = rng.permuted(np.tile(np.arange(readers), (cases, 1)), axis=1)[:, :2]
    reader, case = np.tile(drawn.ravel(), 2), np.tile(np.repeat(np.arange(cases), 2), 2)
    count = len(reader)
    true = rng.integers(0, 4, (cases, 8))
    scores = np.clip(true[case] + rng.choice([-1, 0, 0, 1], (count, 8)), 0, 3)
    ones = np.ones(count, dtype=np.int64)
    return ReadingTable(
        readers=tuple(f"R{number:02d}" for number in range(readers)),
        cases=tuple(f"C{number:04d}" for number in range(cases)),
        patients=tuple(f"P{number:04d}" for number in range(cases)),
        arms=("unguided", "guided"),
        case_patient=np.arange(cases),
        case_site=("A",) * cases,
        case_scanner=("",) * cases,
        reader_site=("A",) * readers,
        reader=reader,
        case=case,
        arm=np.repeat([0, 1], count // 2),
        period=ones,
        replicate=ones,
        position=-ones,
        session_position=-ones,
        scores=scores,
        validity=np.zeros((count, 8), dtype=np.int64),
        aac8=-ones,
        active_ms=np.full(count, np.nan),
        idle_ms=np.full(count, np.nan),
        wall_ms=np.full(count, np.nan),
        session_elapsed_ms=np.full(count, np.nan),
    )
