"""Pages for the members of a study and for invitations to it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from studies.audit.record import record
from studies.errors import Conflict, NotFound
from studies.mail import letters
from studies.mail.letters import Letter
from studies.mail.outbox import mail_enabled
from studies.mail.queueing import queue_mail
from studies.mail.rendering import render_letter
from studies.protocol.models import Study
from studies.protocol.reminders import change_reminders
from studies.readers.access import get_membership, require_study_coordinator
from studies.readers.account_mail.addresses import request_confirmation
from studies.readers.forms import AccountForm, InvitationForm, ReminderForm
from studies.readers.invitations import (
    accept_invitation,
    create_invitation,
    find_invitation,
    join_with_new_account,
    revoke_invitation,
    write_letter,
)
from studies.readers.members import set_active
from studies.readers.models import Invitation, Membership, Role, User
from studies.readers.requests import UserRequest

DAYS_IN_EXAMPLE = 7
MEMBERS_PER_PAGE = 50
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_required
@never_cache
def people(request: UserRequest, slug: str) -> HttpResponse:
    """Show members and pending invitations, and create an invitation."""
    study = require_study_coordinator(request.user, slug)
    form = InvitationForm(
        study, request.POST or None, instance=Invitation(study=study, role=Role.READER)
    )
    shown_once: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data.get("address", "")
        try:
            created, token = create_invitation(
                study=study,
                role=Role(form.cleaned_data["role"]),
                site=form.cleaned_data["site"],
                note=form.cleaned_data["note"],
                by=request.user,
                address=address,
            )
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            if created.mail is not None:
                queue_mail(created.mail)
            # Shown in this response only: a redirect would have to store the token.
            shown_once = _link_to_copy(request, created, token) | {"address": address}
            form = InvitationForm(study, instance=Invitation(study=study, role=Role.READER))
    members = Membership.objects.filter(study=study).select_related("user", "site")
    invitations = study.invitations.usable().select_related("site", "mail")
    context = {
        "study": study,
        "membership": get_membership(request.user, slug),
        "form": form,
        **shown_once,
        "members": Paginator(members.order_by("role", "label"), MEMBERS_PER_PAGE).get_page(
            request.GET.get("page")
        ),
        "invitations": Paginator(
            invitations.order_by("-created_at", "pk"), MEMBERS_PER_PAGE
        ).get_page(request.GET.get("invitations")),
        "reminder_form": ReminderForm(instance=study),
        "texts": [] if mail_enabled() or study.locked else _texts_to_copy(request, study),
    }
    return render(request, "study/people.html", context)


def _texts_to_copy(request: UserRequest, study: Study) -> list[tuple[str, str]]:
    """Return name and text of what coordinators send themselves where no emails are sent."""
    path = reverse("read", args=[study.slug])
    days = study.reminder_after_days or DAYS_IN_EXAMPLE
    texts = [("Reminder", letters.reminder(study=study.name, days=days, path=path))]
    if study.design == Study.Design.CROSSOVER:
        text = letters.period_open(study=study.name, period=2, path=path)
        texts.append(("Period 2 is open", text))
    return [(name, _as_text(request, letter)) for name, letter in texts]


@login_required
@require_POST
def set_reminders(request: UserRequest, slug: str) -> HttpResponse:
    """Change after how many idle days readers are reminded, and how often."""
    study = require_study_coordinator(request.user, slug)
    form = ReminderForm(request.POST, instance=study)
    if not form.is_valid():
        for name, errors in form.errors.get_json_data().items():
            label = form.fields[name].label if name in form.fields else "Reminders"
            texts = " ".join(str(error["message"]) for error in errors)
            messages.error(request, f"{label}: {texts}")
        return redirect("people", slug=slug)
    after_days = form.cleaned_data["reminder_after_days"]
    change_reminders(
        study=study,
        actor=request.user,
        after_days=after_days,
        limit=form.cleaned_data["reminder_limit"],
    )
    if after_days:
        text = f"Reminders saved. Readers are reminded after {after_days} days without reading."
    else:
        text = "Reminders switched off."
    messages.success(request, text)
    return redirect("people", slug=slug)


def _link_to_copy(request: UserRequest, invitation: Invitation, token: str) -> dict[str, str]:
    """Return the link of a new invitation, and a text with it to send by other means."""
    return {
        "link": request.build_absolute_uri(reverse("invitation", args=[token])),
        "letter_text": _as_text(request, write_letter(invitation, token)),
    }


def _as_text(request: UserRequest, letter: Letter) -> str:
    """Return a letter as text to copy, with its subject."""
    rendered = render_letter(letter, base_url=request.build_absolute_uri("/").rstrip("/"))
    return f"Subject: {rendered.subject}\n\n{rendered.text}"


def _send_confirmation(user: User) -> None:
    """Send the link that confirms the address which a new person has entered, if any."""
    if user.email and mail_enabled():
        mail = request_confirmation(user=user, address=user.email)
        if mail is not None:
            queue_mail(mail)


@login_required
@require_POST
def revoke(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Withdraw an invitation."""
    study = require_study_coordinator(request.user, slug)
    invitation = study.invitations.filter(pk=pk).first()
    if invitation is None:
        raise NotFound
    revoke_invitation(invitation=invitation, by=request.user)
    messages.success(request, "Invitation withdrawn. Its link is no longer valid.")
    return redirect("people", slug=slug)


@login_required
@require_POST
def set_member_active(request: UserRequest, slug: str, pk: int, active: bool) -> HttpResponse:
    """Deactivate or reactivate a member."""
    study = require_study_coordinator(request.user, slug)
    member = Membership.objects.filter(study=study, pk=pk).first()
    if member is None:
        raise NotFound
    set_active(membership=member, active=active, by=request.user)
    if active:
        text = f"{member.label} reactivated. The member has access to the study again."
    else:
        text = f"{member.label} deactivated. Submitted readings are kept."
    messages.success(request, text)
    return redirect("people", slug=slug)


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Join a study with the signed-in account or with a new one."""
    invitation = find_invitation(token)
    form: AccountForm | None = None
    if not request.user.is_authenticated:
        form = AccountForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user = form.save(commit=False)
            try:
                join_with_new_account(token=token, user=user)
            except Conflict as error:
                form.add_error("username", error.message)
            else:
                login(request, user, backend=BACKEND)
                record("account.signed_in", actor=user)
                _send_confirmation(user)
                return redirect("home")
    elif request.method == "POST":
        accept_invitation(token=token, user=request.user)
        messages.success(request, f"You have joined {invitation.study.name}.")
        return redirect("home")
    return render(request, "invitation.html", {"invitation": invitation, "form": form})
