"""The public functions for scripts and notebooks: names, signatures and dependencies."""

from __future__ import annotations

import math

import numpy as np
import pytest

import studies.analytics as analytics
from tests.analytics.test_imports import packages_loaded_by


def test_importing_needs_only_numpy_and_scipy() -> None:
    program = "from studies.analytics import cohen_kappa, icc, krippendorff_alpha"
    assert packages_loaded_by(program) == ["numpy", "scipy"]


@pytest.mark.parametrize(
    "name",
    ["percent_agreement", "gwet_ac", "brennan_prediger", "fleiss_kappa", "conger_kappa",
     "light_kappa"],
)  # fmt: skip
@pytest.mark.parametrize("gap", [None, math.nan])
def test_ratings_are_cases_by_readers_with_none_or_nan_missing(name: str, gap) -> None:
    ratings = [[0, 1, 0], [1, 1, 1], [2, 2, gap], [0, 0, 0], [2, 1, 2], [1, 1, 0]]
    plain = getattr(analytics, name)(ratings, categories=[0, 1, 2])
    weighted = getattr(analytics, name)(ratings, categories=[0, 1, 2], weights="linear")
    for estimate in (plain, weighted):
        assert isinstance(estimate, analytics.Estimate)
        assert 0 < estimate.value < 1
        assert estimate.se > 0
        assert estimate.ci[0] < estimate.value < estimate.ci[1]
        assert estimate.n in (5, 6)
        assert estimate.method


def test_missing_is_any_kind_of_nan() -> None:
    whole = analytics.cohen_kappa([0, 1, 1, 0], [0, 1, 0, 0], categories=[0, 1])
    for gap in (None, math.nan, np.nan, np.float32("nan")):
        holed = analytics.cohen_kappa([0, 1, 1, 0, gap], [0, 1, 0, 0, 1], categories=[0, 1])
        assert (holed.value, holed.se, holed.n) == (whole.value, whole.se, 4)
        alpha = analytics.krippendorff_alpha([[0, 0], [1, 0], [1, gap]], level="nominal")
        assert alpha.n == 2


def test_functions_of_totals_return_estimates() -> None:
    x, y = [1, 4, None, 8, 12], [2, 4, 3, 9, math.nan]
    for estimate in (
        analytics.lin_ccc(x, y),
        analytics.bland_altman(x, y),
        analytics.pearson(x, y),
        analytics.icc(list(zip(x, y, strict=True)), form="C,1"),
        analytics.krippendorff_alpha(list(zip(x, y, strict=True)), level="ordinal"),
    ):
        assert isinstance(estimate, analytics.Estimate)
        assert estimate.n == 3
        assert estimate.method
    limits = analytics.bland_altman(x, y)
    assert limits.lower.value < limits.value < limits.upper.value
