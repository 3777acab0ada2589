"""Pages on which a coordinator creates a study and sets its design and sites."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from studies.errors import NotAllowed, NotFound, StudyError
from studies.protocol.amendments import amend_protocol, has_assigned_cases
from studies.protocol.design import add_site, change_study, remove_site
from studies.protocol.design_files import design_document
from studies.readers.access import get_membership, require_study_coordinator
from studies.readers.amendment_forms import AmendmentForm
from studies.readers.forms import SiteForm, StudyForm
from studies.readers.members import create_study_with_coordinator, import_study
from studies.readers.requests import UserRequest

AMENDMENTS_PER_PAGE = 20


@login_required
def new_study(request: UserRequest) -> HttpResponse:
    """Create a study."""
    if not request.user.may_create_studies:
        raise NotAllowed("Your account may not create studies. Ask the administrator.")
    form = StudyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        study = create_study_with_coordinator(by=request.user, **form.cleaned_data)
        messages.success(request, "Study created. Next, add the participating sites.")
        return redirect("setup", slug=study.slug)
    return render(request, "study/study_form.html", {"form": form})


@login_required
@require_POST
def import_study_page(request: UserRequest) -> HttpResponse:
    """Create a study from the contents of a design file.

    They are sent as text, because requests with files are accepted for images alone.
    """
    if not request.user.may_create_studies:
        raise NotAllowed("Your account may not create studies. Ask the administrator.")
    content = request.POST.get("design", "").strip()
    if not content:
        messages.error(request, "Paste the contents of a design file.")
        return redirect("new-study")
    try:
        study = import_study(by=request.user, content=content.encode())
    except StudyError as error:
        messages.error(request, error.message)
        return redirect("new-study")
    messages.success(
        request, f"Study created from the design of “{study.name}”. Check its name and design."
    )
    return redirect("setup", slug=study.slug)


@login_required
@require_GET
def design_file(request: UserRequest, slug: str) -> HttpResponse:
    """Return the design of a study as a JSON file, with its seed if that is requested."""
    study = require_study_coordinator(request.user, slug)
    with_seed = request.GET.get("seed") == "1"
    document = design_document(study=study, actor=request.user, with_seed=with_seed)
    response = JsonResponse(document, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-design.json"'
    return response


@login_required
def setup(request: UserRequest, slug: str) -> HttpResponse:
    """Show and change the design of a study, and show its sites."""
    study = require_study_coordinator(request.user, slug)
    form = StudyForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid():
        # The form has written its values to `study`; the action compares with the stored ones.
        study.refresh_from_db()
        try:
            change_study(study=study, actor=request.user, **form.cleaned_data)
        except StudyError as error:
            if error.code != "reason_missing":
                raise
            form.add_error("reason", error.message)
        else:
            messages.success(request, "Design saved.")
            return redirect("setup", slug=slug)
    return _show_setup(request, slug, form=form)


@login_required
@require_POST
def record_amendment_page(request: UserRequest, slug: str) -> HttpResponse:
    """Record an amendment of the protocol."""
    study = require_study_coordinator(request.user, slug)
    form = AmendmentForm(request.POST, auto_id="amendment_%s")
    if form.is_valid():
        try:
            amendment = amend_protocol(study=study, by=request.user, **form.cleaned_data)
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            messages.success(
                request, f"Amendment {amendment.number} recorded. The report will list it."
            )
            return redirect(reverse("setup", args=[slug]) + "#amendments")
    return _show_setup(request, slug, amendment_form=form)


def _show_setup(
    request: UserRequest,
    slug: str,
    *,
    form: StudyForm | None = None,
    amendment_form: AmendmentForm | None = None,
) -> HttpResponse:
    # An invalid form has also changed its instance, so the page shows the stored study.
    study = require_study_coordinator(request.user, slug)
    assigned = has_assigned_cases(study)
    amendments = Paginator(study.amendments.order_by("-number"), AMENDMENTS_PER_PAGE)
    context = {
        "study": study,
        "membership": get_membership(request.user, slug),
        "form": form or StudyForm(instance=study),
        "site_form": SiteForm(auto_id="site_%s", assigned=assigned),
        "sites": study.sites.all(),
        "assigned": assigned,
        "amendments": amendments.get_page(request.GET.get("amendments")),
        "amendment_form": amendment_form
        or AmendmentForm(auto_id="amendment_%s", initial={"dated": timezone.localdate()}),
    }
    return render(request, "study/setup.html", context)


@login_required
@require_POST
def add_site_page(request: UserRequest, slug: str) -> HttpResponse:
    """Add a site to a study."""
    study = require_study_coordinator(request.user, slug)
    form = SiteForm(request.POST, assigned=has_assigned_cases(study))
    try:
        if not form.is_valid():
            raise ValidationError(form.errors)
        site = add_site(study=study, actor=request.user, **form.cleaned_data)
        messages.success(request, f"Site {site.code} added.")
    except ValidationError as error:
        messages.error(request, "The site was not added. " + " ".join(error.messages))
    except StudyError as error:
        messages.error(request, f"The site was not added. {error.message}")
    return redirect(reverse("setup", args=[slug]) + "#sites")


@login_required
@require_POST
def remove_site_page(request: UserRequest, slug: str, code: str) -> HttpResponse:
    """Remove a site that has neither members nor cases."""
    study = require_study_coordinator(request.user, slug)
    site = study.sites.filter(code=code).first()
    if site is None:
        raise NotFound
    try:
        remove_site(site=site, actor=request.user, reason=request.POST.get("reason", ""))
    except StudyError as error:
        if error.code != "reason_missing":
            raise
        messages.error(request, f"The site was not removed. {error.message}")
    else:
        messages.success(request, f"Site {code} removed.")
    return redirect(reverse("setup", args=[slug]) + "#sites")
