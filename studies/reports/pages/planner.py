"""Precision planner: the expected width of a confidence interval, without using any score."""

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
from studies.formats.numbers import decimal
from studies.protocol.models import Study
from studies.readers.requests import UserRequest
from studies.reports.document.formatting import weights_name
from studies.reports.report_runs import statistics_membership
from studies.sessions.models import Reading

MAX_READERS: Final = 8
MIN_PERCENT: Final = 0.1
MIN_CASES: Final = 5
MAX_CASES: Final = 1000
# A compromise between the stability of the mean half-width and the response time of the page.
SIMULATIONS: Final = 60
TARGET_HALF_WIDTH: Final = 0.10
# Share of women over 70 with low, moderate and high AAC in published cohorts.
DEFAULT_MARGINS: Final = (45.0, 36.0, 19.0)
DEFAULT_KAPPA: Final = 0.7
DEFAULT_CASES: Final = 120
MODEL_NAMES: Final = {
    "latent": "readers perceive the burden of a case with random error, so that most "
    "disagreements are by one category",
    "guessing": "readers either recognise the category of a case or guess, so that disagreements "
    "are distributed as expected by chance",
}


@dataclass(frozen=True)
class Plan:
    """Assumptions of a plan.

    Parameters
    ----------
    margins
        Expected share of each category in percent.
    kappa, weights
        Expected kappa and its weights.
    readers, cases
        Planned numbers; every reader reads every case.
    problem
        What is wrong with the input, "" if it is valid.
    """

    margins: tuple[float, ...]
    kappa: float
    weights: Weights
    readers: int
    cases: int
    problem: str = ""


@login_required
@never_cache
def planner(request: UserRequest, slug: str) -> HttpResponse:
    """Show the expected precision of a plan; open before the lock, because no score is used."""
    membership = statistics_membership(request.user, slug)
    study = membership.study
    double_read = count_double_read_cases(study)
    plan = parse_plan(request.GET.dict(), study)
    rows, cases_needed = [], []
    if not plan.problem:
        try:
            rows, cases_needed = list(precision_rows(plan, double_read)), list(required_cases(plan))
        except ValueError as error:
            plan = replace(plan, problem=str(error))
    context = {
        "study": study,
        "membership": membership,
        "plan": plan,
        "margins": ", ".join(f"{share:g}" for share in plan.margins),
        "weights": [(name, weights_name(name).capitalize()) for name in WEIGHTS],
        "double_read": double_read,
        "rows": rows,
        "needed": cases_needed,
        "target": decimal(TARGET_HALF_WIDTH),
        "models": MODEL_NAMES.items(),
        "simulations": SIMULATIONS,
        "max_readers": MAX_READERS,
        "max_cases": MAX_CASES,
    }
    return render(request, "reports/planner.html", context)


def parse_plan(query: Mapping[str, str], study: Study) -> Plan:
    """Return the plan of a query string, with defaults from the study for missing values.

    Invalid input gives the default plan with the problem described.
    """
    name = query.get("weights", study.primary_weights)
    weights: Weights = next((known for known in WEIGHTS if known == name), "linear")
    # The planner needs a pair, and its simulation is limited to MAX_READERS.
    readers = max(2, min(study.readers_per_case, MAX_READERS))
    default = Plan(DEFAULT_MARGINS, DEFAULT_KAPPA, weights, readers, DEFAULT_CASES)
    try:
        # Semicolons as well: people who write decimals with a comma separate by them.
        margins = query.get("margins", "45, 36, 19").replace(";", ",")
        plan = Plan(
            tuple(float(share) for share in margins.split(",")),
            float(query.get("kappa", str(DEFAULT_KAPPA))),
            weights,
            int(query.get("readers", str(readers))),
            int(query.get("cases", str(DEFAULT_CASES))),
        )
    except ValueError:
        text = "Enter numbers, such as 45, 36, 19 for the proportions and 0.7 for kappa."
        return replace(default, problem=text)
    problem = _problem_of(plan)
    return replace(default, problem=problem) if problem else plan


def _problem_of(plan: Plan) -> str:
    """Return what is wrong with a plan, "" if it is valid."""
    shares = plan.margins
    if not 2 <= len(shares) <= 25 or not all(0 <= share <= 100 for share in shares):
        return "Expected proportions: enter 2 to 25 percentages, separated by commas."
    # Rounded percentages often do not add up to exactly 100.
    if abs(sum(shares) - 100) > 0.5 or sum(share > 0 for share in shares) < 2:
        return (
            "Expected proportions: the percentages must add up to 100, and at least two must be "
            "above 0."
        )
    if any(0 < share < MIN_PERCENT for share in shares):
        return f"Expected proportions: a percentage above 0 must be at least {MIN_PERCENT} %."
    if not 0 <= plan.kappa <= 0.98 or not math.isfinite(plan.kappa):
        return "Expected kappa must be between 0 and 0.98."
    if not 2 <= plan.readers <= MAX_READERS or not MIN_CASES <= plan.cases <= MAX_CASES:
        return f"Enter 2 to {MAX_READERS} readers and {MIN_CASES} to {MAX_CASES} cases."
    return ""


def count_double_read_cases(study: Study) -> int:
    """Count the cases that two readers have submitted in one arm; scores are not read."""
    submitted = Reading.objects.filter(reading_list__study=study, replicate=1).submitted()
    by_arm = submitted.values("case", "reading_list__arm")
    counted = by_arm.annotate(readers=Count("reading_list__reader"))
    return len(set(counted.filter(readers__gte=2).values_list("case", flat=True)))


def precision_rows(plan: Plan, double_read: int) -> Iterator[dict[str, Any]]:
    """Yield the expected half-widths for half, all and twice the planned cases, and for those read.

    Parameters
    ----------
    double_read
        Cases read by two readers so far; a row is added for them.
    """
    counts = {plan.cases // 2, plan.cases, min(2 * plan.cases, MAX_CASES)}
    # Larger numbers would take too long to simulate while the page loads.
    if double_read <= MAX_CASES:
        counts.add(double_read)
    for cases in sorted(count for count in counts if count >= MIN_CASES):
        yield {
            "cases": cases,
            "texts": [_half_width_text(_expected(plan, cases, model)) for model in MODELS],
            "current": cases == double_read,
            "planned": cases == plan.cases,
        }


def required_cases(plan: Plan) -> Iterator[tuple[str, int]]:
    """Yield, for each model, the cases that two readers need for a half-width of 0.10."""
    shares = _proportions(plan)
    for model in MODELS:
        yield (
            model,
            cases_for(
                TARGET_HALF_WIDTH,
                margins=shares,
                kappa=plan.kappa,
                weights=plan.weights,
                model=model,
            ),
        )


def _proportions(plan: Plan) -> tuple[float, ...]:
    total = sum(plan.margins)
    return tuple(share / total for share in plan.margins)


def _expected(plan: Plan, cases: int, model: str) -> Precision:
    return _simulated(_proportions(plan), plan.kappa, plan.weights, plan.readers, cases, model)


# The simulation is seeded, so equal assumptions give equal results and can be cached.
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


def _half_width_text(precision: Precision) -> str:
    if math.isnan(precision.half_width):
        return "not estimable"
    low, high = precision.spread
    return f"± {decimal(precision.half_width)} ({decimal(low)} to {decimal(high)})"
