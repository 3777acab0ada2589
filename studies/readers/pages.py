"""Pages on which a study is set up and people are invited."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from studies.audit.record import record
from studies.errors import Conflict, NotAllowed, NotFound
from studies.protocol.design import add_site, change_study, remove_site
from studies.readers.access import coordinated_whole, membership_in
from studies.readers.forms import AccountForm, InvitationForm, SiteForm, StudyForm
from studies.readers.invitations import (
    accept_invitation,
    find_invitation,
    invite,
    join_with_new_account,
    revoke_invitation,
)
from studies.readers.members import set_active
from studies.readers.models import Invitation, Membership, Role
from studies.readers.requests import UserRequest
from studies.readers.study_creation import create_study_with_coordinator


@login_required
def new_study(request: UserRequest) -> HttpResponse:
    if not request.user.may_create_studies:
        raise NotAllowed("Your account may not create studies. Ask the administrator.")
    form = StudyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        study = create_study_with_coordinator(by=request.user, **form.cleaned_data)
        messages.success(request, "The study is made. Now name its sites.")
        return redirect("setup", slug=study.slug)
    return render(request, "study_form.html", {"form": form})


@login_required
def setup(request: UserRequest, slug: str) -> HttpResponse:
    study = coordinated_whole(request.user, slug)
    form = StudyForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid():
        study.refresh_from_db()
        change_study(study=study, actor=request.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("setup", slug=slug)
    study_now = coordinated_whole(request.user, slug)
    context = {
        "study": study_now,
        "membership": membership_in(request.user, slug),
        "form": form,
        "site_form": SiteForm(auto_id="site_%s"),
        "sites": study_now.sites.all(),
        "dealt": study_now.reading_lists.exists(),
    }
    return render(request, "setup.html", context)


@login_required
@require_POST
def add_site_page(request: UserRequest, slug: str) -> HttpResponse:
    study = coordinated_whole(request.user, slug)
    form = SiteForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(form.errors)
        site = add_site(study=study, actor=request.user, **form.cleaned_data)
        messages.success(request, f"{site.code} is added.")
    except ValidationError as error:
        messages.error(request, "The site was not added. " + " ".join(error.messages))
    return redirect(reverse("setup", args=[slug]) + "#sites")


@login_required
@require_POST
def remove_site_page(request: UserRequest, slug: str, code: str) -> HttpResponse:
    study = coordinated_whole(request.user, slug)
    site = study.sites.filter(code=code).first()
    if site is None:
        raise NotFound
    remove_site(site=site, actor=request.user)
    messages.success(request, f"{code} is removed.")
    return redirect(reverse("setup", args=[slug]) + "#sites")


@login_required
@never_cache
def people(request: UserRequest, slug: str) -> HttpResponse:
    study = coordinated_whole(request.user, slug)
    form = InvitationForm(
        study, request.POST or None, instance=Invitation(study=study, role=Role.READER)
    )
    link = ""
    if request.method == "POST" and form.is_valid():
        _, token = invite(
            study=study,
            role=Role(form.cleaned_data["role"]),
            site=form.cleaned_data["site"],
            note=form.cleaned_data["note"],
            by=request.user,
        )
        link = request.build_absolute_uri(reverse("invitation", args=[token]))
        form = InvitationForm(study, instance=Invitation(study=study, role=Role.READER))
    context = {
        "study": study,
        "membership": membership_in(request.user, slug),
        "form": form,
        "link": link,
        "members": Membership.objects.filter(study=study)
        .select_related("user", "site")
        .order_by("role", "label"),
        "invitations": study.invitations.usable().select_related("site"),
    }
    return render(request, "people.html", context)


@login_required
@require_POST
def revoke(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    study = coordinated_whole(request.user, slug)
    invitation = study.invitations.filter(pk=pk).first()
    if invitation is None:
        raise NotFound
    revoke_invitation(invitation=invitation, by=request.user)
    messages.success(request, "The invitation is withdrawn: its link works no more.")
    return redirect("people", slug=slug)


@login_required
@require_POST
def set_member_active(request: UserRequest, slug: str, pk: int, active: bool) -> HttpResponse:
    study = coordinated_whole(request.user, slug)
    member = Membership.objects.filter(study=study, pk=pk).first()
    if member is None:
        raise NotFound
    set_active(membership=member, active=active, by=request.user)
    if active:
        messages.success(request, f"{member.label} is in the study again.")
    else:
        messages.success(request, f"{member.label} is out of the study. What was read stays.")
    return redirect("people", slug=slug)


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Join a study: with the account at hand, or with a new one."""
    found = find_invitation(token)
    form: Any = None
    if not request.user.is_authenticated:
        form = AccountForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user = form.save(commit=False)
            try:
                join_with_new_account(token=token, user=user)
            except Conflict as error:
                form.add_error("username", error.message)
            else:
                login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
                record("account.signed_in", actor=user)
                return redirect("home")
    elif request.method == "POST":
        accept_invitation(token=token, user=request.user)
        messages.success(request, f"You have joined {found.study.name}.")
        return redirect("home")
    return render(request, "invitation.html", {"invitation": found, "form": form})
