"""The bootstrap over patients and readers against the same draws carried out one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from studies.analytics.coefficients.kappa import fit_kappa
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.ratings import pair_of
from studies.analytics.resampling.kappa_bootstrap import drawn_readers
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from tests.analytics.resampling.test_patient_bootstrap import copied
from tests.analytics.rows import crossover

REPLICATES = 60


@pytest.fixture(scope="module")
def table():
    return parse_csv(crossover(readers=4, cases=25))


def results_of(table, **options):
    return agreement(table, weights=["linear"], outcomes=["cells"], **options)


def mean_of_draw(table, arm: str, patients: np.ndarray, readers: np.ndarray) -> float:
    """Return the mean kappa over pairs of different readers, of copied patients and readers."""
    drawn_readers = np.repeat(np.arange(len(readers)), readers.astype(int))
    kappas = []
    for a, b in combinations(drawn_readers, 2):
        if a != b:
            names = (table.readers[a], table.readers[b])
            pair = copied(pair_of(table, "cells", arm, names), patients)
            kappas.append(fit_kappa(pair, "linear").value)
    return float(np.mean(kappas))


def test_interval_over_readers_is_that_of_copied_patients_and_readers(table) -> None:
    bootstrap = Bootstrap.draw(len(table.patients), replicates=REPLICATES, seed=5)
    readers = drawn_readers(4, REPLICATES, 5)
    means = {
        arm: np.array(
            [
                mean_of_draw(table, arm, *drawn)
                for drawn in zip(bootstrap.weights, readers, strict=True)
            ]
        )
        for arm in ("guided", "unguided")
    }
    results = results_of(table, bootstrap=bootstrap)
    where = {"outcome": "cells", "weights": "linear", "readers": table.readers}
    mean = results.get("light_kappa", arm="guided", **where).more
    expected = np.percentile(means["guided"], [2.5, 97.5])
    assert mean["ci_bootstrap_readers"] == pytest.approx(expected, abs=1e-12)
    assert mean["bootstrap_readers_replicates"] == REPLICATES
    more = results.get("mean_kappa_difference", arm="guided-unguided", **where).more
    expected = np.percentile(means["guided"] - means["unguided"], [2.5, 97.5])
    assert more["ci_bootstrap_readers"] == pytest.approx(expected, abs=1e-12)


def test_no_replicate_draws_one_reader_alone() -> None:
    often = drawn_readers(3, 2000, 1)
    assert (often.sum(axis=1) == 3).all()
    assert ((often > 0).sum(axis=1) >= 2).all()


def test_readers_who_differ_widen_the_interval() -> None:
    """One of six readers errs far more often, so other readers of the population may as well."""
    good, bad = (
        crossover(readers=6, cases=80, errors={"guided": rate}, seed=3).splitlines()
        for rate in (0.1, 0.9)
    )
    rows = [line for line in good if not line.startswith("R1,")]
    rows += [line for line in bad if line.startswith("R1,")]
    bootstrap = Bootstrap.draw(80, replicates=400, seed=1)
    results = results_of(parse_csv("\n".join(rows)), bootstrap=bootstrap)
    more = next(results.find("light_kappa")).more
    (low, high), (far, further) = more["ci_bootstrap"], more["ci_bootstrap_readers"]
    assert further - far > 1.5 * (high - low)


def test_two_readers_give_no_interval_over_readers() -> None:
    table = parse_csv(crossover(readers=2, cases=12))
    results = results_of(table, bootstrap=Bootstrap.draw(12, replicates=100, seed=1))
    more = next(results.find("mean_kappa_difference")).more
    assert more["ci_bootstrap_readers"] is None
    assert "fewer than 3 readers" in more["note_readers"]
    assert more["ci_bootstrap"]
