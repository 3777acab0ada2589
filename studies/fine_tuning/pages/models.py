"""Pages of models: all models, one model, and the model of a study."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from studies.cases.landmarks.model_counts import count_cases_by_model
from studies.cases.landmarks.repeated_analyses import find_other_weights
from studies.cases.models import Case
from studies.errors import Conflict, StudyError
from studies.fine_tuning.forms import SelectModelForm
from studies.fine_tuning.models import FineTuningRun
from studies.protocol.models import Study
from studies.readers.access import (
    active_memberships,
    require_coordinator,
    require_study_coordinator,
)
from studies.readers.requests import UserRequest
from studies.registry.access import (
    MODELS_PER_PAGE,
    get_visible_model,
    manages_models,
    require_model_manager,
    visible_models,
)
from studies.registry.changes import activate_model
from studies.registry.installed import installed_model
from studies.registry.models import ModelActivation, RegisteredModel
from studies.registry.study_models import (
    analysis_model,
    current_choice,
    is_fixed,
    select_model,
)
from studies.registry.usability import name_cases, trained_on_cases

MAX_LISTED_STUDIES = 500
"""Newest studies in the form that adds a model; the API accepts any."""


@login_required
def models(request: UserRequest) -> HttpResponse:
    """List the models; people who manage them can also add and activate models."""
    rows = visible_models(request.user)
    manages, active = manages_models(request.user), _active()
    context = {
        "page": Paginator(rows, MODELS_PER_PAGE).get_page(request.GET.get("page")),
        "manages": manages,
        "active": active,
        "unfinished": rows.unfinished().exists(),
        "studies": Study.objects.order_by("-created_at")[:MAX_LISTED_STUDIES] if manages else (),
        "page_data": {"api": "/api/v1/"},
    }
    return render(request, "models/list.html", context)


@login_required
def model(request: UserRequest, pk: UUID) -> HttpResponse:
    """Show a model with its evaluation and model card."""
    registered = get_visible_model(request.user, pk)
    manages = manages_models(request.user)
    sources = registered.source_studies.order_by("name")
    if not manages:
        # Other studies and their statements are not for everyone who may see the model.
        sources = sources.filter(pk__in=active_memberships(request.user).values("study"))
    context = {
        "model": registered,
        "active": _active(),
        "manages": manages,
        "source_studies": sources,
        "run": _run_of(registered) if manages else None,
        "activations": registered.activations.select_related("by")[:20],
    }
    return render(request, "models/model.html", context)


@login_required
@require_POST
def activate(request: UserRequest, pk: UUID) -> HttpResponse:
    """Activate a model for new analyses."""
    require_model_manager(request.user)
    registered = get_visible_model(request.user, pk)
    try:
        activate_model(model=registered, by=request.user)
    except StudyError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            f"{registered.name} is active. New analyses use it, except in studies that have "
            "selected or fixed another model and in studies whose cases it was trained on.",
        )
    return redirect("models")


@login_required
def study_models(request: UserRequest, slug: str) -> HttpResponse:
    """Show the model of a study, its history, and the models that it may use."""
    membership = require_coordinator(request.user, slug)
    study = membership.study
    usable = visible_models(request.user).usable_by(study)
    current, problem = None, ""
    try:
        current = analysis_model(study)
    except Conflict as error:
        problem = error.message
    may_select = membership.site_id is None and not study.locked
    other = find_other_weights(study) if may_select else None
    context = {
        "study": study,
        "membership": membership,
        "model": current,
        "problem": problem,
        "fixed": is_fixed(study),
        "trained_on": name_cases(trained_on_cases(study, current, site=membership.site_id))
        if current
        else "",
        "other": other,
        "left_alone": name_cases(list(other.left_alone)) if other else "",
        "choice": current_choice(study),
        "history": study.study_models.select_related("model", "amendment", "by"),
        "page": Paginator(usable, MODELS_PER_PAGE).get_page(request.GET.get("page")),
        "cases": count_cases_by_model(
            Case.objects.seen_by(membership), current.checksum if current else ""
        ),
        "may_select": may_select,
    }
    return render(request, "models/study.html", context)


@login_required
def select(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Select the model of a study, with an amendment if its model is fixed."""
    study = require_study_coordinator(request.user, slug)
    registered = get_visible_model(request.user, pk)
    choice = current_choice(study)
    posted = request.POST if request.method == "POST" else None
    form = SelectModelForm(posted, fixed=is_fixed(study))
    if form.is_valid():
        try:
            select_model(study=study, model=registered, by=request.user, details=form.details)
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            messages.success(
                request,
                f"New analyses of this study use {registered.name}. Existing landmarks do not "
                "change.",
            )
            return redirect("study-models", slug=slug)
    context: dict[str, Any] = {
        "study": study,
        "membership": require_coordinator(request.user, slug),
        "model": registered,
        "choice": choice,
        "form": form,
    }
    return render(request, "models/select.html", context)


def _run_of(registered: RegisteredModel) -> FineTuningRun | None:
    """Return the run that fine-tuned a model, with the stated basis for using the images."""
    run: FineTuningRun | None = (
        FineTuningRun.objects.filter(result=registered).select_related("by").first()
    )
    return run


def _active() -> RegisteredModel | None:
    """Return the active model, which applies to all studies whose cases it was not trained on."""
    activation = ModelActivation.objects.select_related("model").first()
    return activation.model if activation else installed_model()
