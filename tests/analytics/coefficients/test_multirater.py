"""Gwet's family against the documented results of irrCAC, Krippendorff 2011 and statsmodels."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from studies.analytics import (
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    light_kappa,
    percent_agreement,
)
from studies.analytics.coefficients.chance_corrected import fit_conger, fit_fleiss, fit_gwet
from studies.analytics.coefficients.kappa import disagreement

NONE = None
# Gwet 2014, Handbook, 4th ed., p. 120 (irrCAC: cac.raw4raters); also Krippendorff 2011, part C.
FOUR_RATERS = list(
    zip(
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, NONE],
        [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
        strict=True,
    )
)
# irrCAC: cac.raw.gender, four raters, complete.
GENDER = list(
    zip("aaaaabbbcaaaaab", "aaaababccaaaaba", "abbcaabbcabbcaa", "ccccaabbcccccaa", strict=True)
)
FIVE = [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "weights", "value", "se", "low"),
    [
        ("gwet", "none", 0.77544, 0.14295, 0.46081),
        ("gwet", "linear", 0.859, 0.117, 0.600),
        ("gwet", "quadratic", 0.914, 0.104, 0.685),
        ("bp", "none", 0.773, 0.145, 0.454),
        ("bp", "linear", 0.848, 0.123, 0.577),
        ("bp", "quadratic", 0.902, 0.111, 0.657),
        ("fleiss", "none", 0.76117, 0.15302, 0.42438),
        ("fleiss", "linear", 0.818, 0.149, 0.491),
        ("fleiss", "quadratic", 0.865, 0.146, 0.544),
        ("conger", "none", 0.763, 0.149, 0.435),
        ("conger", "linear", 0.814, 0.145, 0.494),
        ("conger", "quadratic", 0.858, 0.144, 0.541),
    ],
)
def test_four_raters_equal_the_results_documented_by_irrcac(name, weights, value, se, low) -> None:
    available = {"missing": "available"} if name in ("fleiss", "conger") else {}
    estimate = {
        "gwet": gwet_ac, "bp": brennan_prediger, "fleiss": fleiss_kappa, "conger": conger_kappa,
    }[name](FOUR_RATERS, categories=FIVE, weights=weights, **available)  # fmt: skip
    digits = len(str(value).split(".")[1])
    assert round(estimate.value, digits) == value
    assert round(estimate.se, len(str(se).split(".")[1])) == se
    assert round(estimate.ci[0], len(str(low).split(".")[1])) == low
    t = stats.t.ppf(0.975, estimate.n - 1)
    assert estimate.ci[1] - estimate.value == pytest.approx(t * estimate.se)
    assert estimate.ci[1] > 1, "the interval is not clipped in the data"


@pytest.mark.parametrize(
    ("function", "value", "low", "high"),
    [
        (gwet_ac, 0.208, 0.014, 0.403),
        (brennan_prediger, 0.183, -0.035, 0.402),
        (fleiss_kappa, 0.129, -0.172, 0.430),
        (conger_kappa, 0.166, -0.094, 0.426),
    ],
)
def test_complete_ratings_equal_results_documented_by_irrcac(function, value, low, high) -> None:
    estimate = function(GENDER, categories=["a", "b", "c"])
    assert [round(number, 3) for number in (estimate.value, *estimate.ci)] == [value, low, high]


@pytest.mark.parametrize(
    ("level", "value"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_of_krippendorff_2011(level, value) -> None:
    assert round(krippendorff_alpha(FOUR_RATERS, level=level).value, 3) == value


def test_alpha_has_the_error_documented_by_irrcac() -> None:
    nominal = krippendorff_alpha(FOUR_RATERS, level="nominal")
    assert (round(nominal.se, 3), round(nominal.ci[0], 3), nominal.n) == (0.146, 0.419, 11)
    interval = krippendorff_alpha(FOUR_RATERS, level="interval")
    assert (round(interval.se, 3), round(interval.ci[0], 3)) == (0.129, 0.561)
    gender = krippendorff_alpha(GENDER, level="nominal")
    assert [round(number, 3) for number in (gender.value, *gender.ci)] == [0.143, -0.158, 0.445]


# Fleiss 1971, table 1: 30 patients, 6 psychiatrists, 5 diagnoses; printed kappa 0.430.
FLEISS_1971 = """
0 0 0 6 0; 0 3 0 0 3; 0 1 4 0 1; 0 0 0 0 6; 0 3 0 3 0; 2 0 4 0 0; 0 0 4 0 2; 2 0 3 1 0; 2 0 0 4 0;
0 0 0 0 6; 1 0 0 5 0; 1 1 0 4 0; 0 3 3 0 0; 1 0 0 5 0; 0 2 0 3 1; 0 0 5 0 1; 3 0 0 1 2; 5 1 0 0 0;
0 2 0 4 0; 1 0 2 0 3; 0 0 0 0 6; 0 1 0 5 0; 0 2 0 1 3; 2 0 0 4 0; 1 0 0 4 1; 0 5 0 1 0; 4 0 0 0 2;
0 2 0 4 0; 1 0 5 0 0; 0 0 0 0 6"""


def test_kappa_of_fleiss_1971() -> None:
    counts = [[int(n) for n in row.split()] for row in FLEISS_1971.replace("\n", " ").split(";")]
    ratings = [np.repeat(range(5), row).tolist() for row in counts]
    assert round(fleiss_kappa(ratings, categories=range(5)).value, 3) == 0.430


def test_fleiss_and_conger_use_complete_rows_by_default() -> None:
    complete = [row for row in FOUR_RATERS if None not in row]
    for function in (fleiss_kappa, conger_kappa):
        whole, dropped = function(complete, categories=FIVE), function(FOUR_RATERS, categories=FIVE)
        assert (whole.value, whole.se, dropped.n) == (dropped.value, dropped.se, 8)
        assert "every reader" in dropped.method


@st.composite
def rated(draw):
    readers, categories = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    row = st.lists(st.integers(0, categories - 1), min_size=readers, max_size=readers)
    rows = draw(st.lists(row, min_size=4, max_size=25))
    return np.array([*rows, [0] * readers, [1] * readers]), categories


@settings(max_examples=60, deadline=None)
@given(rated())
def test_values_equal_their_definitions(drawn_ratings) -> None:
    ratings, size = drawn_ratings
    n, readers = ratings.shape
    fleiss = fleiss_kappa(ratings, categories=range(size))
    assert fleiss.value == pytest.approx(
        statsmodels_fleiss(aggregate_raters(ratings, n_cat=size)[0]), abs=1e-9
    )
    pairs = list(combinations(range(readers), 2))
    shares = np.array([np.bincount(scores, minlength=size) / n for scores in ratings.T])
    for weights in ("none", "linear", "quadratic"):
        d = disagreement(size, weights)
        w = 1 - d / d.max()
        seen = np.mean([w[ratings[:, a], ratings[:, b]].mean() for a, b in pairs])
        chance = np.mean([shares[a] @ w @ shares[b] for a, b in pairs])
        conger = conger_kappa(ratings, categories=range(size), weights=weights)
        assert conger.value == pytest.approx((seen - chance) / (1 - chance), abs=1e-9)
        mean = shares.mean(axis=0)
        pe = w.sum() * (mean * (1 - mean)).sum() / (size * (size - 1))
        gwet = gwet_ac(ratings, categories=range(size), weights=weights)
        assert gwet.value == pytest.approx((seen - pe) / (1 - pe), abs=1e-9)
        plain = percent_agreement(ratings, categories=range(size), weights=weights)
        assert plain.value == pytest.approx(seen, abs=1e-12)
        light = light_kappa(ratings, categories=range(size), weights=weights)
        pair_kappas = [
            cohen_kappa(ratings[:, a], ratings[:, b], categories=range(size), weights=weights)
            for a, b in pairs
        ]
        known = [pair.value for pair in pair_kappas if pair.value is not None]
        assert light.value == pytest.approx(np.mean(known), abs=1e-9)


def test_conger_of_two_readers_is_cohen() -> None:
    rng = np.random.default_rng(2)
    ratings = rng.integers(0, 4, (50, 2))
    conger = conger_kappa(ratings, categories=range(4), weights="quadratic")
    cohen = cohen_kappa(ratings[:, 0], ratings[:, 1], categories=range(4), weights="quadratic")
    assert conger.value == pytest.approx(cohen.value, abs=1e-12)
    assert conger.se == pytest.approx(cohen.se * math.sqrt(50 / 49), abs=1e-9)


@pytest.mark.parametrize("fit", [fit_gwet, fit_fleiss, fit_conger])
def test_influence_is_the_derivative_with_respect_to_an_items_weight(fit) -> None:
    """Items repeated many times, one of them once more: the change is the influence."""
    rng = np.random.default_rng(5)
    ratings = np.clip(rng.integers(0, 4, 30)[:, None] + rng.integers(-1, 2, (30, 3)), 0, 3)
    base = np.repeat(ratings, 400, axis=0)
    whole = fit(base, 4, "linear")
    single = fit(ratings, 4, "linear")
    for item in (0, 7, 19):
        more = fit(np.vstack([base, ratings[item : item + 1]]), 4, "linear")
        change = (more.value - whole.value) * 400
        assert change == pytest.approx(single.influence[item], abs=2e-4)


def test_alpha_of_all_pairs_equals_its_definition() -> None:
    rng = np.random.default_rng(8)
    ratings = rng.integers(0, 4, (40, 3)).astype(float)
    ratings[rng.random((40, 3)) < 0.2] = np.nan
    values = [row[~np.isnan(row)] for row in ratings if (~np.isnan(row)).sum() >= 2]
    pooled = np.concatenate(values)
    seen = sum(((row[:, None] - row[None, :]) ** 2).sum() / (len(row) - 1) for row in values) / len(
        pooled
    )
    chance = ((pooled[:, None] - pooled[None, :]) ** 2).sum() / (len(pooled) * (len(pooled) - 1))
    estimate = krippendorff_alpha(ratings, level="interval")
    assert estimate.value == pytest.approx(1 - seen / chance, abs=1e-12)


def test_undefined_coefficient_has_a_reason() -> None:
    same = [[2, 2], [2, 2], [2, 2]]
    assert "same category" in fleiss_kappa(same, categories=FIVE).note
    assert "same category" in conger_kappa(same, categories=FIVE).note
    assert "same category" in krippendorff_alpha(same, level="ordinal").note
    perfect = gwet_ac(same, categories=FIVE)
    assert (perfect.value, perfect.se, perfect.ci) == (1.0, 0.0, None)
    assert perfect.note
    for function in (gwet_ac, brennan_prediger, fleiss_kappa, conger_kappa, percent_agreement):
        empty = function([[1, None], [None, 2], [1, 1]], categories=FIVE)
        assert (empty.value, empty.ci) == (None, None), function
        assert "fewer than two" in empty.note
    gap = conger_kappa([[1, 2, None], [2, 2, None], [1, 1, None]], categories=FIVE)
    assert gap.value is None
    with pytest.raises(ValueError, match="at least two readers"):
        gwet_ac([1, 2, 3], categories=FIVE)
    with pytest.raises(ValueError, match="nominal, ordinal"):
        krippendorff_alpha(same, level="cardinal")
