"""Pages for administrators on the accounts: list, new account, deactivate, reset link."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from studies.administration.forms import NewAccountForm
from studies.administration.people import account_page
from studies.errors import Conflict, NotFound
from studies.readers.access import require_administrator
from studies.readers.accounts.actions import (
    add_account,
    create_reset_link,
    deactivate_account,
    reactivate_account,
)
from studies.readers.models import User
from studies.readers.requests import UserRequest


@login_required
@never_cache
def people(request: UserRequest) -> HttpResponse:
    """Show the accounts, and create one."""
    require_administrator(request.user)
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, token = add_account(by=request.user, **form.cleaned_data)
        except Conflict as error:
            form.add_error("username", error.message)
        else:
            return _show(request, NewAccountForm(), account=user, token=token)
    return _show(request, form)


@login_required
@require_POST
def deactivate(request: UserRequest, pk: int) -> HttpResponse:
    """Deactivate an account."""
    user = deactivate_account(user=_get_account(request, pk), by=request.user)
    text = f"{user.username} deactivated. The person is signed out and can no longer sign in."
    messages.success(request, text)
    return redirect("administration-people")


@login_required
@require_POST
def reactivate(request: UserRequest, pk: int) -> HttpResponse:
    """Reactivate an account."""
    user = reactivate_account(user=_get_account(request, pk), by=request.user)
    messages.success(request, f"{user.username} reactivated. The person can sign in again.")
    return redirect("administration-people")


@login_required
@never_cache
@require_POST
def reset_link(request: UserRequest, pk: int) -> HttpResponse:
    """Create a password reset link and show it once."""
    user = _get_account(request, pk)
    token = create_reset_link(user=user, by=request.user)
    # Shown in this response only: a redirect would have to store the token.
    return _show(request, NewAccountForm(), account=user, token=token)


def _show(
    request: UserRequest, form: NewAccountForm, *, account: User | None = None, token: str = ""
) -> HttpResponse:
    search = request.GET.get("q", "")
    link = request.build_absolute_uri(reverse("password-reset", args=[token])) if token else ""
    context = {
        "form": form,
        "page": account_page(search, request.GET.get("page", "")),
        "q": search,
        "query": urlencode({"q": search}) if search else "",
        "account": account,
        "link": link,
    }
    return render(request, "administration/people.html", context)


def _get_account(request: UserRequest, pk: int) -> User:
    require_administrator(request.user)
    user = User.objects.filter(pk=pk).first()
    if user is None:
        raise NotFound
    return user
