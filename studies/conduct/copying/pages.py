"""The page on which a coordinator or a statistician copies a study."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from studies.conduct.copying.copies import copy_study
from studies.conduct.copying.forms import CopyForm
from studies.errors import NotAllowed, StudyError
from studies.readers.access import get_membership
from studies.readers.models import Membership, Role, User
from studies.readers.requests import UserRequest


@login_required
@never_cache
def copy_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show the form of a copy and create the new study."""
    membership = _require_copier(request.user, slug)
    form = CopyForm(membership, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            copied = copy_study(source=membership, by=request.user, **form.values)
        except StudyError as error:
            form.add_error(None, error.message)
        else:
            text = f"“{copied.study.name}” created as a copy. Next, check its design."
            if not copied.invitations:
                messages.success(request, text)
                return redirect("setup", slug=copied.study.slug)
            # Shown in this response only: a redirect would have to store the tokens.
            links = [
                (
                    invitation,
                    request.build_absolute_uri(reverse("invitation", args=[invitation.token])),
                )
                for invitation in copied.invitations
            ]
            context = {"study": copied.study, "source": membership.study, "links": links}
            return render(request, "conduct/copied.html", context)
    current_tab = "setup" if membership.role == Role.COORDINATOR else "downloads"
    context = {
        "study": membership.study,
        "membership": membership,
        "form": form,
        "current_tab": current_tab,
    }
    return render(request, "conduct/copy.html", context)


def _require_copier(user: User, slug: str) -> Membership:
    """Return the membership of a coordinator of the whole study or of a statistician.

    Raises NotFound, or NotAllowed for members who may not copy it.
    """
    membership = get_membership(user, slug, Role.COORDINATOR, Role.STATISTICIAN)
    if membership.site_id is not None:
        raise NotAllowed("Site coordinators cannot do this. Ask a coordinator of the whole study.")
    if not user.may_create_studies:
        raise NotAllowed("Your account may not create studies. Ask the administrator.")
    return membership
