"""The precision planner: how wide an interval to expect, without a look at any score."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from studies.analytics.coefficients.kappa import WEIGHTS, Weights
from studies.analytics.study.precision import MODELS, Precision, cases_for, expected_precision
from studies.protocol.models import Study
from studies.readers.requests import UserRequest
from studies.reports.document.formatting import decimal, weights_name
from studies.reports.report_runs import statistics_membership
from studies.sessions.models import Reading

MOST_READERS: Final = 8
SMALLEST_PERCENT: Final = 0.1
MOST_CASES: Final = 1000
SIMULATIONS: Final = 60
WANTED: Final = 0.10
MODEL_NAMES: Final = {
    "latent": "latent burden: disagreements are mostly by one category",
    "guessing": "guessing: disagreements are as far apart as chance has it",
}


@dataclass(frozen=True)
class Plan:
    """What is asked: shares of the categories in percent, kappa, weights, readers, cases."""

    margins: tuple[float, ...]
    kappa: float
    weights: Weights
    readers: int
    cases: int
    problem: str = ""


@login_required
@never_cache
def planner(request: UserRequest, slug: str) -> HttpResponse:
    membership = statistics_membership(request.user, slug)
    study = membership.study
    here = cases_read_twice(study)
    plan = plan_from(request.GET.dict(), study)
    rows, cases_needed = [], []
    if not plan.problem:
        try:
            rows, cases_needed = list(rows_of(plan, here)), list(needed(plan))
        except ValueError as error:
            plan = replace(plan, problem=str(error))
    context = {
        "study": study,
        "membership": membership,
        "plan": plan,
        "margins": ", ".join(f"{share:g}" for share in plan.margins),
        "weights": [(each, weights_name(each).capitalize()) for each in WEIGHTS],
        "here": here,
        "rows": rows,
        "needed": cases_needed,
        "wanted": decimal(WANTED),
        "models": MODEL_NAMES.items(),
        "simulations": SIMULATIONS,
        "most_readers": MOST_READERS,
        "most_cases": MOST_CASES,
    }
    return render(request, "reports/planner.html", context)


def plan_from(query: Mapping[str, str], study: Study) -> Plan:
    """Read the address; what is missing comes from the study, what is wrong is said."""
    weights = query.get("weights", study.primary_weights)
    chosen: Weights = next((each for each in WEIGHTS if each == weights), "linear")
    standard = Plan((45.0, 36.0, 19.0), 0.7, chosen, min(study.readers_per_case, MOST_READERS), 120)
    try:
        asked = query.get("margins", "45, 36, 19").replace(";", ",")
        margins = tuple(float(part) for part in asked.split(","))
        plan = Plan(
            margins,
            float(query.get("kappa", "0.7")),
            chosen,
            int(query.get("readers", str(max(2, standard.readers)))),
            int(query.get("cases", "120")),
        )
    except ValueError:
        return _wrong(standard, "Write numbers, for example 45, 36, 19 and 0.7.")
    shares = plan.margins
    if not 2 <= len(shares) <= 25 or not all(0 <= share <= 100 for share in shares):
        return _wrong(standard, "Give from 2 to 25 shares in percent, separated by commas.")
    if abs(sum(shares) - 100) > 0.5 or sum(share > 0 for share in shares) < 2:
        return _wrong(standard, "The shares add up to 100, and at least two are above 0.")
    if any(0 < share < SMALLEST_PERCENT for share in shares):
        return _wrong(standard, f"A share that is not 0 is at least {SMALLEST_PERCENT} %.")
    if not 0 <= plan.kappa <= 0.98 or not math.isfinite(plan.kappa):
        return _wrong(standard, "Kappa lies from 0 to 0.98.")
    if not 2 <= plan.readers <= MOST_READERS or not 5 <= plan.cases <= MOST_CASES:
        return _wrong(standard, f"From 2 to {MOST_READERS} readers, 5 to {MOST_CASES} cases.")
    return plan


def _wrong(plan: Plan, problem: str) -> Plan:
    return Plan(plan.margins, plan.kappa, plan.weights, max(2, plan.readers), plan.cases, problem)


def cases_read_twice(study: Study) -> int:
    """Count the cases that two readers have submitted in one arm: a number, never a score."""
    submitted = Reading.objects.filter(reading_list__study=study, replicate=1).submitted()
    by_arm = submitted.values("case", "reading_list__arm")
    counted = by_arm.annotate(readers=Count("reading_list__reader"))
    return len(set(counted.filter(readers__gte=2).values_list("case", flat=True)))


def rows_of(plan: Plan, here: int) -> Iterator[dict[str, Any]]:
    """Yield expected half widths under both models: where the study stands, and further on."""
    counts = {plan.cases // 2, plan.cases, min(2 * plan.cases, MOST_CASES)} - {0, 1, 2, 3, 4}
    if 5 <= here <= MOST_CASES:
        counts.add(here)
    for cases in sorted(counts):
        made = [_expected(plan, cases, model) for model in MODELS]
        texts = [_text(each) for each in made]
        yield {"cases": cases, "texts": texts, "here": cases == here, "asked": cases == plan.cases}


def needed(plan: Plan) -> Iterator[tuple[str, int]]:
    """Yield how many cases two readers need for an interval of plus or minus 0.10."""
    shares = _shares(plan)
    for model in MODELS:
        asked = {"margins": shares, "kappa": plan.kappa, "weights": plan.weights}
        yield model, cases_for(WANTED, **asked, model=model)


def _shares(plan: Plan) -> tuple[float, ...]:
    whole = sum(plan.margins)
    return tuple(share / whole for share in plan.margins)


def _expected(plan: Plan, cases: int, model: str) -> Precision:
    return _simulated(_shares(plan), plan.kappa, plan.weights, plan.readers, cases, model)


@lru_cache(maxsize=256)
def _simulated(
    margins: tuple[float, ...], kappa: float, weights: Any, readers: int, cases: int, model: Any
) -> Precision:
    return expected_precision(
        margins=margins,
        kappa=kappa,
        weights=weights,
        readers=readers,
        cases=cases,
        model=model,
        simulations=SIMULATIONS,
    )


def _text(made: Precision) -> str:
    if math.isnan(made.half_width):
        return "no interval"
    low, high = made.spread
    return f"± {decimal(made.half_width)} ({decimal(low)} to {decimal(high)})"
