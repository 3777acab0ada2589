"""The agreement page with its figures, and the downloads."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST

from studies.analytics.kappa import WEIGHTS
from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.readers.access import may_see_scores
from studies.reports import study_tables, tables
from studies.reports.choices import PAIR_MARK, Choice, choice_from
from studies.reports.cut import Cut, NothingRead, current_cut, every_statistic
from studies.reports.figures import draw, figures_of
from studies.reports.methods import methods
from studies.reports.nhanes import nhanes_code_book_lines, nhanes_lines
from studies.reports.runs import (
    ask_for_report,
    look_before_lock,
    report_seen_by,
    seeing_scores,
    statistics_membership,
)
from studies.reports.script import script_for
from studies.reports.summary import answer
from studies.reports.tasks import queue_report
from studies.reports.tidy import code_book_lines, csv_lines
from studies.reports.wording import arm_name, kappa_name, outcome_name, unbroken, weights_name
from studies.reports.workbook import write_workbook
from studies.sessions.export import tidy_rows

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@never_cache
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
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
    choice = choice_from(request.GET.dict(), cut)
    context |= _agreement_context(study, cut, choice)
    return render(request, "reports/agreement.html", context)


@login_required
@require_POST
def look(request: HttpRequest, slug: str) -> HttpResponse:
    membership = statistics_membership(request.user, slug)
    reason = request.POST.get("reason", "")
    look_before_lock(study=membership.study, by=request.user, reason=reason)
    messages.warning(request, "You see the scores before the lock. Every report will say so.")
    return redirect("agreement", slug=slug)


@login_required
@cache_control(private=True, max_age=3600)
def figure(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """One figure as SVG; its address names the cut, so that it can be kept."""
    study = seeing_scores(request.user, slug)
    cut = _cut_or_conflict(study)
    drawn = draw(name, cut, choice_from(request.GET.dict(), cut))
    return HttpResponse(drawn, content_type="image/svg+xml")


@login_required
@never_cache
def downloads(request: HttpRequest, slug: str) -> HttpResponse:
    membership = statistics_membership(request.user, slug)
    study = membership.study
    context: dict[str, Any] = {"study": study, "membership": membership}
    if not may_see_scores(membership):
        return render(request, "reports/blind.html", context | {"downloads": True})
    runs = list(study.report_runs.select_related("by")[:50])
    context |= {
        "runs": runs,
        "unfinished": any(run.unfinished for run in runs),
    }
    return render(request, "reports/downloads.html", context)


@login_required
@require_POST
def make_report(request: HttpRequest, slug: str) -> HttpResponse:
    run = ask_for_report(study=seeing_scores(request.user, slug), by=request.user)
    queue_report(run)
    return redirect("downloads", slug=slug)


@login_required
@never_cache
def report_file(request: HttpRequest, slug: str, pk: UUID) -> FileResponse:
    run = report_seen_by(request.user, slug, pk)
    record("report.downloaded", actor=request.user, study=run.study, subject=run.pk)
    return FileResponse(
        run.document.open("rb"),
        as_attachment=True,
        filename=f"verteread-{slug}-{run.data_cut:%Y-%m-%d}.pdf",
        content_type="application/pdf",
    )


@login_required
@never_cache
def tidy_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    study = _downloaded(request, slug, "tidy-csv")
    return _attachment(
        StreamingHttpResponse(_encoded(csv_lines(tidy_rows(study))), content_type="text/csv"),
        f"verteread-{slug}-readings.csv",
    )


@login_required
def code_book(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    statistics_membership(request.user, slug)
    return _attachment(
        StreamingHttpResponse(_encoded(code_book_lines()), content_type="text/csv"),
        "verteread-code-book.csv",
    )


@login_required
@never_cache
def nhanes_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    study = _downloaded(request, slug, "nhanes-csv")
    return _attachment(
        StreamingHttpResponse(_encoded(nhanes_lines(tidy_rows(study))), content_type="text/csv"),
        f"verteread-{slug}-nhanes.csv",
    )


@login_required
def nhanes_code_book(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    statistics_membership(request.user, slug)
    return _attachment(
        StreamingHttpResponse(_encoded(nhanes_code_book_lines()), content_type="text/csv"),
        "verteread-nhanes-code-book.csv",
    )


@login_required
@never_cache
def script(request: HttpRequest, slug: str) -> HttpResponse:
    """The script that computes the report's numbers from the tidy CSV."""
    cut = _cut_or_conflict(seeing_scores(request.user, slug))
    text = script_for(cut.facts)
    return _attachment(HttpResponse(text, content_type="text/x-python"), "reproduce.py")


@login_required
@never_cache
def workbook(request: HttpRequest, slug: str) -> HttpResponse:
    study = _downloaded(request, slug, "workbook")
    cut = _cut_or_conflict(study)
    with tempfile.TemporaryDirectory(prefix="verteread-workbook-") as folder:
        path = Path(folder) / "readings.xlsx"
        write_workbook(path, rows=tidy_rows(study), facts=cut.facts, found=cut.found)
        content = path.read_bytes()
    return _attachment(HttpResponse(content, content_type=XLSX), f"verteread-{slug}-readings.xlsx")


@login_required
@never_cache
def statistics_json(request: HttpRequest, slug: str) -> HttpResponse:
    study = _downloaded(request, slug, "statistics")
    cut = _cut_or_conflict(study)
    whole = {
        "study": slug,
        "data_cut": cut.facts.data_cut.isoformat(),
        "data_hash": cut.facts.data_hash,
        "app_version": cut.facts.app_version,
        "simulated": cut.facts.simulated,
        "results": every_statistic(cut).records(),
        "warnings": list(cut.found.warnings),
    }
    text = json.dumps(whole, allow_nan=False)
    return _attachment(
        HttpResponse(text, content_type="application/json"), f"verteread-{slug}-agreement.json"
    )


def _agreement_context(study: Study, cut: Cut, choice: Choice) -> dict[str, Any]:
    facts, table, found = cut.facts, cut.table, cut.found
    weights, outcome = choice.weights, choice.outcome
    said = answer(table, found, outcome=outcome, weights=weights)
    shown = [
        tables.outcome_table(found, weights=weights, primary=outcome),
        tables.pair_table(found, outcome=outcome, weights=weights),
        tables.weights_table(found, outcome=outcome),
        tables.totals_table(found),
        study_tables.readability_table(table),
        tables.pair_table(found, outcome="readable", weights="none"),
        study_tables.time_table(table),
    ]
    pairs = found.pairs[choice.arm]
    return {
        "answer": unbroken(said.sentence),
        "caution": said.caution,
        "key_facts": list(study_tables.key_facts(facts, table)),
        "primary": outcome == facts.outcome and weights == facts.weights,
        "outcome_name": outcome_name(outcome),
        "kappa_name": kappa_name(weights),
        "facts": facts,
        "figures": {figure.name: figure for figure in figures_of(cut, choice)},
        "query": f"{choice.query}&cut={cut.facts.data_hash[:12]}",
        "tables": [_cells(each) for each in shown],
        "methods": methods(facts, table, found),
        "notes": list(tables.notes_of(found, weights=weights)),
        "warnings": found.warnings,
        "choice": choice,
        "chosen_pair": PAIR_MARK.join(choice.pair or ()),
        "outcomes": [(each, outcome_name(each)) for each in table.outcomes],
        "weights": [(each, weights_name(each).capitalize()) for each in WEIGHTS],
        "arms": [(arm or "", arm_name(arm)) for arm in found.arms],
        "pairs": [(PAIR_MARK.join(pair), " and ".join(pair)) for pair in pairs],
        "interim": not study.locked,
    }


def _cells(table: tables.TextTable) -> dict[str, Any]:
    """A table as the template takes it: each cell with whether it is a number."""
    rows = [
        {
            "cells": [(text, place >= table.text_columns) for place, text in enumerate(row)],
            "strong": number in table.strong,
        }
        for number, row in enumerate(table.rows)
    ]
    header = [(text, place >= table.text_columns) for place, text in enumerate(table.header)]
    return {
        "title": table.title,
        "caption": table.caption,
        "header": header,
        "rows": rows,
        "note": table.note,
    }


def _cut_or_conflict(study: Study) -> Cut:
    try:
        return current_cut(study)
    except NothingRead as error:
        raise Conflict("nothing_read", "No reading has been submitted yet.") from error


def _downloaded(request: HttpRequest, slug: str, what: str) -> Study:
    study = seeing_scores(request.user, slug)
    record("data.downloaded", actor=request.user, study=study, subject=what)
    return study


def _attachment(response: Any, name: str) -> Any:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _encoded(lines: Iterator[str]) -> Iterator[bytes]:
    for line in lines:
        yield line.encode()
