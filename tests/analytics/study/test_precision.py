"""The precision planner against known numbers of cases and against its simulation."""

from __future__ import annotations

import numpy as np
import pytest

from studies.analytics.study.precision import (
    cases_for,
    expected_precision,
    joint_table,
    table_kappa,
)

GROUPS = [0.45, 0.36, 0.19]


@pytest.mark.parametrize(
    ("kappa", "weights", "model", "cases"),
    [
        (0.70, "linear", "latent", 121),
        (0.79, "linear", "latent", 90),
        (0.87, "linear", "latent", 59),
        (0.79, "quadratic", "latent", 74),
        (0.91, "quadratic", "latent", 32),
        (0.70, "linear", "guessing", 169),
        (0.79, "quadratic", "guessing", 179),
    ],
)
def test_cases_for_a_half_width_of_a_tenth(kappa, weights, model, cases) -> None:
    """Two readers, groups 45/36/19 (women over 70), interval of plus or minus 0.10."""
    assumptions = {"margins": GROUPS, "kappa": kappa, "weights": weights, "model": model}
    assert abs(cases_for(0.1, **assumptions) - cases) <= 1


@pytest.mark.parametrize("model", ["latent", "guessing"])
def test_table_has_the_margins_and_the_kappa(model) -> None:
    table = joint_table(GROUPS, 0.7, "linear", model)
    assert table.sum(axis=0) == pytest.approx(GROUPS, abs=1e-9)
    assert table.sum(axis=1) == pytest.approx(GROUPS, abs=1e-9)
    assert table_kappa(table, "linear") == pytest.approx(0.7, abs=1e-8)


@pytest.mark.parametrize("model", ["latent", "guessing"])
def test_simulation_agrees_with_the_formula_for_two_readers(model) -> None:
    assumptions = {"margins": GROUPS, "kappa": 0.7, "weights": "linear", "model": model}
    cases = cases_for(0.1, **assumptions)
    precision = expected_precision(**assumptions, readers=2, cases=cases, simulations=150, seed=1)
    assert precision.half_width == pytest.approx(0.1, abs=0.006)
    assert precision.spread[0] < precision.half_width < precision.spread[1]


def test_interval_narrows_with_more_readers_and_more_cases() -> None:
    assumptions = {"margins": GROUPS, "kappa": 0.7, "weights": "quadratic", "model": "latent"}
    few = expected_precision(**assumptions, readers=2, cases=60, simulations=60)
    many = expected_precision(**assumptions, readers=5, cases=60, simulations=60)
    more = expected_precision(**assumptions, readers=2, cases=240, simulations=60)
    assert few.half_width > many.half_width
    assert few.half_width == pytest.approx(2 * more.half_width, rel=0.1)
    assert few == expected_precision(**assumptions, readers=2, cases=60, simulations=60)


def test_invalid_plan_is_rejected() -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        joint_table([0.5, 0.4], 0.5, "none", "latent")
    with pytest.raises(ValueError, match="below 1"):
        joint_table([0.5, 0.5], 1.0, "none", "latent")
    with pytest.raises(ValueError, match="latent, guessing"):
        joint_table([0.5, 0.5], 0.5, "none", "else")
    with pytest.raises(ValueError, match="two readers"):
        expected_precision(
            margins=[0.5, 0.5], kappa=0.5, weights="none", readers=1, cases=9, model="latent"
        )
    sparse = expected_precision(
        margins=[0.999, 0.001], kappa=0.2, weights="none", readers=2, cases=5, model="guessing",
        simulations=20,
    )  # fmt: skip
    assert sparse.undefined > 0
    assert np.isnan(sparse.half_width) or sparse.half_width > 0


@pytest.mark.parametrize("margins", [[1 - 1e-9, 1e-9], [1.0, 1e-320], [float("nan"), 0.5]])
def test_shares_that_cannot_be_computed_are_rejected(margins) -> None:
    for kappa in (0.0, 0.98):
        with pytest.raises(ValueError, match=r"proportion"):
            cases_for(0.1, margins=margins, kappa=kappa, weights="linear", model="latent")


def test_kappa_that_the_latent_model_cannot_reach_is_rejected() -> None:
    with pytest.raises(ValueError, match="cannot reach"):
        joint_table([0.999999, 0.000001], 0.98, "linear", "latent")


def test_kappa_of_zero_within_rounding_has_a_table() -> None:
    table = joint_table([0.0, 0.0, 0.996, 0.004], 1e-320, "linear", "latent")
    assert abs(table_kappa(table, "linear")) < 1e-9
