"""Parallel groups of readers against copied patients, scikit-learn and numerical derivatives."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from studies.analytics.coefficients.kappa import fit_kappa
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.ratings import Ratings, pair_of
from studies.analytics.resampling.kappa_bootstrap import drawn_readers
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from tests.analytics.resampling.test_patient_bootstrap import copied
from tests.analytics.rows import crossover

GROUPS = {"guided": ("R1", "R2", "R3"), "unguided": ("R4", "R5", "R6", "R7")}
REPLICATES = 40


def parallel_groups(groups: dict[str, tuple[str, ...]] = GROUPS, **options) -> str:
    """Return readings in which every arm has its own readers; all read the same cases."""
    header, *lines = crossover(readers=7, cases=options.pop("cases", 25), **options).splitlines()
    of_groups = [line for line in lines if line.split(",")[0] in groups.get(line.split(",")[3], ())]
    return "\n".join([header, *of_groups])


@pytest.fixture(scope="module")
def table():
    return parse_csv(parallel_groups())


def difference_of(table, *, outcome: str = "cells", **options):
    analysis = agreement(table, weights=["linear"], outcomes=[outcome], **options)
    (result,) = analysis.find("group_kappa_difference")
    return result


def mean_kappa_of(table, arm: str, drawn: np.ndarray, readers: dict[str, int]) -> float:
    """Return the mean kappa over pairs of different readers, of copied patients and readers."""
    names = [name for name, times in readers.items() for _ in range(times)]
    pairs = [pair for pair in combinations(names, 2) if pair[0] != pair[1]]
    return float(
        np.mean(
            [
                fit_kappa(copied(pair_of(table, "cells", arm, pair), drawn), "linear").value
                for pair in pairs
            ]
        )
    )


@pytest.mark.parametrize("outcome", ["aac24", "aac_group"])
def test_difference_is_that_of_the_mean_kappas_of_scikit_learn(table, outcome: str) -> None:
    means = []
    for arm, readers in GROUPS.items():
        ratings = Ratings(table, outcome, arm)
        kappas = []
        for a, b in combinations(readers, 2):
            first, second = ratings.of(a), ratings.of(b)
            both = (first >= 0) & (second >= 0)
            labels = range(ratings.categories)
            kappas.append(
                cohen_kappa_score(first[both], second[both], labels=labels, weights="linear")
            )
        means.append(np.mean(kappas))
    result = difference_of(table, outcome=outcome)
    assert result.estimate.value == pytest.approx(means[0] - means[1], abs=1e-12)
    assert result.readers == tuple(f"R{number}" for number in range(1, 8))
    assert result.more["groups"] == [list(readers) for readers in GROUPS.values()]


def test_standard_error_is_that_of_the_influence_of_each_patient(table) -> None:
    """The influence is the derivative with respect to the weight of a patient, in both groups."""
    once = {arm: dict.fromkeys(readers, 1) for arm, readers in GROUPS.items()}
    influence = []
    for patient in range(25):
        values = []
        for times in (400, 401):
            drawn = np.full(25, 400)
            drawn[patient] = times
            up, down = (mean_kappa_of(table, arm, drawn, once[arm]) for arm in GROUPS)
            values.append(up - down)
        influence.append((values[1] - values[0]) * 400)
    expected = np.sqrt(np.square(influence).sum())
    assert difference_of(table).estimate.se == pytest.approx(expected, rel=2e-3)


def test_intervals_are_those_of_copied_patients_and_readers(table) -> None:
    bootstrap = Bootstrap.draw(25, replicates=REPLICATES, seed=5)
    patients, both = [], []
    drawn = {
        arm: drawn_readers(len(readers), REPLICATES, 5, group).astype(int)
        for group, (arm, readers) in enumerate(GROUPS.items(), start=1)
    }
    for replicate, weights in enumerate(bootstrap.weights):
        for values, times in (
            (patients, {arm: [1] * len(readers) for arm, readers in GROUPS.items()}),
            (both, {arm: drawn[arm][replicate].tolist() for arm in GROUPS}),
        ):
            up, down = (
                mean_kappa_of(table, arm, weights, dict(zip(readers, times[arm], strict=True)))
                for arm, readers in GROUPS.items()
            )
            values.append(up - down)
    more = difference_of(table, bootstrap=bootstrap).more
    expected = np.percentile(patients, [2.5, 97.5])
    assert more["ci_bootstrap"] == pytest.approx(expected, abs=1e-12)
    assert more["ci_bootstrap_readers"] == pytest.approx(
        np.percentile(both, [2.5, 97.5]), abs=1e-12
    )
    assert more["bootstrap_replicates"] == REPLICATES
    assert more["ci_bca"][0] < more["ci_bca"][1]


def test_readers_are_drawn_independently_in_groups_of_the_same_size() -> None:
    first, second = (drawn_readers(4, 500, 1, group) for group in (1, 2))
    assert (first != second).any()
    assert abs(np.corrcoef(first[:, 0], second[:, 0])[0, 1]) < 0.15


def test_groups_with_the_same_scores_differ_by_zero_without_an_error() -> None:
    """The patients are shared, so the groups' errors cancel completely."""
    header, *lines = parallel_groups({"guided": ("R1", "R2", "R3")}).splitlines()
    copies = [
        line.replace(f"R{number},", f"R{number + 3},", 1).replace(",guided,", ",unguided,")
        for line in lines
        for number in [int(line[1])]
    ]
    estimate = difference_of(parse_csv("\n".join([header, *lines, *copies]))).estimate
    assert (estimate.value, estimate.se) == (pytest.approx(0), pytest.approx(0, abs=1e-12))


@pytest.mark.parametrize("seed", range(4))
def test_swapping_the_arms_changes_the_sign(seed: int) -> None:
    table = parse_csv(parallel_groups(seed=seed, cases=10))
    bootstrap = Bootstrap.draw(10, replicates=30, seed=seed)
    one, other = (
        difference_of(table, bootstrap=bootstrap, compare=arms)
        for arms in (("guided", "unguided"), ("unguided", "guided"))
    )
    assert one.estimate.value == pytest.approx(-other.estimate.value, abs=1e-12)
    assert one.estimate.se == pytest.approx(other.estimate.se, abs=1e-12)
    low, high = other.more["ci_bootstrap"]
    assert one.more["ci_bootstrap"] == pytest.approx([-high, -low], abs=1e-12)


def test_patients_of_one_group_alone_enter_its_mean_and_are_not_counted() -> None:
    lines = parallel_groups().splitlines()
    text = "\n".join(line for line in lines if ",unguided," not in line or ",C00" not in line)
    result = difference_of(parse_csv(text))
    assert (result.estimate.n, result.more["n_arms"]) == (25 - 9, [25, 25 - 9])
    assert result.estimate.ci is not None


def test_pair_without_a_kappa_is_named_with_its_group() -> None:
    header, *lines = parallel_groups(unreadable=0.0).splitlines()
    text = "\n".join(
        [header, *(line for line in lines if not line.startswith("R4,") or ",C001," in line)]
    )
    estimate = difference_of(parse_csv(text)).estimate
    assert estimate.value is not None
    assert estimate.note == "unguided: 3 of 6 pairs excluded because kappa is undefined"


def test_group_of_two_readers_has_no_interval_over_readers() -> None:
    groups = {"guided": ("R1", "R2"), "unguided": ("R4", "R5", "R6")}
    bootstrap = Bootstrap.draw(25, replicates=30, seed=1)
    more = difference_of(parse_csv(parallel_groups(groups)), bootstrap=bootstrap).more
    assert more["ci_bootstrap"]
    assert more["ci_bootstrap_readers"] is None
    assert "fewer than 3 readers" in more["note_readers"]


def test_readers_of_both_arms_are_compared_within_pairs_not_between_groups() -> None:
    groups = {"guided": ("R1", "R2", "R3"), "unguided": ("R1", "R2", "R4")}
    analysis = agreement(parse_csv(parallel_groups(groups)), weights=["linear"], outcomes=["cells"])
    assert not list(analysis.find("group_kappa_difference"))
    (difference,) = analysis.find("mean_kappa_difference")
    assert difference.readers == ("R1", "R2")


def test_warning_says_that_groups_of_readers_are_compared(table) -> None:
    analysis = agreement(table, weights=["linear"], outcomes=["cells"])
    (warning,) = [text for text in analysis.warnings if "groups of readers" in text]
    assert warning.startswith(
        "The guided minus unguided difference is that between two groups of readers: no two "
        "readers read in both arms (guided: R1, R2, R3; unguided: R4, R5, R6, R7)."
    )


def test_three_arms_with_separate_readers_are_contrasted_between_groups() -> None:
    groups = {"unguided": ("R1", "R2"), "guided": ("R3", "R4"), "measured": ("R5", "R6", "R7")}
    errors = {"unguided": 0.5, "guided": 0.2, "measured": 0.3}
    table = parse_csv(parallel_groups(groups, errors=errors))
    analysis = agreement(table, weights=["linear"], outcomes=["cells"])
    means = {result.arm: result.estimate.value for result in analysis.find("light_kappa")}
    results = list(analysis.find("mean_kappa_contrast"))
    assert len(results) == 3
    for result in results:
        up, down = result.more["arms"]
        assert result.estimate.value == pytest.approx(means[up] - means[down], abs=1e-12)
        assert result.more["groups"] == [list(groups[up]), list(groups[down])]
    (difference,) = analysis.find("group_kappa_difference")
    assert difference.estimate.value == results[0].estimate.value
