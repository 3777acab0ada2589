"""Results of totals: correlations, ICCs, measurement error and limits of agreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from studies.analytics.coefficients.bland_altman import BlandAltman, bland_altman
from studies.analytics.coefficients.correlation import kendall_tau_b, lin_ccc, pearson, spearman
from studies.analytics.coefficients.intraclass import FORMS, Form, icc, measurement_error
from studies.analytics.coefficients.kappa import fit_kappa, proportion_within
from studies.analytics.coefficients.pair import Pair
from studies.analytics.coefficients.two_by_two import dichotomise
from studies.analytics.ratings import Ratings
from studies.analytics.result import Result
from studies.analytics.scale import GROUPS
from studies.analytics.study.other_coefficients import cut_offs
from studies.analytics.table import FloatArray

PAGE_FORMS: tuple[Form, ...] = ("A,1", "C,1")


def total_results(
    totals: FloatArray, outcome: str, arm: str | None, readers: tuple[str, ...], **more: Any
) -> Iterator[Result]:
    """Yield limits of agreement and two-way ICCs of two readers' totals (cases, 2)."""
    yield from limits_of_agreement(
        bland_altman(totals[:, 0], totals[:, 1]), outcome, arm, readers, **more
    )
    yield from icc_results(totals, outcome, arm, readers, PAGE_FORMS, **more)


def limits_of_agreement(
    compared: BlandAltman,
    outcome: str,
    arm: str | None,
    readers: tuple[str, ...],
    suffix: str = "",
    extra: dict[str, Any] | None = None,
    **more: Any,
) -> Iterator[Result]:
    """Yield bias and limits of agreement; ``suffix`` is added to the names of the statistics."""
    extra = extra or {}
    slope = {"slope": compared.slope, "slope_p": compared.slope_p, **extra}
    labels = (outcome, arm, readers)
    yield Result(f"bland_altman_bias{suffix}", None, *labels, compared.bias, slope, **more)
    for name, limit, approximate in (
        ("bland_altman_lower", compared.lower, compared.lower_1986),
        ("bland_altman_upper", compared.upper, compared.upper_1986),
    ):
        fields = {"ci_1986": list(approximate) if approximate else None, **extra}
        yield Result(f"{name}{suffix}", None, *labels, limit, fields, **more)


def icc_results(
    totals: FloatArray,
    outcome: str,
    arm: str | None,
    readers: tuple[str, ...],
    forms: Sequence[Form],
    **more: Any,
) -> Iterator[Result]:
    """Yield intraclass correlations of totals (cases, readers), one per form."""
    for form in forms:
        name = f"icc_{form.replace(',', '_').lower()}"
        yield Result(name, None, outcome, arm, readers, icc(totals, form=form), **more)


def total_detail(
    totals: FloatArray, outcome: str, arm: str | None, readers: tuple[str, ...], **more: Any
) -> Iterator[Result]:
    """Yield further ICCs, measurement error and, for two readers, correlations of totals."""
    rest = [form for form in FORMS if form not in PAGE_FORMS]
    yield from icc_results(totals, outcome, arm, readers, rest, **more)
    error = measurement_error(totals)
    yield Result(
        "sem", None, outcome, arm, readers, error.sem, {"agreement": error.agreement}, **more
    )
    fields = {"agreement": error.sdc_agreement}
    yield Result("sdc", None, outcome, arm, readers, error.sdc, fields, **more)
    if totals.shape[1] != 2:
        return
    for name, correlation in (
        ("lin_ccc", lin_ccc),
        ("pearson", pearson),
        ("spearman", spearman),
        ("kendall_tau_b", kendall_tau_b),
    ):
        estimate = correlation(totals[:, 0], totals[:, 1])
        yield Result(name, None, outcome, arm, readers, estimate, **more)


def results_at_cut_offs(
    pair: Pair, outcome: str, arm: str | None, readers: tuple[str, ...], limits: tuple[int, int]
) -> Iterator[Result]:
    """Yield kappa and agreement on whether totals reach each cut-off."""
    for cut in cut_offs(outcome, limits):
        yes_no, more = dichotomise(pair, cut), {"cut": cut}
        rule = f"total at least {cut} against lower; clustered by patient; 95 % CI: value ± 1.96 SE"
        kappa = fit_kappa(yes_no, "none").estimate(f"Cohen's kappa, {rule}")
        yield Result("cohen_kappa_at_cut", None, outcome, arm, readers, kappa, more)
        share = proportion_within(yes_no, 0, f"proportion of cases agreeing, {rule}")
        yield Result("percent_agreement_at_cut", None, outcome, arm, readers, share, more)


def results_by_burden(
    ratings: Ratings, readers: tuple[str, str], group_limits: tuple[int, int]
) -> Iterator[Result]:
    """Yield limits of agreement within each AAC group, by the mean of the two totals."""
    totals = ratings.as_numbers(readers)
    stratum = np.digitize(totals.mean(axis=1), group_limits).astype(float)
    stratum[np.isnan(totals).any(axis=1)] = np.nan
    for index, name in enumerate(GROUPS):
        stratum_totals = totals[stratum == index]
        compared = bland_altman(stratum_totals[:, 0], stratum_totals[:, 1])
        yield from limits_of_agreement(
            compared, ratings.outcome, ratings.arm, readers, "_in_stratum", {"stratum": name}
        )
