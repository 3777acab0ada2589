"""Pages with agreement results and downloads, and the forms on them."""

from __future__ import annotations

from collections.abc import Callable
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
from studies.readers.requests import UserRequest
from studies.reports.agreement_figures import draw_figure, figures_of, pair_figures
from studies.reports.bootstrap_runs import bootstrap_of, intervals_of, request_bootstrap
from studies.reports.disagreements.links import confusion_links, review_link
from studies.reports.document.bootstrap.intervals import RESAMPLES
from studies.reports.document.formatting import (
    arm_name,
    kappa_name,
    outcome_name,
    unbroken,
    weights_name,
)
from studies.reports.document.methods.paragraphs import methods
from studies.reports.document.methods.reference import reference_caveat
from studies.reports.document.tables import agreement_tables, study_tables
from studies.reports.document.tables.aac8_table import aac8_table
from studies.reports.document.tables.agreement_notes import notes_of
from studies.reports.document.tables.bootstrap_table import bootstrap_table
from studies.reports.document.tables.contrast_table import contrast_table
from studies.reports.document.tables.intrareader_tables import (
    intrareader_tables,
    repeat_agreement,
)
from studies.reports.document.tables.measured_tables import has_lengths, overriding_tables
from studies.reports.document.tables.reference_tables import consensus_table, reference_table
from studies.reports.document.tables.text_table import TextTable
from studies.reports.exports.parquet import can_write_parquet
from studies.reports.filters import PAIR_SEPARATOR, Selection, parse_selection
from studies.reports.models import BootstrapRun, PackageRun, WorkbookRun
from studies.reports.pages.pairs import first_pairs, template_table
from studies.reports.prepared_files import Run, current_file, request_file
from studies.reports.report_runs import (
    get_unmasked_study,
    request_report,
    statistics_membership,
)
from studies.reports.snapshot import NoReadings, current_snapshot, snapshot_or_conflict
from studies.reports.tasks import queue_bootstrap, queue_package, queue_report, queue_workbook
from studies.sessions.masking import may_see_scores, record_interim_look
from studies.sessions.measuring.export import has_measured_arm

QUEUE_UNAVAILABLE = (
    "The queue is unavailable at the moment. Your request is saved and starts automatically once "
    "the queue is back. There is no need to submit it again."
)
MAX_LISTED_REPORTS = 50


@login_required
@never_cache
def agreement(request: UserRequest, slug: str) -> HttpResponse:
    """Show the main finding, figures and tables of a study, or why scores are masked."""
    membership = statistics_membership(request.user, slug)
    study = membership.study
    context: dict[str, Any] = {"study": study, "membership": membership}
    if not may_see_scores(membership):
        return render(request, "reports/masked.html", context)
    try:
        snapshot = current_snapshot(study)
    except NoReadings:
        return render(request, "reports/no_readings.html", context)
    selection = parse_selection(request.GET, snapshot)
    context |= _filter_context(selection) | {"interim": not study.locked}
    if not len(selection.table):
        return render(request, "reports/no_matching_readings.html", context)
    context |= _agreement_context(selection) | _bootstrap_context(study, selection)
    return render(request, "reports/agreement.html", context)


@login_required
@require_POST
def interim_look(request: UserRequest, slug: str) -> HttpResponse:
    """Record an interim look with its reason and unmask the scores for this person."""
    membership = statistics_membership(request.user, slug)
    reason = request.POST.get("reason", "")
    record_interim_look(study=membership.study, by=request.user, reason=reason)
    messages.warning(
        request,
        "Interim look recorded. Scores are unmasked for you for 24 hours, and every report of this "
        "study will list the interim look.",
    )
    return redirect("agreement", slug=slug)


@login_required
@require_POST
def bootstrap(request: UserRequest, slug: str) -> HttpResponse:
    """Request the bootstrap intervals of the selection shown on the agreement page."""
    study = get_unmasked_study(request.user, slug)
    selection = parse_selection(request.POST, snapshot_or_conflict(study))
    # Back to the same selection, which the form posted.
    page = f"{reverse('agreement', args=[slug])}?{selection.filters.query}"
    try:
        run, to_queue = request_bootstrap(study=study, by=request.user, selection=selection)
    except Conflict as error:
        messages.warning(request, error.message)
        return redirect(page)
    if to_queue and not queue_bootstrap(run):
        messages.warning(request, QUEUE_UNAVAILABLE)
        return redirect(page)
    return redirect(f"{page}#bootstrap")


@login_required
@cache_control(private=True, max_age=3600)
def figure(request: UserRequest, slug: str, name: str) -> HttpResponse:
    """Return one figure as SVG.

    Browsers may cache it: its URL contains the hash of the data, so new data give a new URL.
    """
    snapshot = snapshot_or_conflict(get_unmasked_study(request.user, slug))
    svg = draw_figure(name, parse_selection(request.GET, snapshot))
    return HttpResponse(svg, content_type="image/svg+xml")


@login_required
@never_cache
def downloads(request: UserRequest, slug: str) -> HttpResponse:
    """List the reports and data files of a study, or show why scores are masked."""
    membership = statistics_membership(request.user, slug)
    study = membership.study
    context: dict[str, Any] = {"study": study, "membership": membership}
    if not may_see_scores(membership):
        return render(request, "reports/masked.html", context | {"downloads": True})
    runs = list(study.report_runs.select_related("by")[:MAX_LISTED_REPORTS])
    context |= {
        "runs": runs,
        "unfinished": any(run.unfinished for run in runs),
        "workbook": current_file(WorkbookRun, study),
        "package": current_file(PackageRun, study),
        "measured": has_measured_arm(study),
        "parquet": can_write_parquet(),
    }
    return render(request, "reports/downloads.html", context)


@login_required
@require_POST
def make_report(request: UserRequest, slug: str) -> HttpResponse:
    """Request a report of the current readings."""
    study = get_unmasked_study(request.user, slug)
    try:
        run = request_report(study=study, by=request.user)
    except StudyError as error:
        messages.warning(request, error.message)
        return redirect("downloads", slug=slug)
    if not queue_report(run):
        messages.warning(request, QUEUE_UNAVAILABLE)
    return redirect("downloads", slug=slug)


@login_required
@require_POST
def prepare_workbook(request: UserRequest, slug: str) -> HttpResponse:
    """Request the workbook of the current readings; repeated requests share one run."""
    return _prepare(request, slug, WorkbookRun, queue_workbook)


@login_required
@require_POST
def prepare_package(request: UserRequest, slug: str) -> HttpResponse:
    """Request the reproducibility package; repeated requests share one run."""
    return _prepare(request, slug, PackageRun, queue_package)


def _prepare(
    request: UserRequest, slug: str, model: type[Run], queue: Callable[[Run], bool]
) -> HttpResponse:
    study = get_unmasked_study(request.user, slug)
    try:
        run, to_queue = request_file(model, study=study, by=request.user)
    except StudyError as error:
        messages.warning(request, error.message)
        return redirect("downloads", slug=slug)
    if to_queue and not queue(run):
        messages.warning(request, QUEUE_UNAVAILABLE)
        return redirect("downloads", slug=slug)
    return redirect(f"{reverse('downloads', args=[slug])}#{model.NOUN}")


def _filter_context(selection: Selection) -> dict[str, Any]:
    """Return the options of the filter form and the current values."""
    table, filters = selection.snapshot.table, selection.filters
    subset = filters.subset
    site_names = {site.code: site.name for site in selection.snapshot.summary.sites}
    codes = sorted(set(table.case_site) - {""})
    scanners = sorted(set(table.case_scanner) - {""})
    # A filter with a single option is hidden.
    return {
        "filters": filters,
        "fields": list(filters.fields),
        "resamples": RESAMPLES,
        "outcomes": [(outcome, outcome_name(outcome)) for outcome in table.outcomes],
        "weights": [(weights, weights_name(weights).capitalize()) for weights in WEIGHTS],
        "arms": [(arm, arm_name(arm)) for arm in table.arms] if len(table.arms) > 1 else [],
        "sites": [(code, site_names.get(code, code)) for code in codes] if len(codes) > 1 else [],
        "scanners": scanners if len(scanners) > 1 else [],
        "readers": [
            (label, not subset.readers or label in subset.readers) for label in table.readers
        ],
        "reader_count": len(subset.readers) or len(table.readers),
        "pairs": [(PAIR_SEPARATOR.join(pair), " and ".join(pair)) for pair in selection.pairs],
        "selected_pair": PAIR_SEPARATOR.join(filters.pair or ()),
    }


def _agreement_context(selection: Selection) -> dict[str, Any]:
    filters, table, results = selection.filters, selection.table, selection.results
    summary = selection.snapshot.summary
    weights, outcome = filters.weights, filters.outcome
    answer = selection.headline
    zone = timezone.get_current_timezone()
    primary = (outcome, weights) == (summary.outcome, summary.weights) and filters.subset.whole
    return {
        "main_finding": unbroken(answer.finding.sentence),
        "interval": unbroken(answer.interval_text),
        "caution": answer.finding.caution,
        "characteristics": list(study_tables.study_characteristics(summary, table, zone)),
        "primary": primary,
        "outcome_name": outcome_name(outcome),
        "kappa_name": kappa_name(weights),
        "summary": summary,
        "figures": {figure.name: figure for figure in figures_of(selection)},
        "pair_figures": list(pair_figures(selection)),
        "query": f"{filters.query}&snapshot={summary.data_hash[:12]}",
        "tables": [template_table(table, review_link(selection)) for table in _tables(selection)],
        "crosstabs": confusion_links(selection),
        "methods": methods(summary, table, results),
        "notes": list(notes_of(results, weights=weights)),
        "warnings": results.warnings,
    }


def _tables(selection: Selection) -> list[TextTable]:
    """Return the tables of the agreement page in order; the first ones are shown open."""
    filters, table, results = selection.filters, selection.table, selection.results
    weights, outcome = filters.weights, filters.outcome
    tables = [
        agreement_tables.outcome_table(results, weights=weights, primary=outcome),
        first_pairs(selection, "kappa"),
        agreement_tables.weights_table(results, outcome=outcome),
        first_pairs(selection, "totals"),
        study_tables.readability_table(table),
        first_pairs(selection, "readable"),
        study_tables.time_table(table, results.compared),
    ]
    if icc_table := selection.icc_contrasts:
        tables.insert(4, icc_table)
    if "aac8" in table.outcomes:
        tables[4:4] = [aac8_table(results, weights=weights), first_pairs(selection, "aac8")]
    if table.measured is not None:
        tables.extend(overriding_tables(table, results, weights=weights))
        tables.append(first_pairs(selection, "measured"))
        if has_lengths(table):
            tables.append(first_pairs(selection, "lengths"))
    if agreed := consensus_table(table, results, outcome=outcome, weights=weights):
        tables.insert(2, agreed)
    caveat = reference_caveat(selection.snapshot.summary)
    if accuracy := reference_table(table, results, outcome=outcome, weights=weights, note=caveat):
        tables.insert(2, accuracy)
    if bool((table.replicate > 1).any()):
        repeats = repeat_agreement(table, results, outcome=outcome, weights=weights)
        tables.extend(intrareader_tables(repeats, outcome=outcome, weights=weights))
    if contrasts := contrast_table(results, outcome=outcome, weights=weights):
        tables.insert(1, contrasts)
    return tables


def _bootstrap_context(study: Study, selection: Selection) -> dict[str, Any]:
    run = bootstrap_of(study, selection)
    if run is None or run.state != BootstrapRun.State.DONE:
        return {"bootstrap": run}
    table = bootstrap_table(
        intervals_of(run),
        outcome=selection.filters.outcome,
        weights=selection.filters.weights,
        seed=run.seed,
        resamples=run.resamples,
    )
    return {"bootstrap": run, "bootstrap_table": template_table(table)}
