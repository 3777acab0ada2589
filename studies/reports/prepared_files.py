"""Files of the current readings that a worker prepares: request, claim, storage.

Workbooks and reproducibility packages differ in what is written only.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.jobs.claims import claim, lock_claim, record_progress
from studies.protocol.models import Study
from studies.readers.models import User
from studies.reports.document.summary.study import StudySummary
from studies.reports.models import MAX_WAITING_OF_PERSON, PreparedFile
from studies.reports.snapshot import NoReadings, snapshot_key
from studies.reports.summaries.conduct import summarise_amendments, summarise_events
from studies.reports.summaries.review import summarise_study_reopenings
from studies.reports.summaries.study import summarise_study
from studies.sessions.models import Reading
from studies.storage.files import transaction_with_files

PROGRESS_EVERY = 500
"""Readings between two updates of the progress in the database."""

Run = TypeVar("Run", bound=PreparedFile)
Progress = Callable[[int], None]
Write = Callable[[Path, StudySummary, Study, Progress], StudySummary]
"""Writes the file and returns the summary with the hash of its readings."""


def current_file(model: type[Run], study: Study) -> Run | None:
    """Return the run of the study's current readings; None if none was requested."""
    run: Run | None = model.objects.filter(study=study, key=_key(study)).first()
    return run


def finished_file(model: type[Run], study: Study) -> Run:
    """Return the finished file of the current readings; raises Conflict if there is none."""
    run, noun = current_file(model, study), model.NOUN
    if run is None or run.state == model.State.FAILED:
        raise Conflict(
            f"{noun}_not_prepared",
            f"There is no {noun} of the current readings yet. Select Prepare {noun} on the "
            "Downloads page first.",
        )
    if run.state != model.State.DONE:
        raise Conflict(
            f"{noun}_not_ready", f"The {noun} is still being written. Try again in a moment."
        )
    return run


@transaction.atomic
def request_file(model: type[Run], *, study: Study, by: User) -> tuple[Run, bool]:
    """Return the run of the current readings, and whether it must be queued.

    A new or a failed run must be queued. The person's row is locked first, then the study's, so
    that simultaneous requests give one run and none exceeds the limit. Raises Conflict if no
    reading was submitted, StudyError (429) if too many files are waiting.
    """
    # ``no_key``: rows that refer to these two, such as saved scores, can still be inserted.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    submitted = _count_submitted(study)
    if not submitted:
        raise Conflict("nothing_read", "No reading has been submitted yet.")
    key = _key(study)
    run = model.objects.select_for_update().filter(study=study, key=key).first()
    if run is not None and run.state != model.State.FAILED:
        return run, False
    _check_waiting(model, by)
    # A failed run is used again, because there is one run for each key.
    run = run or model(study=study, key=key)
    run.reset_attempts()
    run.by, run.failure, run.readings, run.readings_done = by, "", submitted, 0
    run.interim, run.snapshot_at = not study.locked, study.locked_at or timezone.now()
    run.full_clean(exclude=["file"])
    run.save()
    event = f"{model.NOUN}.asked_for"
    record(event, actor=by, study=study, subject=run.pk, interim=run.interim)
    return run, True


def begin_file(model: type[Run], *, pk: str) -> Run | None:
    """Claim a run; return None if it is done or another worker has claimed it."""
    return claim(model.objects.select_related("study"), pk)


def store_file(*, run: PreparedFile, write: Write) -> None:
    """Write and store the file of a claimed run; raises ClaimLost and NoReadings.

    Readings submitted while the request was queued are included; the run then takes the key of
    the new snapshot.
    """
    study = run.study
    key = _key(study)
    if key != run.key and not _adopt_key(run, key):
        reason = (
            f"Readings were submitted in the meantime, and a {run.NOUN} with them has already been "
            "requested."
        )
        fail_file(run=run, reason=reason)
        return
    submitted = _count_submitted(study)
    if not submitted:
        raise NoReadings
    record_progress(run, readings=submitted, readings_done=0)
    # After the lock no reading changes, so the time of the lock is the time of the data.
    at = study.locked_at or timezone.now()
    # The folder disappears however the attempt ends.
    with tempfile.TemporaryDirectory(prefix=f"verteread-{run.NOUN}-") as folder:
        path = Path(folder) / run.NOUN
        # The hash is known only after the readings were written, and is filled in then.
        summary = summarise_study(study, snapshot_at=at, data_hash="")
        summary = write(path, summary, study, _progress_callback(run))
        _store(run, path.read_bytes(), summary)


def fail_file(*, run: PreparedFile, reason: str) -> None:
    """Store why a claimed run failed; do nothing if the claim was lost."""
    runs = run.__class__.objects.claimed_as(run)
    runs.update(state=PreparedFile.State.FAILED, failure=reason)


def _progress_callback(run: PreparedFile) -> Progress:
    def report_progress(readings: int) -> None:
        # An update for each reading would add one query per reading.
        if readings % PROGRESS_EVERY == 0:
            record_progress(run, readings_done=readings)

    return report_progress


def _store(run: PreparedFile, content: bytes, summary: StudySummary) -> None:
    with transaction_with_files() as save:
        locked = lock_claim(run, "study")
        # An interrupted attempt may have left its file.
        locked.file.storage.delete(locked.file.field.generate_filename(locked, run.NOUN))
        save(locked.file, run.NOUN, content)
        locked.state, locked.readings_done = PreparedFile.State.DONE, locked.readings
        locked.file_hash = hashlib.sha256(content).hexdigest()
        locked.data_hash, locked.snapshot_at = summary.data_hash, summary.snapshot_at
        locked.interim, locked.made_at = summary.locked_at is None, timezone.now()
        locked.save()
        record(f"{run.NOUN}.made", study=run.study, subject=run.pk, data=summary.data_hash)


@transaction.atomic
def _adopt_key(run: PreparedFile, key: str) -> bool:
    """Give a claimed run the key of the current readings; return False if another run has it."""
    # Locked as by a request, so that no run with this key is created after the check.
    Study.objects.select_for_update(no_key=True).get(pk=run.study_id)
    if run.__class__.objects.filter(study=run.study_id, key=key).exists():
        return False
    record_progress(run, key=key)
    run.key = key
    return True


def _check_waiting(model: type[PreparedFile], by: User) -> None:
    if model.objects.filter(by=by).unfinished().count() >= MAX_WAITING_OF_PERSON:
        raise StudyError(
            "too_many_waiting",
            f"{MAX_WAITING_OF_PERSON} of your {model.NOUN}s are still being prepared. Wait until "
            "one is ready, then try again.",
            status=429,
        )


def _count_submitted(study: Study) -> int:
    return Reading.objects.filter(reading_list__study=study).submitted().count()


def _key(study: Study) -> str:
    """Return a hash of the readings and of the study settings that the files print."""
    # These are printed in the files but are not part of the key of a snapshot.
    design = [study.name, study.simulated, study.primary_outcome, study.primary_weights]
    design.append(study.primary_interval)
    conduct = (
        summarise_amendments(study),
        summarise_events(study),
        summarise_study_reopenings(study),
    )
    key = json.dumps([snapshot_key(study), *design, repr(conduct)])
    return hashlib.sha256(key.encode()).hexdigest()
