"""The page on which people change their own time zone."""

from __future__ import annotations

import zoneinfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from studies.readers.account_mail.forms import MailPreferencesForm
from studies.readers.forms import TimeZoneForm
from studies.readers.members import change_time_zone
from studies.readers.requests import UserRequest


@login_required
@never_cache
def profile(request: UserRequest) -> HttpResponse:
    """Show the person's account and change its time zone."""
    form = TimeZoneForm(request.POST or None, initial={"time_zone": request.user.time_zone})
    if request.method == "POST" and form.is_valid():
        time_zone = form.cleaned_data["time_zone"]
        change_time_zone(user=request.user, time_zone=time_zone)
        messages.success(request, f"Time zone changed. Times are now shown in {time_zone}.")
        # The home page offers the browser's time zone, too.
        return redirect("home" if request.POST.get("from") == "home" else "profile")
    zones = sorted(zoneinfo.available_timezones())
    context = {
        "form": form,
        "zones": zones,
        "mail_form": MailPreferencesForm(instance=request.user),
    }
    return render(request, "profile.html", context)
