"""A reader opens a submitted reading to revise it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.study_lock import lock_study_row
from studies.readers.models import User
from studies.sessions.display.checks import require_display_check
from studies.sessions.models import Reading
from studies.sessions.queue import waiting_for_instructions
from studies.sessions.reading.access import lock_reading
from studies.sessions.reading.checks import check_states
from studies.sessions.reading_sessions.activity import lock_reader, record_activity
from studies.sessions.reading_sessions.client import UNKNOWN_CLIENT, Client
from studies.sessions.revisions.records import begin_revision
from studies.sessions.revisions.rule import check_revisable


@transaction.atomic
def revise_reading(*, user: User, pk: UUID, client: Client = UNKNOWN_CLIENT) -> Reading:
    """Make a submitted reading the reader's current one; a repeated request changes nothing.

    Raises NotFound unless the reading is the reader's own, Conflict with the reason if it cannot
    be revised.
    """
    # The reading, its study, then the reader: every change of a study reading locks in this order.
    reading = lock_reading(user, pk)
    now = timezone.now()
    study = lock_study_row(reading.study.pk)
    # An open reading satisfies the check, which is about the study and the case here.
    check_states(reading=Reading.State.OPEN, study=study.state, case=reading.case.state)
    # A repeated request must not count as a second revision.
    if reading.in_revision:
        return reading
    # Another window may be starting a revision, and a reader has at most one at a time.
    lock_reader(reading.reading_list.reader_id)
    check_revisable(reading, sign_in=client.sign_in, now=now)
    _check_before_case(reading, client, now)
    begin_revision(reading, now=now)
    record_activity(reading=reading, client=client, now=now, revision=True)
    record(
        "reading.revision_started",
        actor=user,
        study=reading.study,
        subject=reading.pk,
        reading=reading.name,
    )
    return reading


def _check_before_case(reading: Reading, client: Client, now: datetime) -> None:
    """Raise Conflict while something has to be done before any case is opened.

    A change of period is announced when the reading is opened in the reading room.
    """
    reader = reading.reading_list.reader
    waiting = waiting_for_instructions(reader, reading.arm)
    if waiting is not None:
        raise Conflict(waiting.code, waiting.message)
    require_display_check(reader=reader, client=client, now=now)
