"""Pages with which a coordinator sets up instructions, practice and certification."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from studies.errors import NotFound, StudyError
from studies.practice.certification import set_certification, waive_certification
from studies.practice.forms import (
    CertificationForm,
    InstructionsForm,
    PhantomsForm,
    PracticeCaseForm,
    RefresherForm,
)
from studies.practice.instructions.api import instructions_json
from studies.practice.instructions.example_images import example_picture
from studies.practice.instructions.versions import current_instructions, save_instructions
from studies.practice.models import InstructionPicture, PracticeCase
from studies.practice.practice_set import add_case, add_phantoms, remove_practice_case
from studies.practice.reference_traces import remove_reference_traces, set_reference_traces
from studies.practice.refreshers.rules import set_refreshers
from studies.practice.summary import (
    accessible_training,
    has_training,
    practice_case_counts,
    study_training,
)
from studies.protocol.models import Study
from studies.readers.access import get_membership, require_study_coordinator
from studies.readers.models import Membership, Role
from studies.readers.requests import UserRequest
from studies.storage.files import read_stored

CASES_PER_PAGE = 20
# The pictures of the guide change only with a new version of VerteRead.
CACHED_A_DAY = "private, max-age=86400"


@login_required
def practice_setup(request: UserRequest, slug: str) -> HttpResponse:
    """Show instructions, practice set, certification and readers."""
    return _show_setup(request, require_study_coordinator(request.user, slug))


@login_required
def edit_instructions(request: UserRequest, slug: str) -> HttpResponse:
    """Change the instructions; every change is a new version."""
    study = require_study_coordinator(request.user, slug)
    current = current_instructions(study)
    form = InstructionsForm(study, current, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_instructions(
                study=study,
                by=request.user,
                text=form.cleaned_data["text"],
                arm_texts=form.arm_texts,
                reason=form.cleaned_data.get("reason", ""),
            )
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            text = f"Saved as version {saved.version}. Readers will see it the next time they read."
            messages.success(request, text)
            return redirect("edit-instructions", slug=slug)
    membership = get_membership(request.user, slug)
    context = {
        "study": study,
        "membership": membership,
        "form": form,
        "current": current,
        "instructions": instructions_json(membership),
        "pictures": study.instruction_pictures.order_by("-uploaded_at"),
        "page_data": {"study": slug, "api": "/api/v1/"},
    }
    return render(request, "practice/instructions.html", context)


@login_required
def instruction_picture(request: UserRequest, slug: str, pk: UUID) -> HttpResponse:
    """Return a picture of the instructions to the study's readers and coordinators."""
    study = get_membership(request.user, slug, Role.READER, Role.COORDINATOR).study
    picture = InstructionPicture.objects.filter(study=study, pk=pk).first()
    if picture is None:
        raise NotFound
    return _png(read_stored(picture.file))


@login_required
def scoring_example(request: UserRequest, wall: str, grade: int) -> HttpResponse:
    """Return an example of a grade on a phantom."""
    try:
        return _png(example_picture(wall, grade))
    except KeyError as error:
        raise NotFound from error


@login_required
@require_POST
def add_phantoms_page(request: UserRequest, slug: str) -> HttpResponse:
    """Add phantoms to the practice set."""
    study = require_study_coordinator(request.user, slug)
    form = PhantomsForm(request.POST)
    if not form.is_valid():
        return _show_setup(request, study, phantoms_form=form)
    try:
        added = len(add_phantoms(study=study, by=request.user, number=form.cleaned_data["number"]))
    except StudyError as error:
        form.add_error("number", error.message)
        return _show_setup(request, study, phantoms_form=form)
    messages.success(request, f"{added} phantom{'' if added == 1 else 's'} added.")
    return redirect(reverse("practice-setup", args=[slug]) + "#practice-set")


@login_required
@require_POST
def add_practice_case_page(request: UserRequest, slug: str) -> HttpResponse:
    """Move a case of the study to the practice set."""
    study = require_study_coordinator(request.user, slug)
    form = PracticeCaseForm(study, request.POST)
    if form.is_valid():
        case = form.cleaned_data["case"]
        try:
            add_case(
                case=case, by=request.user, grades=form.grades, source=form.cleaned_data["source"]
            )
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            text = f"{case.label} is now a practice case. It will not be assigned to readers."
            messages.success(request, text)
            return redirect(reverse("practice-setup", args=[slug]) + "#practice-set")
    return _show_setup(request, study, case_form=form)


@login_required
@require_POST
def set_reference_traces_page(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """Store the plaques of a practice case from the text of a traces file."""
    practice_case = _practice_case(request, slug, number)
    text = request.POST.get("traces", "")
    return _run(
        request,
        slug,
        lambda: set_reference_traces(practice_case=practice_case, by=request.user, text=text),
        f"Reference traces of practice case {number} saved. Readers see them once they have "
        "submitted the case.",
    )


@login_required
@require_POST
def remove_reference_traces_page(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """Remove the plaques of a practice case, which keeps its reference grades."""
    practice_case = _practice_case(request, slug, number)
    return _run(
        request,
        slug,
        lambda: remove_reference_traces(practice_case=practice_case, by=request.user),
        f"Reference traces of practice case {number} removed. Readers see its grades only.",
    )


@login_required
@require_POST
def remove_practice_case_page(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """Remove a case from the practice set."""
    practice_case = _practice_case(request, slug, number)
    text = f"Practice case {number} removed."
    return _run(
        request,
        slug,
        lambda: remove_practice_case(practice_case=practice_case, by=request.user),
        text,
    )


@login_required
@require_POST
def set_certification_page(request: UserRequest, slug: str) -> HttpResponse:
    """Set whether readers must be certified, and by which rules."""
    study = require_study_coordinator(request.user, slug)
    form = CertificationForm(study, request.POST)
    if form.is_valid():
        try:
            set_certification(study=study, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, error.message)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "Certification rules saved.")
            return redirect(reverse("practice-setup", args=[slug]) + "#certification")
    return _show_setup(request, study, certification_form=form)


@login_required
@require_POST
def set_refreshers_page(request: UserRequest, slug: str) -> HttpResponse:
    """Set whether practice cases are mixed into the study readings."""
    study = require_study_coordinator(request.user, slug)
    form = RefresherForm(study, request.POST)
    if form.is_valid():
        try:
            set_refreshers(study=study, by=request.user, **form.rules)
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Refresher settings saved.")
            return redirect(reverse("practice-setup", args=[slug]) + "#refreshers")
    return _show_setup(request, study, refresher_form=form)


@login_required
@require_POST
def waive_certification_page(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Let a reader read without the certification, with a reason."""
    study = require_study_coordinator(request.user, slug)
    reader = Membership.objects.filter(study=study, pk=pk, role=Role.READER).first()
    if reader is None:
        raise NotFound
    reason = request.POST.get("reason", "")
    text = f"Certification of {reader.label} waived. {reader.label} can now read."
    return _run(
        request,
        slug,
        lambda: waive_certification(reader=reader, by=request.user, reason=reason),
        text,
    )


def training_section(membership: Membership) -> dict[str, object]:
    """Return what the page of the readers' progress shows of their training."""
    if not has_training(membership.study):
        return {}
    return {"training": accessible_training(membership)}


def _practice_case(request: UserRequest, slug: str, number: int) -> PracticeCase:
    study = require_study_coordinator(request.user, slug)
    practice_case = PracticeCase.objects.filter(study=study, number=number, active=True).first()
    if practice_case is None:
        raise NotFound
    return practice_case


def _run(request: UserRequest, slug: str, action: Callable[[], object], text: str) -> HttpResponse:
    """Run an action and return to the page, with its success or its error as a message."""
    try:
        action()
    except StudyError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, text)
    return redirect("practice-setup", slug=slug)


def _show_setup(
    request: UserRequest,
    study: Study,
    *,
    phantoms_form: PhantomsForm | None = None,
    case_form: PracticeCaseForm | None = None,
    certification_form: CertificationForm | None = None,
    refresher_form: RefresherForm | None = None,
) -> HttpResponse:
    pages = Paginator(practice_case_counts(study), CASES_PER_PAGE)
    context = {
        "study": study,
        "membership": get_membership(request.user, study.slug),
        "current": current_instructions(study),
        "training": study_training(study),
        "practice_cases": pages.get_page(request.GET.get("page")),
        "phantoms_form": phantoms_form or PhantomsForm(),
        "case_form": case_form or PracticeCaseForm(study),
        "certification_form": certification_form or CertificationForm(study),
        "refresher_form": refresher_form or RefresherForm(study),
        # Some browsers ignore an error in a folded section.
        "case_form_open": case_form is not None,
    }
    submitted = (phantoms_form, case_form, certification_form, refresher_form)
    invalid = any(form is not None for form in submitted)
    return render(request, "practice/setup.html", context, status=400 if invalid else 200)


def _png(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="image/png")
    response["Cache-Control"] = CACHED_A_DAY
    return response
