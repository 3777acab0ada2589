"""The workbook of a study: asked for, written once for a data snapshot, and stored."""

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

from studies.analytics.io.table_builder import TableBuilder
from studies.analytics.study.agreement import agreement
from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.jobs.claims import claim, locked_claim, note_progress
from studies.protocol.models import Study
from studies.readers.models import User
from studies.reports.document.study_summary import StudyFacts, hashed
from studies.reports.files.workbook import workbook
from studies.reports.models import WorkbookRun
from studies.reports.reference_standard import study_rows
from studies.reports.snapshot import NothingRead, cut_key, expected_comparison, study_facts
from studies.sessions.models import Reading
from studies.storage.files import transaction_with_files

MOST_WAITING_OF_PERSON = 5
REQUESTED_ALREADY = (
    "Readings were submitted in the meantime, and a workbook with them has already been requested."
)
PROGRESS_EVERY = 500
"""Readings between two notes of progress."""


def workbook_of(study: Study) -> WorkbookRun | None:
    """The run of the study's present readings, if somebody has asked for it."""
    return WorkbookRun.objects.filter(study=study, key=_key(study)).first()


def finished_workbook(study: Study) -> WorkbookRun:
    """The finished workbook of the present readings; raises Conflict, which says what to do."""
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
def ask_for_workbook(*, study: Study, by: User) -> tuple[WorkbookRun, bool]:
    """Return the one run of the present readings, and whether it has to be queued.

    It has to be when it is new or failed. The person's row is locked, then the study's, so that
    requests at the same time give one run and none exceeds the limit.
    """
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
    run = run or WorkbookRun(study=study, key=key)
    run.wait_anew()
    run.by, run.failure, run.readings, run.readings_done = by, "", submitted, 0
    run.interim, run.data_cut = not study.locked, study.locked_at or timezone.now()
    run.full_clean(exclude=["file"])
    run.save()
    record("workbook.asked_for", actor=by, study=study, subject=run.pk, interim=run.interim)
    return run, True


def begin_workbook(*, pk: str) -> WorkbookRun | None:
    """Claim a run; None when it is done or another worker writes it."""
    return claim(WorkbookRun.objects.select_related("study"), pk)


def store_workbook(*, run: WorkbookRun) -> None:
    """Write and store the workbook of a claimed run; raises ClaimLost and NothingRead.

    What was submitted while the request waited for the worker is in, and the run is then the one of
    those readings.
    """
    study = run.study
    key = _key(study)
    if key != run.key and not _take_key(run, key):
        fail_workbook(run=run, reason=REQUESTED_ALREADY)
        return
    submitted = Reading.objects.filter(reading_list__study=study).submitted().count()
    if not submitted:
        raise NothingRead
    note_progress(run, readings=submitted, readings_done=0)
    at = study.locked_at or timezone.now()
    with tempfile.TemporaryDirectory(prefix="verteread-workbook-") as folder:
        path = Path(folder) / "workbook.xlsx"
        facts = _write(path, study_facts(study, data_cut=at, data_hash=""), study, _noting(run))
        _store(run, path.read_bytes(), facts)


def fail_workbook(*, run: WorkbookRun, reason: str) -> None:
    """Store why a claimed run failed; nothing when the claim was lost."""
    WorkbookRun.objects.claimed_as(run).update(state=WorkbookRun.State.FAILED, failure=reason)


def _write(
    path: Path, facts: StudyFacts, study: Study, progress: Callable[[int], None]
) -> StudyFacts:
    """Write the workbook and return the facts with the hash of its readings.

    The readings are read once: sheet, hash and agreement are of the same rows.
    """
    digest, builder = hashlib.sha256(), TableBuilder()
    with workbook(path, facts) as book:
        rows = _gathering(hashed(study_rows(study), digest), builder)
        book.write_readings(rows, study.group_limits, progress)
        facts = replace(facts, data_hash=digest.hexdigest())
        table = builder.table(study.group_limits)
        book.write_summary(facts, agreement(table, compare=expected_comparison(facts)))
    return facts


def _gathering(
    rows: Iterator[Mapping[str, Any]], builder: TableBuilder
) -> Iterator[Mapping[str, Any]]:
    """Yield the rows on, each after it has been builder for the statistics."""
    for number, row in enumerate(rows, start=2):
        builder.add(number, row)
        yield row


def _noting(run: WorkbookRun) -> Callable[[int], None]:
    def note(readings: int) -> None:
        if readings % PROGRESS_EVERY == 0:
            note_progress(run, readings_done=readings)

    return note


def _store(run: WorkbookRun, content: bytes, facts: StudyFacts) -> None:
    with transaction_with_files() as save:
        locked = locked_claim(run, "study")
        # A killed attempt may have left its file.
        locked.file.storage.delete(locked.file.field.generate_filename(locked, "workbook.xlsx"))
        save(locked.file, "workbook.xlsx", content)
        locked.state, locked.readings_done = WorkbookRun.State.DONE, locked.readings
        locked.file_hash = hashlib.sha256(content).hexdigest()
        locked.data_hash, locked.data_cut = facts.data_hash, facts.data_cut
        locked.interim, locked.made_at = facts.locked_at is None, timezone.now()
        locked.save()
        record("workbook.made", study=run.study, subject=run.pk, data=facts.data_hash)


@transaction.atomic
def _take_key(run: WorkbookRun, key: str) -> bool:
    """Let a claimed run be the one of the present readings; False if another run is."""
    Study.objects.select_for_update(no_key=True).get(pk=run.study_id)
    if WorkbookRun.objects.filter(study=run.study_id, key=key).exists():
        return False
    note_progress(run, key=key)
    run.key = key
    return True


def _check_waiting(by: User) -> None:
    if WorkbookRun.objects.filter(by=by).unfinished().count() >= MOST_WAITING_OF_PERSON:
        raise StudyError(
            "too_many_waiting",
            f"{MOST_WAITING_OF_PERSON} workbooks that you asked for are not ready yet. Wait until "
            "one is, then ask again.",
            status=429,
        )


def _key(study: Study) -> str:
    """Name the readings and what else the workbook says about the study."""
    design = [study.name, study.simulated, study.primary_outcome, study.primary_weights]
    return hashlib.sha256(json.dumps([cut_key(study), *design]).encode()).hexdigest()
