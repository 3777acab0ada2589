"""Display checks: whether one is due, storing one, requiring one, and waivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.protocol.models import Study
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import Membership, Role, User
from studies.sessions.display.letters import Letters, grade_letters
from studies.sessions.models import DisplayCheck, DisplayCheckWaiver
from studies.sessions.reading_sessions.activity import continue_session
from studies.sessions.reading_sessions.client import Client
from studies.sessions.reading_sessions.rule import DELAYED_AFTER, find_session, session_before

MAX_REASON_LENGTH = 500
Option = Study.DisplayCheck


@dataclass(frozen=True, slots=True)
class DisplayCheckStatus:
    """Whether the reading room asks for a display check before the next reading."""

    option: str
    contrast: int
    due: bool
    passed: bool
    """Whether the reader passed a check in the current reading session."""
    waived: bool


def display_check_status(*, reader: Membership, client: Client) -> DisplayCheckStatus:
    """Return whether a check is due; a recommended one is due until it was done in the session."""
    study = reader.study
    if study.display_check == Option.OFF:
        return DisplayCheckStatus(study.display_check, study.display_contrast, False, False, False)
    waived = DisplayCheckWaiver.objects.filter(reader=reader).exists()
    session = find_session(reader=reader.pk, client=client, now=timezone.now())
    results = list(session.display_checks.values_list("passed", flat=True)) if session else []
    # A required check has to be passed, a recommended one only has to be done.
    done = any(results) if study.display_check == Option.REQUIRED else bool(results)
    return DisplayCheckStatus(
        study.display_check,
        study.display_contrast,
        due=not waived and not done,
        passed=any(results),
        waived=waived,
    )


@transaction.atomic
def save_display_check(
    *, reader: Membership, check_id: UUID, letters: Mapping[str, Letters], client: Client
) -> DisplayCheck:
    """Store a check in the reader's current reading session, which starts if there is none.

    A repeated ``check_id`` returns the stored check. Raises Conflict if the study has no display
    check or is not open, and if the id belongs to another check.
    """
    # Before the checks below: a repeated request gets the stored check even in a closed study.
    stored = DisplayCheck.objects.select_related("session").filter(pk=check_id).first()
    if stored is not None:
        if stored.session.reader_id != reader.pk or stored.letters != letters:
            raise Conflict(
                "change_id_reused",
                "Nothing was saved: this id belongs to another check. Send a new one.",
            )
        return stored
    # Share-locked, so that the study cannot be locked before the check is stored.
    study = lock_study_row(reader.study_id)
    if study.state != Study.State.OPEN:
        raise Conflict("study_closed", "The study is not open. The check was not saved.")
    if study.display_check == Option.OFF:
        raise Conflict("no_display_check", "This study has no display check.")
    now = timezone.now()
    # A check is answered at once and is never kept on the device.
    present = replace(client, age=timedelta(0))
    session = continue_session(reader=reader.pk, client=present, now=now)
    assert session is not None  # only late activity belongs to no session
    result = grade_letters(letters)
    width, height = client.viewport or (None, None)
    return DisplayCheck.objects.create(
        pk=check_id,
        session=session,
        at=now,
        letters=letters,
        dark_contrast=result.dark,
        bright_contrast=result.bright,
        letters_correct=result.correct,
        letters_shown=result.shown,
        required_contrast=study.display_contrast,
        passed=result.passes(study.display_contrast),
        browser=client.browser,
        viewport_width=width,
        viewport_height=height,
        device_pixel_ratio=client.device_pixel_ratio,
    )


def require_display_check(*, reader: Membership, client: Client, now: datetime) -> None:
    """Raise Conflict if the study requires a display check that the session does not have.

    Call it before a reading is opened, also for revision, and not for one that is open. A reading
    that was opened offline is reported later. It needs a passed check in the session that
    the reader had last started then, even if the idle limit has ended that session since.
    """
    if reader.study.display_check != Option.REQUIRED:
        return
    # A delayed report concerns the session in which the case was read, not the present one.
    if client.age > DELAYED_AFTER:
        session = session_before(reader=reader.pk, at=now - client.age)
    else:
        session = find_session(reader=reader.pk, client=client, now=now)
    if session is not None and session.display_checks.filter(passed=True).exists():
        return
    # Last, because a passed check makes this query unnecessary.
    if DisplayCheckWaiver.objects.filter(reader=reader).exists():
        return
    raise Conflict(
        "display_check",
        "This study requires a display check in each reading session before a case is opened. "
        "Reload the page to start it.",
    )


@transaction.atomic
def waive_display_check(*, reader: Membership, by: User, reason: str) -> DisplayCheckWaiver:
    """Let a reader read without display checks. The report states the waiver and its reason.

    Raises Conflict when none is required or the reader has a waiver, StudyError without a reason.
    """
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON_LENGTH or "\0" in reason:
        raise StudyError(
            "reason_missing",
            f"Enter a reason of at most {MAX_REASON_LENGTH} characters. "
            "It appears in every report.",
        )
    # Locked, so that a second request sees the waiver of the first.
    reader = Membership.objects.select_for_update(of=("self",)).get(pk=reader.pk)
    if reader.role != Role.READER or reader.study.display_check == Option.OFF:
        raise Conflict("not_required", "This person does not need a display check.")
    if reader.study.locked:
        raise Conflict("locked", "The study is locked. The display check can no longer be waived.")
    if DisplayCheckWaiver.objects.filter(reader=reader).exists():
        raise Conflict("waived", "The display check of this reader has already been waived.")
    waiver = DisplayCheckWaiver.objects.create(reader=reader, by=by, reason=reason)
    record(
        "display_check.waived",
        actor=by,
        study=reader.study,
        subject=reader.label,
        reason=waiver.reason,
    )
    return waiver
