"""The page on which a person sets a new password with a link from an administrator."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from studies.readers.accounts.actions import find_reset, reset_password


@never_cache
def password_reset(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form and set the password."""
    reset = find_reset(token)
    form = SetPasswordForm(reset.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        reset_password(token=token, password=form.cleaned_data["new_password1"])
        messages.success(request, "Password changed. You can now sign in.")
        return redirect("account_login")
    return render(request, "password_reset.html", {"form": form, "account": reset.user})
