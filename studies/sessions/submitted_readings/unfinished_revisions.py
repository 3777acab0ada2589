"""Discard the revisions that readers have not submitted again when the study is locked."""

from __future__ import annotations

from datetime import datetime

from django.db import OperationalError
from django.db.models import F

from studies.errors import Conflict
from studies.protocol.models import Study
from studies.sessions.measuring.saving import restore_traces
from studies.sessions.models import Reading, Score
from studies.sessions.revisions.history import SubmittedValues, last_submissions
from studies.sessions.revisions.records import end_revision


def lock_readings_in_revision(study: Study) -> None:
    """Lock the rows of the readings in revision; call it before the row of the study is locked.

    Saves lock the reading first, so that the opposite order could end in a deadlock.
    """
    readings = Reading.objects.filter(reading_list__study=study).in_revision()
    list(readings.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def discard_unfinished_revisions(*, study: Study, now: datetime) -> int:
    """Restore the values of the last submission; return how many readings there were.

    Call it in the transaction that locks the study. The discarded values stay in `Change`. Raises
    Conflict if a revision that was started at this moment is being saved.
    """
    unfinished = Reading.objects.filter(reading_list__study=study).in_revision().with_case()
    # nowait: this transaction holds the study's row, for which a save that has locked its reading
    # may be waiting, so waiting for that reading would be a deadlock.
    try:
        readings = list(unfinished.select_for_update(of=("self",), nowait=True))
    except OperationalError as error:
        raise Conflict(
            "revision_started", "A reader has just started a revision. Lock the study again."
        ) from error
    last = last_submissions(reading.pk for reading in readings)
    for reading in readings:
        # Simulated readings have no changes before the revision.
        if reading.pk in last:
            _restore(reading, last[reading.pk])
        end_revision(reading, now=now, discarded=True)
    return len(readings)


def _restore(reading: Reading, submitted: SubmittedValues) -> None:
    for cell, (score, validity, reason) in submitted.cells.items():
        Score.objects.filter(reading=reading, cell=cell).update(
            score=score, validity=validity, reason=reason, version=F("version") + 1
        )
    reading.comment = submitted.comment or ""
    reading.comment_version += 1
    reading.save(update_fields=["comment", "comment_version"])
    if reading.measured:
        traces = submitted.traces or {"traces": [], "boundaries": []}
        restore_traces(reading, traces["traces"], traces["boundaries"])
