from __future__ import annotations

from dataclasses import replace

import pytest

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.study.agreement import agreement
from studies.reports.document.bootstrap.intervals import MEANS, bootstrap_intervals
from studies.reports.document.finding.mean_intervals import mean_intervals
from tests.analytics.rows import crossover


@pytest.mark.parametrize("outcome", ["cells", "aac24"])
def test_intervals_equal_those_computed_with_all_methods(outcome: str) -> None:
    table = parse_csv(crossover(readers=4, cases=12, errors={"unguided": 0.5, "guided": 0.2}))
    results = agreement(table, compare=("guided", "unguided"))
    every = bootstrap_intervals(
        table, results, outcome=outcome, weights="linear", seed=3, resamples=450, statistics=MEANS
    )
    means = mean_intervals(table, results, outcome=outcome, weights="linear", seed=3, resamples=450)
    assert len(means) == 3
    assert means == [replace(one, bca=None, random_readers=None) for one in every]
    assert all(one.expanded for one in means)
