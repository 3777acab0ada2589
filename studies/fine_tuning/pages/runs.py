"""Pages of fine-tuning: the runs of a study with the form that starts one, and one run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from studies.errors import StudyError
from studies.fine_tuning.access import (
    CASES_PER_PAGE,
    RUNS_PER_PAGE,
    cases_of_run,
    coordinated_studies,
    get_run,
)
from studies.fine_tuning.candidates import count_candidates
from studies.fine_tuning.forms import FineTuningForm
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.queueing import queue_fine_tuning
from studies.fine_tuning.runs import MIN_PATIENTS, cancel_run, request_fine_tuning, resume_run
from studies.fine_tuning.training_plot import training_curves
from studies.readers.access import require_coordinator, require_study_coordinator
from studies.readers.requests import UserRequest
from studies.registry.access import manages_models, visible_models
from studies.registry.study_models import model_of

MAX_LISTED_MODELS = 50
"""Newest models to start from; the API accepts any."""
MAX_LISTED_CASES = 20
"""Withdrawn cases that a page names above the list of all cases."""


@login_required
def fine_tuning(request: UserRequest, slug: str) -> HttpResponse:
    """List the runs that use cases of the study, and start one."""
    study = require_study_coordinator(request.user, slug)
    # Registers the installed model, so that there is one to start from.
    current = model_of(study)
    form = FineTuningForm(
        request.POST if request.method == "POST" else None,
        candidates=count_candidates(coordinated_studies(request.user)),
        study=study,
        models=visible_models(request.user).ready().newest(MAX_LISTED_MODELS),
        current=current,
    )
    if form.is_valid():
        try:
            run = request_fine_tuning(by=request.user, **form.fields_of_run())
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            queue_fine_tuning(run)
            messages.success(request, "The run is queued. This page shows its progress.")
            return redirect("fine-tuning-run", slug=slug, pk=run.pk)
    runs = FineTuningRun.objects.seen_by(request.user).filter(studies=study)
    pages = Paginator(runs.select_related("by", "start"), RUNS_PER_PAGE)
    context = {
        "study": study,
        "membership": require_coordinator(request.user, slug),
        "form": form,
        "page": pages.get_page(request.GET.get("page")),
        "unfinished": runs.unfinished().exists(),
        "min_patients": MIN_PATIENTS,
    }
    return render(request, "models/fine_tuning.html", context)


@login_required
def run(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Show the progress of a run, its curves, its cases and, in the end, its evaluation."""
    study = require_study_coordinator(request.user, slug)
    shown = get_run(request.user, pk)
    cases = cases_of_run(request.user, shown)
    withdrawn = cases.withdrawn()
    # The parts are stored together with the first state.
    begun = shown.run_cases.used().exists()
    if begun:
        # Those that were withdrawn before the training began do not affect it.
        withdrawn = withdrawn.used()
    context: dict[str, Any] = {
        "study": study,
        "membership": require_coordinator(request.user, slug),
        "run": shown,
        "begun": begun,
        "more_studies": shown.study_count - len(shown.named_studies),
        "page": Paginator(cases, CASES_PER_PAGE).get_page(request.GET.get("page")),
        "withdrawn": withdrawn[:MAX_LISTED_CASES],
        "curves": training_curves(shown.log, shown.steps),
        "manages": manages_models(request.user),
    }
    return render(request, "models/run.html", context)


@login_required
@require_POST
def cancel(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Cancel a run."""
    require_study_coordinator(request.user, slug)
    try:
        cancel_run(run=get_run(request.user, pk), by=request.user)
    except StudyError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "The run is cancelled. You can resume it.")
    return redirect("fine-tuning-run", slug=slug, pk=pk)


@login_required
@require_POST
def resume(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Resume a run."""
    require_study_coordinator(request.user, slug)
    try:
        queue_fine_tuning(resume_run(run=get_run(request.user, pk), by=request.user))
    except StudyError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "The run is queued again and continues from where it stopped.")
    return redirect("fine-tuning-run", slug=slug, pk=pk)
