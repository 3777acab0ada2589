"""The profiles of a study's readers for the report, with names only where readers consented."""

from __future__ import annotations

from studies.protocol.models import Study
from studies.readers.models import ReaderProfile
from studies.reports.document.summary.profiles import ProfileSummary


def summarise_profiles(study: Study) -> tuple[ProfileSummary, ...]:
    """Return the profiles of the readers who have reading lists.

    Their order reveals nothing about the labels in the study.
    """
    profiles = ReaderProfile.objects.filter(
        user__memberships__study=study, user__memberships__reading_lists__isnull=False
    )
    summaries = [
        ProfileSummary(
            profile.user.get_full_name() if profile.named else "",
            profile.get_profession_display(),
            profile.years,
            profile.aac_readings,
        )
        for profile in profiles.select_related("user").distinct()
    ]
    described = [summary for summary in summaries if not summary.is_empty]
    return tuple(sorted(described, key=lambda one: (one.name, one.profession, one.years or 0)))
