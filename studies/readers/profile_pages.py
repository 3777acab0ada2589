"""The pages on which people change their own time zone and their profile as readers."""

from __future__ import annotations

import zoneinfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from studies.readers.access import active_memberships
from studies.readers.account_mail.forms import MailPreferencesForm
from studies.readers.forms import TimeZoneForm
from studies.readers.members import change_time_zone
from studies.readers.models import ReaderProfile, Role
from studies.readers.profiles.changes import (
    change_profile,
    find_profile,
    require_reader,
    skip_profile,
)
from studies.readers.profiles.forms import ReaderProfileForm
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
    context = {
        "form": form,
        "zones": sorted(zoneinfo.available_timezones()),
        "mail_form": MailPreferencesForm(instance=request.user),
        "is_reader": active_memberships(request.user, Role.READER).exists(),
    }
    return render(request, "profile.html", context)


@login_required
@never_cache
def reader_profile(request: UserRequest) -> HttpResponse:
    """Show and change the person's profession and experience; 404 for those who do not read."""
    require_reader(request.user)
    profile = find_profile(request.user) or ReaderProfile(user=request.user)
    form = ReaderProfileForm(request.POST or None, instance=profile)
    if request.method == "POST" and form.is_valid():
        change_profile(user=request.user, **form.cleaned_data)
        messages.success(request, "Reader profile saved. Thank you.")
        return redirect("home")
    return render(request, "readers/profile.html", {"form": form})


@login_required
@require_POST
def skip_reader_profile(request: UserRequest) -> HttpResponse:
    """Stop asking for the profile; it can still be entered on the profile page."""
    require_reader(request.user)
    skip_profile(user=request.user)
    messages.info(request, "Skipped. You can enter your reader profile later: select your name.")
    return redirect("home")
