"""Pages for the address of an account, email preferences, and resetting a password."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from studies.mail.outbox import check_mail_enabled
from studies.mail.queueing import queue_mail
from studies.readers.account_mail.addresses import (
    confirm_address,
    find_unconfirmed,
    remove_address,
    request_confirmation,
)
from studies.readers.account_mail.forms import AddressForm, MailPreferencesForm, ResetRequestForm
from studies.readers.account_mail.password_resets import VALID_FOR, request_password_reset
from studies.readers.account_mail.subscriptions import (
    change_subscriptions,
    find_subscription,
    unsubscribe,
)
from studies.readers.accounts import find_reset_user, reset_password
from studies.readers.requests import UserRequest

TOO_MANY = "Too many requests. Try again in an hour."


@login_required
@never_cache
def address(request: UserRequest) -> HttpResponse:
    """Enter an address for emails, which a link then confirms."""
    check_mail_enabled()
    form = AddressForm(request.user, request.POST or None, initial={"email": request.user.email})
    if request.method == "POST" and not _within_limit(request, "confirm_address"):
        form.add_error(None, TOO_MANY)
    elif request.method == "POST" and form.is_valid():
        entered = form.cleaned_data["email"]
        mail = request_confirmation(user=request.user, address=entered)
        if mail is not None:
            queue_mail(mail)
        messages.success(
            request, f"A link was sent to {entered}. Open it within 3 days to confirm the address."
        )
        return redirect("profile")
    return render(request, "account/address.html", {"form": form})


@login_required
@require_POST
def remove_address_page(request: UserRequest) -> HttpResponse:
    """Remove the address of the account."""
    remove_address(user=request.user)
    messages.success(request, "Email address removed. VerteRead no longer sends you any email.")
    return redirect("profile")


@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm an address. A button does it, because mail servers open links to check them."""
    if request.method == "POST":
        user, notice = confirm_address(token=token)
        if notice is not None:
            queue_mail(notice)
        messages.success(request, f"Email address {user.confirmed_email} confirmed.")
        return redirect("profile" if request.user.is_authenticated else "account_login")
    return render(request, "account/confirm_address.html", {"account": find_unconfirmed(token)})


@login_required
@require_POST
def mail_preferences(request: UserRequest) -> HttpResponse:
    """Change which emails the person receives."""
    form = MailPreferencesForm(request.POST)
    # Checkboxes are always valid; full_clean collects them.
    form.full_clean()
    wanted = {name: bool(form.cleaned_data.get(name)) for name in form.fields}
    change_subscriptions(user=request.user, **wanted)
    messages.success(request, "Email preferences saved.")
    return redirect("profile")


@csrf_exempt
@never_cache
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe from one kind of email without signing in.

    Mail programs send the POST of RFC 8058 themselves, without a cookie; the signed link is all
    that is needed, and all that it can do is to end one kind of email.
    """
    _, kind = find_subscription(token)
    done = request.method == "POST"
    if done:
        unsubscribe(token=token)
    return render(request, "mail/unsubscribe.html", {"kind": kind.label, "done": done})


@never_cache
def request_reset(request: HttpRequest) -> HttpResponse:
    """Send a link to reset a password; the answer is the same whether there is an account."""
    check_mail_enabled()
    form = ResetRequestForm(request.POST or None)
    sent = False
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data["email"]
        if _within_limit(request, "reset_password", key=entered.lower()):
            # A decoy is queued as well, so that both answers take the same time.
            queue_mail(request_password_reset(address=entered))
            sent = True
        else:
            form.add_error(None, TOO_MANY)
    hours = int(VALID_FOR.total_seconds() // 3600)
    return render(
        request, "account/request_reset.html", {"form": form, "sent": sent, "hours": hours}
    )


@never_cache
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password with the link of an email."""
    user = find_reset_user(token)
    form = SetPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        reset_password(token=token, password=form.cleaned_data["new_password1"])
        messages.success(
            request,
            "Password changed. You have been signed out everywhere. Sign in with the new password.",
        )
        return redirect("account_login")
    return render(request, "account/reset_password.html", {"form": form})


def _within_limit(request: HttpRequest, action: str, key: str | None = None) -> bool:
    usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
    return usage is not None
