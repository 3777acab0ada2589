"""The report details as reports print them."""

from __future__ import annotations

from dataclasses import fields

from studies.reports.document.summary.details import NO_DETAILS, DetailsSummary
from studies.reports.models import ReportDetails


def summarise_details(details: ReportDetails | None) -> DetailsSummary:
    """Return a version of the report details; all texts are empty without one."""
    if details is None:
        return NO_DETAILS
    names = [field.name for field in fields(DetailsSummary)]
    return DetailsSummary(**{name: getattr(details, name) for name in names})
