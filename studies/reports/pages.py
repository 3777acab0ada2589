"""The agreement page with its figures and its bootstrap, and the page of downloads."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST

from studies.analytics.coefficients.kappa import WEIGHTS
from studies.errors import Conflict, StudyError
from studies.protocol.models import Study
from studies.readers.access import may_see_scores
from studies.readers.requests import UserRequest
from studies.reports.agreement_figures import draw, figures_of, pair_figures
from studies.reports.bootstrap_intervals import RESAMPLES
from studies.reports.bootstrap_runs import ask_for_bootstrap, bootstrap_of, intervals_of
from studies.reports.document.formatting import (
    arm_name,
    kappa_name,
    outcome_name,
    unbroken,
    weights_name,
)
from studies.reports.document.methods import methods
from studies.reports.document.summary import answer
from studies.reports.document.tables import agreement_tables, study_tables
from studies.reports.document.tables.bootstrap_table import bootstrap_table
from studies.reports.document.tables.reference_tables import truth_table
from studies.reports.filters import PAIR_MARK, Chosen, chosen_from
from studies.reports.models import BootstrapRun
from studies.reports.pair_pages import cells_of, first_pairs
from studies.reports.report_runs import (
    ask_for_report,
    look_before_lock,
    seeing_scores,
    statistics_membership,
)
from studies.reports.snapshot import NothingRead, current_cut, cut_or_conflict
from studies.reports.tasks import queue_bootstrap, queue_report, queue_workbook
from studies.reports.workbook_runs import ask_for_workbook, workbook_of

QUEUE_AWAY = (
    "The queue cannot be reached at the moment. Your request is stored and is worked on as soon "
    "as the queue is back. You need not ask again."
)


@login_required
@never_cache
def agreement(request: UserRequest, slug: str) -> HttpResponse:
    """The answer, the figures and the tables; before the lock, why there are none."""
    membership = statistics_membership(request.user, slug)
    study = membership.study
    context: dict[str, Any] = {"study": study, "membership": membership}
    if not may_see_scores(membership):
        return render(request, "reports/blind.html", context)
    try:
        cut = current_cut(study)
    except NothingRead:
        return render(request, "reports/nothing.html", context)
    chosen = chosen_from(request.GET, cut)
    context |= _choice_context(chosen) | {"interim": not study.locked}
    if not len(chosen.table):
        return render(request, "reports/nothing_chosen.html", context)
    context |= _agreement_context(chosen) | _bootstrap_context(study, chosen)
    return render(request, "reports/agreement.html", context)


@login_required
@require_POST
def look(request: UserRequest, slug: str) -> HttpResponse:
    membership = statistics_membership(request.user, slug)
    reason = request.POST.get("reason", "")
    look_before_lock(study=membership.study, by=request.user, reason=reason)
    messages.warning(request, "You see the scores before the lock. Every report will say so.")
    return redirect("agreement", slug=slug)


@login_required
@require_POST
def bootstrap(request: UserRequest, slug: str) -> HttpResponse:
    """Ask for the bootstrap intervals of what the page shows."""
    study = seeing_scores(request.user, slug)
    chosen = chosen_from(request.POST, cut_or_conflict(study))
    page = f"{reverse('agreement', args=[slug])}?{chosen.choice.query}"
    try:
        run, to_queue = ask_for_bootstrap(study=study, by=request.user, chosen=chosen)
    except Conflict as refused:
        messages.warning(request, refused.message)
        return redirect(page)
    if to_queue and not queue_bootstrap(run):
        messages.warning(request, QUEUE_AWAY)
        return redirect(page)
    return redirect(f"{page}#bootstrap")


@login_required
@cache_control(private=True, max_age=3600)
def figure(request: UserRequest, slug: str, name: str) -> HttpResponse:
    """One figure as SVG; its address names the cut, so that it can be kept."""
    cut = cut_or_conflict(seeing_scores(request.user, slug))
    drawn = draw(name, chosen_from(request.GET, cut))
    return HttpResponse(drawn, content_type="image/svg+xml")


@login_required
@never_cache
def downloads(request: UserRequest, slug: str) -> HttpResponse:
    membership = statistics_membership(request.user, slug)
    study = membership.study
    context: dict[str, Any] = {"study": study, "membership": membership}
    if not may_see_scores(membership):
        return render(request, "reports/blind.html", context | {"downloads": True})
    runs = list(study.report_runs.select_related("by")[:50])
    context |= {
        "runs": runs,
        "unfinished": any(run.unfinished for run in runs),
        "workbook": workbook_of(study),
    }
    return render(request, "reports/downloads.html", context)


@login_required
@require_POST
def make_report(request: UserRequest, slug: str) -> HttpResponse:
    study = seeing_scores(request.user, slug)
    try:
        run = ask_for_report(study=study, by=request.user)
    except StudyError as refused:
        messages.warning(request, refused.message)
        return redirect("downloads", slug=slug)
    if not queue_report(run):
        messages.warning(request, QUEUE_AWAY)
    return redirect("downloads", slug=slug)


@login_required
@require_POST
def prepare_workbook(request: UserRequest, slug: str) -> HttpResponse:
    """Ask for the workbook of the current readings; prepared twice, it is written once."""
    study = seeing_scores(request.user, slug)
    try:
        run, to_queue = ask_for_workbook(study=study, by=request.user)
    except StudyError as refused:
        messages.warning(request, refused.message)
        return redirect("downloads", slug=slug)
    if to_queue and not queue_workbook(run):
        messages.warning(request, QUEUE_AWAY)
        return redirect("downloads", slug=slug)
    return redirect(f"{reverse('downloads', args=[slug])}#workbook")


def _choice_context(chosen: Chosen) -> dict[str, Any]:
    """What can be chosen and what is."""
    table, choice = chosen.cut.table, chosen.choice
    part = choice.part
    sites = {site.code: site.name for site in chosen.cut.facts.sites}
    codes = sorted(set(table.case_site) - {""})
    scanners = sorted(set(table.case_scanner) - {""})
    return {
        "choice": choice,
        "fields": list(choice.fields),
        "resamples": RESAMPLES,
        "outcomes": [(each, outcome_name(each)) for each in table.outcomes],
        "weights": [(each, weights_name(each).capitalize()) for each in WEIGHTS],
        "arms": [(arm, arm_name(arm)) for arm in table.arms] if len(table.arms) > 1 else [],
        "sites": [(code, sites.get(code, code)) for code in codes] if len(codes) > 1 else [],
        "scanners": scanners if len(scanners) > 1 else [],
        "readers": [(name, not part.readers or name in part.readers) for name in table.readers],
        "reader_count": len(part.readers) or len(table.readers),
        "pairs": [(PAIR_MARK.join(pair), " and ".join(pair)) for pair in chosen.pairs],
        "chosen_pair": PAIR_MARK.join(choice.pair or ()),
    }


def _agreement_context(chosen: Chosen) -> dict[str, Any]:
    choice, table, found, facts = chosen.choice, chosen.table, chosen.found, chosen.cut.facts
    weights, outcome = choice.weights, choice.outcome
    said = answer(table, found, outcome=outcome, weights=weights)
    shown = [
        agreement_tables.outcome_table(found, weights=weights, primary=outcome),
        first_pairs(chosen, "kappa"),
        agreement_tables.weights_table(found, outcome=outcome),
        first_pairs(chosen, "totals"),
        study_tables.readability_table(table),
        first_pairs(chosen, "readable"),
        study_tables.time_table(table, found.compared),
    ]
    if against := truth_table(table, found, outcome=outcome, weights=weights):
        shown.insert(2, against)
    primary = outcome == facts.outcome and weights == facts.weights and choice.part.whole
    return {
        "answer": unbroken(said.sentence),
        "caution": said.caution,
        "key_facts": list(study_tables.key_facts(facts, table, timezone.get_current_timezone())),
        "primary": primary,
        "outcome_name": outcome_name(outcome),
        "kappa_name": kappa_name(weights),
        "facts": facts,
        "figures": {figure.name: figure for figure in figures_of(chosen)},
        "pair_figures": list(pair_figures(chosen)),
        "query": f"{choice.query}&cut={facts.data_hash[:12]}",
        "tables": [cells_of(each) for each in shown],
        "methods": methods(facts, table, found),
        "notes": list(agreement_tables.notes_of(found, weights=weights)),
        "warnings": found.warnings,
    }


def _bootstrap_context(study: Study, chosen: Chosen) -> dict[str, Any]:
    run = bootstrap_of(study, chosen)
    if run is None or run.state != BootstrapRun.State.DONE:
        return {"bootstrap": run}
    table = bootstrap_table(
        intervals_of(run),
        outcome=chosen.choice.outcome,
        weights=chosen.choice.weights,
        seed=run.seed,
        resamples=run.resamples,
    )
    return {"bootstrap": run, "bootstrap_table": cells_of(table)}
