"""Image size and display checks as reports describe them."""

from __future__ import annotations

from studies.protocol.models import Study
from studies.readers.models import Membership, Role
from studies.reports.document.summary.display import DisplaySummary, ReaderDisplaySummary
from studies.sessions.display.summary import has_display_checks, reader_display_checks


def summarise_display(study: Study) -> DisplaySummary:
    """Return the requirements on image size and display, and the readers' display checks."""
    readers = []
    if has_display_checks(study):
        readers = reader_display_checks(Membership.objects.filter(study=study, role=Role.READER))
    return DisplaySummary(
        minimum_image_px=study.minimum_image_px,
        check=study.display_check,
        contrast=study.display_contrast,
        readers=tuple(
            ReaderDisplaySummary(
                reader=reader.label,
                sessions=reader.sessions,
                checked=reader.sessions_checked,
                passed=reader.sessions_passed,
                dark=reader.largest_dark,
                bright=reader.largest_bright,
                waiver=reader.waiver_reason,
                waived_at=reader.waived_at,
            )
            for reader in readers
            if reader.sessions
        ),
    )
