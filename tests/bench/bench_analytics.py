"""How long agreement takes, as ratios within one run, and in how much memory: ``make bench``.

The reference is a loop over scikit-learn's ``cohen_kappa_score(labels=...)`` on the same core,
timed on a sample of the pairs, outcomes and weights and carried forward. Processor time, so that
whatever else the machine does counts little.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.metrics import cohen_kappa_score

from studies.analytics.coefficients.kappa import WEIGHTS
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from tests.analytics.rows import crossover
from tests.bench.pair_grid import bootstrap_grid, kappa_grid

READERS, CASES, REPLICATES = 50, 10_000, 2000
SAMPLE = 54


def cpu(run: Callable[[], object], rounds: int = 1) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        run()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def outcomes() -> list[tuple[np.ndarray, int]]:
    rng = np.random.default_rng(1)
    truth = np.clip(rng.integers(0, 4, (CASES, 1)) + rng.integers(-1, 2, (CASES, 8)), 0, 3)
    scores = np.clip(truth + rng.choice([-1, 0, 0, 1], (READERS, CASES, 8)), 0, 3)
    return [*((scores[:, :, cell], 4) for cell in range(8)), (scores.sum(axis=2), 25)]


def loop_seconds(data: list[tuple[np.ndarray, int]]) -> float:
    """Return what the scikit-learn loop over everything would take."""
    rng = np.random.default_rng(2)
    seconds = []
    for ratings, categories in data:
        for weights in WEIGHTS:
            for _ in range(SAMPLE // 27):
                a, b = rng.choice(READERS, 2, replace=False)
                options = {"labels": list(range(categories)), "weights": weights}
                if weights == "none":
                    options["weights"] = None
                seconds.append(cpu(lambda: cohen_kappa_score(ratings[a], ratings[b], **options)))  # noqa: B023
    return statistics.mean(seconds) * READERS * (READERS - 1) // 2 * len(data) * len(WEIGHTS)


def test_all_pairs_of_fifty_readers() -> None:
    data = outcomes()
    loop = loop_seconds(data)

    def points() -> None:
        for ratings, categories in data:
            kappa_grid(ratings, categories, errors=False)

    def errors() -> None:
        for ratings, categories in data:
            kappa_grid(ratings, categories)

    plain, whole = cpu(points, 3), cpu(errors, 3)
    kappas = READERS * (READERS - 1) // 2 * len(data) * len(WEIGHTS)
    print(f"\n{kappas} kappas, {READERS} readers x {CASES} cases, processor seconds")  # noqa: T201
    print(f"scikit-learn loop, extrapolated          {loop:9.2f}")  # noqa: T201
    print(f"point values                             {plain:9.3f}   {loop / plain:8.0f}x")  # noqa: T201
    print(f"with standard errors and intervals       {whole:9.3f}   {loop / whole:8.0f}x")  # noqa: T201
    ratings, categories = data[0]
    a, b = 3, 17
    column = list(combinations(range(READERS), 2)).index((a, b))
    mine = kappa_grid(ratings, categories, ("linear",)).value[0, column]
    oracle = cohen_kappa_score(ratings[a], ratings[b], labels=range(4), weights="linear")
    assert abs(mine - oracle) < 1e-12
    assert loop / plain >= 200
    assert loop / whole >= 50


def test_bootstrap_of_all_pairs_in_bounded_memory() -> None:
    data = outcomes()
    loop = loop_seconds(data) * REPLICATES
    drawn = Bootstrap.draw(CASES, replicates=REPLICATES, seed=3).weights.astype(np.float32)

    def all_outcomes() -> None:
        for ratings, categories in data:
            bootstrap_grid(ratings, categories, drawn)

    taken = cpu(all_outcomes)
    tracemalloc.start()
    ratings, categories = data[-1]
    bootstrap_grid(ratings, categories, drawn[: REPLICATES // 10])
    few = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.reset_peak()
    bootstrap_grid(ratings, categories, drawn)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    print(f"\n{REPLICATES} patient bootstrap replicates of all of it")  # noqa: T201
    print(f"scikit-learn loop, extrapolated {loop:12.0f} s")  # noqa: T201
    print(f"here                            {taken:12.1f} s   {loop / taken:8.0f}x")  # noqa: T201
    print(f"memory beside the draws {peak:.0f} MB; with a tenth of the replicates {few:.0f} MB")  # noqa: T201
    assert peak < 500


def test_typical_study_is_answered_while_one_waits() -> None:
    table = parse_csv(crossover(readers=6, cases=300))
    page = cpu(lambda: agreement(table), 5)
    detail = cpu(lambda: agreement(table, detail=True))
    bootstrap = Bootstrap.draw(len(table.patients), replicates=REPLICATES, seed=1)
    resampled = cpu(lambda: agreement(table, bootstrap=bootstrap))
    print("\n6 readers x 300 cases x 2 arms, processor seconds")  # noqa: T201
    print(f"statistics of the page                   {page:9.3f}")  # noqa: T201
    print(f"every statistic                          {detail:9.3f}   {detail / page:8.1f}x")  # noqa: T201
    times = resampled / page
    print(f"page with {REPLICATES} replicates                {resampled:9.3f}   {times:8.1f}x")  # noqa: T201
    assert page < 0.3
    assert resampled < 20 * page


def test_a_million_rows_are_read_and_written_within_200_megabytes(tmp_path: Path) -> None:
    """Each step runs in its own process, so that its peak memory can be measured."""
    path = tmp_path / "million.csv"
    for step in ("write", "read"):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                f"from tests.bench.million import {step}; {step}({str(path)!r})",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        rows, seconds, megabytes = (float(number) for number in done.stdout.split())
        print(f"\n{step} {rows:.0f} rows: {seconds:.1f} s, peak {megabytes:.0f} MB")  # noqa: T201
        assert megabytes < 200
