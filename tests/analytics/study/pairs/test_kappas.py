"""Kappas of all pairs at once equal those of one pair after the other."""

from __future__ import annotations

from itertools import combinations, islice

import numpy as np
import pytest

from studies.analytics.coefficients.kappa import WEIGHTS, Weights, fit_kappa, proportion_within
from studies.analytics.coefficients.kappa_differences import (
    kappa_difference,
    mean_kappa,
    mean_kappa_difference,
)
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.ratings import Ratings, pair_of, reader_pairs
from studies.analytics.results import Agreement, Records, Results
from studies.analytics.study.agreement import agreement
from studies.analytics.study.outcome_results import OutcomeResults
from studies.analytics.study.pairs import blocks, kappas
from studies.analytics.study.pairs.kappas import PairItems
from studies.analytics.study.pairs.single_pairs import pair_parts
from studies.analytics.table import ReadingTable
from tests.analytics.random_tables import random_table

CLOSE = 1e-12
TABLES = 8


def is_close(a: float | None, b: float | None) -> bool:
    return a is b if a is None or b is None else abs(a - b) <= CLOSE


def is_same_estimate(mine, reference) -> bool:
    """Say whether two estimates are the same but for rounding."""
    bounds = zip(mine.ci or (), reference.ci or (), strict=True)
    return (
        is_close(mine.value, reference.value)
        and is_close(mine.se, reference.se)
        and all(is_close(a, b) for a, b in bounds)
        and (mine.n, mine.note, mine.method) == (reference.n, reference.note, reference.method)
    )


@pytest.fixture(params=range(TABLES))
def table(request) -> ReadingTable:
    return random_table(request.param)


@pytest.mark.parametrize("outcome", ["cells", "L2_anterior", "L3", "aac24", "readable"])
def test_every_pair_equals_the_fit_of_that_pair_alone(table, outcome) -> None:
    analysis = agreement(table, outcomes=[outcome])
    for arm in table.arms:
        for readers in reader_pairs(table, arm):
            pair = pair_of(table, outcome, arm, readers)
            for scheme in WEIGHTS:
                fit = fit_kappa(pair, scheme)
                where = {"outcome": outcome, "arm": arm, "readers": readers, "weights": scheme}
                mine = analysis.get("cohen_kappa", **where)
                assert is_same_estimate(mine.estimate, fit.estimate(mine.estimate.method))
                assert mine.more["patients"] == fit.patients
                assert is_close(mine.more["se_items"], None if fit.value is None else fit.se_items)
                observed = analysis.get("observed_agreement", **where).estimate.value
                expected = analysis.get("expected_agreement", **where).estimate.value
                assert is_close(observed, fit.observed) and is_close(expected, fit.expected)
            for steps, name in ((0, "percent_agreement"), (1, "percent_within_one")):
                mine = analysis.get(name, outcome=outcome, arm=arm, readers=readers).estimate
                assert is_same_estimate(mine, proportion_within(pair, steps, mine.method))


@pytest.mark.parametrize("outcome", ["cells", "aac_group"])
@pytest.mark.parametrize("scheme", WEIGHTS)
def test_means_and_differences_equal_those_of_single_fits(
    table, outcome: str, scheme: Weights
) -> None:
    analysis = agreement(table, outcomes=[outcome], weights=[scheme])
    fits = {
        arm: {
            readers: fit_kappa(pair_of(table, outcome, arm, readers), scheme)
            for readers in reader_pairs(table, arm)
        }
        for arm in table.arms
    }
    for arm, fits_of_arm in fits.items():
        mean = next(analysis.find("light_kappa", arm=arm)).estimate
        assert is_same_estimate(mean, mean_kappa(list(fits_of_arm.values()), method=mean.method))
    up, down = fits["guided"], fits["unguided"]
    names = ("guided", "unguided")
    for result in analysis.find("kappa_difference"):
        method = result.estimate.method
        single = kappa_difference(
            up[result.readers], down[result.readers], names=names, method=method
        )
        assert is_same_estimate(result.estimate, single)
    mean = next(analysis.find("mean_kappa_difference")).estimate
    both = [(up[readers], down[readers]) for readers in up if readers in down]
    assert is_same_estimate(mean, mean_kappa_difference(both, method=mean.method))


def test_blocks_of_few_pairs_give_the_same_numbers(table, monkeypatch) -> None:
    whole = list(agreement(table, outcomes=["cells"]).results)
    monkeypatch.setattr(blocks, "BLOCK_ITEMS", 1)
    monkeypatch.setattr(kappas, "CACHE_BYTES", 0)
    in_blocks = agreement(table, outcomes=["cells"]).results
    for mine, other in zip(in_blocks, whole, strict=True):
        assert mine.key == other.key
        assert is_same_estimate(mine.estimate, other.estimate)


@pytest.mark.parametrize("outcome", ["cells", "L3", "aac24"])
def test_dense_and_sparse_blocks_give_the_same_numbers(table, outcome, monkeypatch) -> None:
    results = {}
    for name, share in (("dense", -1.0), ("sparse", 2.0)):
        monkeypatch.setattr(blocks, "DENSE_SHARE", share)
        results[name] = list(agreement(table, outcomes=[outcome]).results)
    assert any(result.statistic == "cohen_kappa" for result in results["sparse"])
    for mine, other in zip(results["sparse"], results["dense"], strict=True):
        assert mine.key == other.key
        assert is_same_estimate(mine.estimate, other.estimate)


def test_influence_of_a_pair_is_that_of_its_single_fit(table) -> None:
    ratings = Ratings(table, "aac24", "guided")
    pairs = reader_pairs(table, "guided")
    items = PairItems(ratings, pairs)
    kappas, influence = items.kappas("linear")
    for fit, readers in zip(items.fits(kappas, influence), pairs, strict=True):
        alone = fit_kappa(ratings.pair(readers), "linear")
        np.testing.assert_allclose(fit.influence, alone.influence, atol=CLOSE)
        np.testing.assert_array_equal(fit.present, alone.present)


def test_lookup_and_iteration_give_equal_results(request, table) -> None:
    """Few results of each table, starting with another one: a lookup reads them all."""
    analysis = agreement(table, detail=True)
    first = 3 * request.node.callspec.params["table"]
    for result in islice(analysis.results, first, None, 3 * TABLES):
        if not result.is_plain:
            continue
        fields = {
            "outcome": result.outcome,
            "arm": result.arm,
            "weights": result.weights,
            "readers": result.readers,
        }
        assert result in list(analysis.find(result.statistic, **fields)), result.key


def test_results_can_be_read_again_and_compared(table) -> None:
    analysis = agreement(table, outcomes=["L1"])
    assert list(analysis.results) == list(analysis.results)
    assert analysis.results == agreement(table, outcomes=["L1"]).results
    assert analysis.results != agreement(table, outcomes=["L2"]).results
    assert len(analysis.results) == len(list(analysis.results))


def test_part_yields_exactly_the_statistics_that_it_declares(table) -> None:
    for outcome in ("aac24", "L1_anterior"):
        ratings = Ratings(table, outcome, "guided")
        for readers in reader_pairs(table, "guided"):
            for part in pair_parts(ratings, WEIGHTS, (2, 6), detail=True):
                names = {result.statistic for result in part.make(readers)}
                assert names == part.statistics


def test_no_object_is_stored_per_pair() -> None:
    """The memory of the results grows by a few bytes per pair, outcome and scheme."""
    table = random_table(1, readers=12, cases=10)
    analysis = agreement(table)
    pairs = len(list(combinations(table.readers, 2)))
    assert isinstance(analysis.results, Results)
    stored = sum(len(block.results) for block in analysis.blocks if isinstance(block, Records))
    per_arm = len([result for result in analysis.results if len(result.readers) == 2]) / pairs
    assert stored < 18 * 3 * 3 + 20 < per_arm * pairs
    assert analysis.nbytes < 2_000_000


def test_records_and_arrays_are_searched_alike(table) -> None:
    analysis = agreement(table, outcomes=["L1"])
    given = Agreement(tuple(analysis.results), analysis.arms, analysis.compared, analysis.pairs)
    for statistic in ("cohen_kappa", "light_kappa", "kappa_difference", "percent_agreement"):
        assert list(given.find(statistic)) == list(analysis.find(statistic))
    for scheme in WEIGHTS:
        assert list(given.degenerate_kappas(scheme)) == list(analysis.degenerate_kappas(scheme))


def test_readers_who_share_no_case_have_no_kappa_and_no_warning_of_numpy() -> None:
    text = "reader,case,arm,level,wall,score\n" + "\n".join(
        f"{reader},{case},guided,L1,anterior,1"
        for reader, case in (("A", 1), ("A", 2), ("B", 3), ("B", 4), ("C", 2))
    )
    with np.errstate(all="raise"):
        analysis = agreement(parse_csv(text), outcomes=["L1_anterior"], compare=None)
        notes = [result.estimate.note for result in analysis.find("cohen_kappa", weights="none")]
    assert notes == [
        "no case was rated by both readers",
        "fewer than two cases were rated by both readers",
        "no case was rated by both readers",
    ]


def test_outcome_results_keep_the_order_of_the_records(table) -> None:
    pairs = {arm: reader_pairs(table, arm) for arm in table.arms}
    outcome_results = OutcomeResults(
        table, "L1", pairs=pairs, compared=None, weights=["linear"], bootstrap=None, detail=False
    )
    names = [result.statistic for block in outcome_results.blocks() for result in block][:5]
    assert names == [
        "cohen_kappa",
        "observed_agreement",
        "expected_agreement",
        "percent_agreement",
        "percent_within_one",
    ]
