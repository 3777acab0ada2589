"""The Excel workbook of a data snapshot: request, writing, storage."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from studies.analytics.io.reading_collector import ReadingCollector
from studies.analytics.io.table_builder import build_table
from studies.analytics.study.agreement import agreement
from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.jobs.claims import claim, lock_claim, record_progress
from studies.protocol.models import Study
from studies.readers.models import User
from studies.reports.document.summary.study import StudySummary, expected_comparison
from studies.reports.files.tidy import hashed
from studies.reports.files.workbook import workbook
from studies.reports.models import MAX_WAITING_OF_PERSON, WorkbookRun
from studies.reports.reference_standard import study_rows
from studies.reports.snapshot import NoReadings, snapshot_key
from studies.reports.summaries.study import summarise_study
from studies.sessions.models import Reading
from studies.sessions.reading_sessions.export import session_rows
from studies.storage.files import transaction_with_files

REQUESTED_ALREADY = (
    "Readings were submitted in the meantime, and a workbook with them has already been requested."
)
PROGRESS_EVERY = 500
"""Readings between two updates of the progress in the database."""


def workbook_of(study: Study) -> WorkbookRun | None:
    """Return the run of the study's current readings; None if none was requested."""
    return WorkbookRun.objects.filter(study=study, key=_key(study)).first()


def finished_workbook(study: Study) -> WorkbookRun:
    """Return the finished workbook of the current readings; raises Conflict if there is none."""
    run = workbook_of(study)
    if run is None or run.state == WorkbookRun.State.FAILED:
        raise Conflict(
            "workbook_not_prepared",
            "There is no workbook of the current readings yet. Select Prepare workbook on the "
            "Downloads page first.",
        )
    if run.state != WorkbookRun.State.DONE:
        raise Conflict(
            "workbook_not_ready", "The workbook is still being written. Try again in a moment."
        )
    return run


@transaction.atomic
def request_workbook(*, study: Study, by: User) -> tuple[WorkbookRun, bool]:
    """Return the run of the current readings, and whether it must be queued.

    A new or a failed run must be queued. The person's row is locked first, then the study's, so
    that simultaneous requests give one run and none exceeds the limit. Raises Conflict if no
    reading was submitted, StudyError (429) if too many workbooks are waiting.
    """
    # ``no_key``: rows that refer to these two, such as saved scores, can still be inserted.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    submitted = Reading.objects.filter(reading_list__study=study).submitted().count()
    if not submitted:
        raise Conflict("nothing_read", "No reading has been submitted yet.")
    key = _key(study)
    run = WorkbookRun.objects.select_for_update().filter(study=study, key=key).first()
    if run is not None and run.state != WorkbookRun.State.FAILED:
        return run, False
    _check_waiting(by)
    # A failed run is used again, because there is one run for each key.
    run = run or WorkbookRun(study=study, key=key)
    run.reset_attempts()
    run.by, run.failure, run.readings, run.readings_done = by, "", submitted, 0
    run.interim, run.snapshot_at = not study.locked, study.locked_at or timezone.now()
    run.full_clean(exclude=["file"])
    run.save()
    record("workbook.asked_for", actor=by, study=study, subject=run.pk, interim=run.interim)
    return run, True


def begin_workbook(*, pk: str) -> WorkbookRun | None:
    """Claim a run; return None if it is done or another worker has claimed it."""
    return claim(WorkbookRun.objects.select_related("study"), pk)


def store_workbook(*, run: WorkbookRun) -> None:
    """Write and store the workbook of a claimed run; raises ClaimLost and NoReadings.

    Readings submitted while the request was queued are included; the run then takes the key of
    the new snapshot.
    """
    study = run.study
    key = _key(study)
    if key != run.key and not _adopt_key(run, key):
        fail_workbook(run=run, reason=REQUESTED_ALREADY)
        return
    submitted = Reading.objects.filter(reading_list__study=study).submitted().count()
    if not submitted:
        raise NoReadings
    record_progress(run, readings=submitted, readings_done=0)
    # After the lock no reading changes, so the time of the lock is the time of the data.
    at = study.locked_at or timezone.now()
    # The folder disappears however the attempt ends.
    with tempfile.TemporaryDirectory(prefix="verteread-workbook-") as folder:
        path = Path(folder) / "workbook.xlsx"
        # The hash is known only after the readings were written, and is filled in then.
        summary = summarise_study(study, snapshot_at=at, data_hash="")
        summary = _write(path, summary, study, _progress_callback(run))
        _store(run, path.read_bytes(), summary)


def fail_workbook(*, run: WorkbookRun, reason: str) -> None:
    """Store why a claimed run failed; do nothing if the claim was lost."""
    WorkbookRun.objects.claimed_as(run).update(state=WorkbookRun.State.FAILED, failure=reason)


def _write(
    path: Path, summary: StudySummary, study: Study, progress: Callable[[int], None]
) -> StudySummary:
    """Write the workbook and return the summary with the hash of its readings.

    The readings are read from the database once, so that the sheet of readings, the hash and the
    agreement statistics refer to the same rows.
    """
    digest, collector = hashlib.sha256(), ReadingCollector()
    with workbook(path, summary) as book:
        rows = _gather(hashed(study_rows(study), digest), collector)
        book.write_readings(rows, study.group_limits, progress)
        book.write_sessions(session_rows(study))
        summary = replace(summary, data_hash=digest.hexdigest())
        table = build_table(collector, study.group_limits)
        book.write_summary(summary, agreement(table, compare=expected_comparison(summary)))
    return summary


def _gather(
    rows: Iterator[Mapping[str, Any]], collector: ReadingCollector
) -> Iterator[Mapping[str, Any]]:
    """Pass the rows on, adding each to those from which the statistics are computed."""
    # Row 1 of the tidy CSV is its header; the number names a row in an error message.
    for number, row in enumerate(rows, start=2):
        collector.add(number, row)
        yield row


def _progress_callback(run: WorkbookRun) -> Callable[[int], None]:
    def report_progress(readings: int) -> None:
        # An update for each reading would add one query per reading.
        if readings % PROGRESS_EVERY == 0:
            record_progress(run, readings_done=readings)

    return report_progress


def _store(run: WorkbookRun, content: bytes, summary: StudySummary) -> None:
    with transaction_with_files() as save:
        locked = lock_claim(run, "study")
        # An interrupted attempt may have left its file.
        locked.file.storage.delete(locked.file.field.generate_filename(locked, "workbook.xlsx"))
        save(locked.file, "workbook.xlsx", content)
        locked.state, locked.readings_done = WorkbookRun.State.DONE, locked.readings
        locked.file_hash = hashlib.sha256(content).hexdigest()
        locked.data_hash, locked.snapshot_at = summary.data_hash, summary.snapshot_at
        locked.interim, locked.made_at = summary.locked_at is None, timezone.now()
        locked.save()
        record("workbook.made", study=run.study, subject=run.pk, data=summary.data_hash)


@transaction.atomic
def _adopt_key(run: WorkbookRun, key: str) -> bool:
    """Give a claimed run the key of the current readings; return False if another run has it."""
    # Locked as by a request, so that no run with this key is created after the check.
    Study.objects.select_for_update(no_key=True).get(pk=run.study_id)
    if WorkbookRun.objects.filter(study=run.study_id, key=key).exists():
        return False
    record_progress(run, key=key)
    run.key = key
    return True


def _check_waiting(by: User) -> None:
    if WorkbookRun.objects.filter(by=by).unfinished().count() >= MAX_WAITING_OF_PERSON:
        raise StudyError(
            "too_many_waiting",
            f"{MAX_WAITING_OF_PERSON} of your workbooks are still being prepared. Wait until one "
            "is ready, then try again.",
            status=429,
        )


def _key(study: Study) -> str:
    """Return a hash of the readings and of the study settings that the workbook prints."""
    # These are printed on the sheets but are not part of the key of a snapshot.
    design = [study.name, study.simulated, study.primary_outcome, study.primary_weights]
    return hashlib.sha256(json.dumps([snapshot_key(study), *design]).encode()).hexdigest()
