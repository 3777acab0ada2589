"""Access to unmasked scores, and reports from request to stored files."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict, NotAllowed, NotFound, StudyError
from studies.jobs.claims import claim, lock_claim, record_progress
from studies.protocol.models import Study
from studies.readers.access import get_membership
from studies.readers.models import Membership, Role, User
from studies.reports.details.versions import current_details
from studies.reports.document.document import make_document
from studies.reports.document.html import html_of
from studies.reports.document.pdf import pdf_of
from studies.reports.models import MAX_WAITING_OF_PERSON, ReportRun
from studies.reports.snapshot import take_snapshot
from studies.reports.summaries.conduct import (
    summarise_gaps,
    summarise_reader_flow,
)
from studies.reports.summaries.details import summarise_details
from studies.sessions.masking import may_see_scores
from studies.sessions.models import Reading
from studies.storage.files import SaveFile, transaction_with_files

# Keeps one study from filling the queue of reports.
MAX_WAITING_IN_STUDY = 3


def statistics_membership(user: User, slug: str) -> Membership:
    """Return the membership of a person who may see scores once they are unmasked.

    Site coordinators, whose membership names a site, never see scores. Raises NotFound.
    """
    membership = get_membership(user, slug, Role.COORDINATOR, Role.STATISTICIAN)
    # The same answer as for a person who has none of these roles.
    if membership.site_id is not None:
        raise NotFound
    return membership


def get_unmasked_study(user: User, slug: str) -> Study:
    """Return the study if its scores are unmasked for this person; raises NotAllowed otherwise."""
    membership = statistics_membership(user, slug)
    if not may_see_scores(membership):
        raise NotAllowed(
            "Scores are masked until the study is locked. Lock the study or record an interim look."
        )
    return membership.study


def get_finished_report(user: User, slug: str, pk: UUID) -> ReportRun:
    """Return a finished report of a study whose scores the person may see; raises NotFound."""
    study = get_unmasked_study(user, slug)
    finished = ReportRun.objects.filter(study=study, pk=pk, state=ReportRun.State.DONE)
    run: ReportRun | None = finished.first()
    if run is None:
        raise NotFound
    return run


@transaction.atomic
def request_report(*, study: Study, by: User) -> ReportRun:
    """Add a report to the queue; raises StudyError (429) if too many are waiting.

    The person's row is locked first, then the study's, so that simultaneous requests are counted
    one after the other and cannot deadlock.
    """
    # ``no_key``: rows that refer to these two, such as saved scores, can still be inserted.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    _check_waiting(study, by)
    if not Reading.objects.filter(reading_list__study=study).submitted().exists():
        raise Conflict(
            "nothing_read", "No reading has been submitted yet, so there is nothing to report."
        )
    run = ReportRun(
        study=study,
        by=by,
        interim=not study.locked,
        # After the lock no reading changes, so every report of a locked study describes that
        # moment.
        snapshot_at=study.locked_at or timezone.now(),
    )
    run.full_clean(exclude=["document"])
    run.save()
    record("report.asked_for", actor=by, study=study, subject=run.pk, interim=run.interim)
    return run


def _check_waiting(study: Study, by: User) -> None:
    unfinished = ReportRun.objects.unfinished()
    if unfinished.filter(study=study).count() >= MAX_WAITING_IN_STUDY:
        limit = f"{MAX_WAITING_IN_STUDY} reports of this study"
    elif unfinished.filter(by=by).count() >= MAX_WAITING_OF_PERSON:
        limit = f"{MAX_WAITING_OF_PERSON} of your reports"
    else:
        return
    message = f"{limit} are still being created. Wait until one is ready, then try again."
    raise StudyError("too_many_waiting", message, status=429)


def begin_report(*, pk: str) -> ReportRun | None:
    """Claim a run; return None if it is done or another worker has claimed it."""
    return claim(ReportRun.objects.select_related("study"), pk)


def make_files(*, run: ReportRun) -> None:
    """Create and store PDF, HTML and the CSV of reader pairs of a claimed run.

    Raises ClaimLost and NoReadings.
    """
    record_progress(run, steps_done=0)
    locked_at = run.study.locked_at
    # Readings submitted while the request was queued are included.
    at = locked_at or timezone.now()
    snapshot = take_snapshot(run.study, at=at)

    def report_progress(done: int, total: int) -> None:
        record_progress(run, steps_done=done, steps=total)

    details = current_details(run.study)
    summary = replace(
        snapshot.summary,
        details=summarise_details(details),
        reader_flow=summarise_reader_flow(run.study),
        gaps=summarise_gaps(run.study),
    )
    document = make_document(summary, snapshot.table, snapshot.results, progress=report_progress)
    # Before the transaction, which would otherwise hold the row locked while the files are created.
    pdf, html = pdf_of(document), html_of(document)
    with transaction_with_files() as save:
        # Another worker may have taken over a run that seemed stuck; only the current claim stores.
        locked = lock_claim(run, "study")
        _store(locked.document, "report.pdf", pdf, save)
        _store(locked.page, "report.html", html, save)
        _store(locked.pairs, "pairs.csv", document.pairs, save)
        locked.state, locked.steps_done = ReportRun.State.DONE, locked.steps
        locked.document_hash = hashlib.sha256(pdf).hexdigest()
        locked.page_hash = hashlib.sha256(html).hexdigest()
        locked.pairs_hash = hashlib.sha256(document.pairs).hexdigest()
        locked.data_hash, locked.snapshot_at = snapshot.summary.data_hash, at
        locked.details = details
        # Decided from the lock as it was when the readings were read, not as it is now.
        locked.interim, locked.made_at = locked_at is None, timezone.now()
        locked.save()
        record("report.made", study=run.study, subject=run.pk, data=snapshot.summary.data_hash)


def _store(file: FieldFile, name: str, content: bytes, save: SaveFile) -> None:
    """Store a file of a report, replacing one that an interrupted attempt left behind."""
    # The storage never overwrites: a second file would get another name and stay behind.
    file.storage.delete(file.field.generate_filename(file.instance, name))
    save(file, name, content)


def fail_report(*, run: ReportRun, reason: str) -> None:
    """Store why a claimed run failed; do nothing if the claim was lost."""
    ReportRun.objects.claimed_as(run).update(state=ReportRun.State.FAILED, failure=reason)
