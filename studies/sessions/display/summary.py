"""Display checks of a study's readers, for coordinators and reports: nothing reveals scores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.sessions.models import DisplayCheck, DisplayCheckWaiver


@dataclass(frozen=True, slots=True)
class ReaderDisplayChecks:
    """The display checks of one reader; contrasts in grey levels of 0 to 255."""

    pk: int
    label: str
    name: str
    sessions: int
    sessions_checked: int
    sessions_passed: int
    last_at: datetime | None
    last_passed: bool
    last_dark: int | None
    last_bright: int | None
    largest_dark: int | None
    """The largest of the smallest contrasts that were read in the sessions with a check."""
    largest_bright: int | None
    waived_at: datetime | None
    waiver_reason: str


def has_display_checks(study: Study) -> bool:
    """Return whether the protocol offers display checks."""
    return study.display_check != Study.DisplayCheck.OFF


def reader_display_checks(readers: QuerySet[Membership]) -> list[ReaderDisplayChecks]:
    """Return the display checks of these readers, by label, from three queries."""
    checks: dict[int, list[DisplayCheck]] = {}
    rows = DisplayCheck.objects.filter(session__reader__in=readers.values("pk"))
    for check in rows.select_related("session").order_by("at", "pk"):
        checks.setdefault(check.session.reader_id, []).append(check)
    waivers = {
        waiver.reader_id: waiver
        for waiver in DisplayCheckWaiver.objects.filter(reader__in=readers.values("pk"))
    }
    counted = readers.select_related("user").annotate(
        session_count=Count("reading_sessions", filter=Q(reading_sessions__isnull=False))
    )
    return [
        _summarise(reader, checks.get(reader.pk, []), waivers.get(reader.pk))
        for reader in counted.order_by("label")
    ]


def _summarise(
    reader: Membership, checks: list[DisplayCheck], waiver: DisplayCheckWaiver | None
) -> ReaderDisplayChecks:
    # The last check of a session counts: a reader may adjust the room and repeat it.
    by_session = {check.session_id: check for check in checks}
    last = checks[-1] if checks else None
    return ReaderDisplayChecks(
        pk=reader.pk,
        label=reader.label,
        name=reader.user.shown_name,
        sessions=getattr(reader, "session_count", 0),
        sessions_checked=len(by_session),
        sessions_passed=sum(check.passed for check in by_session.values()),
        last_at=last.at if last else None,
        last_passed=last.passed if last else False,
        last_dark=last.dark_contrast if last else None,
        last_bright=last.bright_contrast if last else None,
        largest_dark=_largest([check.dark_contrast for check in by_session.values()]),
        largest_bright=_largest([check.bright_contrast for check in by_session.values()]),
        waived_at=waiver.at if waiver else None,
        waiver_reason=waiver.reason if waiver else "",
    )


def _largest(contrasts: list[int | None]) -> int | None:
    """Return the largest contrast; None without checks, and if no letters were read in one."""
    read = [contrast for contrast in contrasts if contrast is not None]
    return max(read) if read and len(read) == len(contrasts) else None
