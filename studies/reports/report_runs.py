"""Looks before the lock, and reports: asked for, made, kept."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict, NotAllowed, NotFound, StudyError
from studies.jobs.claims import claim, lock_claim, record_progress
from studies.protocol.models import Study
from studies.readers.access import get_membership, may_see_scores
from studies.readers.models import InterimLook, Membership, Role, User
from studies.reports.document.document import make_document
from studies.reports.document.html import html_of
from studies.reports.document.pdf import pdf_of
from studies.reports.models import ReportRun
from studies.reports.snapshot import make_cut
from studies.sessions.models import Reading
from studies.storage.files import SaveFile, transaction_with_files

LONGEST_REASON = 500
MOST_WAITING_IN_STUDY = 3
MOST_WAITING_OF_PERSON = 5


def statistics_membership(user: User, slug: str) -> Membership:
    """The membership of a person who may see scores once they are open; raises NotFound."""
    membership = get_membership(user, slug, Role.COORDINATOR, Role.STATISTICIAN)
    if membership.site_id is not None:
        raise NotFound
    return membership


def seeing_scores(user: User, slug: str) -> Study:
    """The study whose scores this person may see now; raises NotAllowed before that."""
    membership = statistics_membership(user, slug)
    if not may_see_scores(membership):
        raise NotAllowed("Scores can be seen once the study is locked, or after an interim look.")
    return membership.study


def report_seen_by(user: User, slug: str, pk: object) -> ReportRun:
    """A finished report of a study whose scores the person may see; raises NotFound."""
    study = seeing_scores(user, slug)
    run = ReportRun.objects.filter(study=study, pk=pk, state=ReportRun.State.DONE).first()
    if run is None:
        raise NotFound
    return run


@transaction.atomic
def look_before_lock(*, study: Study, by: User, reason: str) -> InterimLook:
    """Let a person see the scores before the lock; the reason stands in every report."""
    reason = reason.strip()
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked: its scores can be seen without a look.")
    if not reason or len(reason) > LONGEST_REASON or "\0" in reason:
        raise StudyError(
            "reason_missing",
            f"Give a reason of at most {LONGEST_REASON} characters. It stands in the report.",
        )
    look = InterimLook(study=study, by=by, reason=reason)
    look.full_clean()
    look.save()
    record("scores.looked_at", actor=by, study=study, reason=reason)
    return look


@transaction.atomic
def ask_for_report(*, study: Study, by: User) -> ReportRun:
    """Add a report to the queue; raises StudyError (429) when enough of them wait.

    The person's row is locked, then the study's, so that requests at the same time are counted one
    after the other.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    _check_waiting(study, by)
    if not Reading.objects.filter(reading_list__study=study).submitted().exists():
        raise Conflict("nothing_read", "No reading has been submitted yet: nothing to report.")
    run = ReportRun(
        study=study,
        by=by,
        interim=not study.locked,
        data_cut=study.locked_at or timezone.now(),
    )
    run.full_clean(exclude=["document"])
    run.save()
    record("report.asked_for", actor=by, study=study, subject=run.pk, interim=run.interim)
    return run


def _check_waiting(study: Study, by: User) -> None:
    unfinished = ReportRun.objects.unfinished()
    if unfinished.filter(study=study).count() >= MOST_WAITING_IN_STUDY:
        scope, most = "of this study", MOST_WAITING_IN_STUDY
    elif unfinished.filter(by=by).count() >= MOST_WAITING_OF_PERSON:
        scope, most = "that you asked for", MOST_WAITING_OF_PERSON
    else:
        return
    message = f"{most} reports {scope} are not ready yet. Wait until one is, then ask again."
    raise StudyError("too_many_waiting", message, status=429)


def begin_report(*, pk: str) -> ReportRun | None:
    """Claim a run; None when it is done or another worker makes it."""
    return claim(ReportRun.objects.select_related("study"), pk)


def make_files(*, run: ReportRun) -> None:
    """Make the report of a claimed run, as PDF, HTML and CSV of pairs, and store it.

    Raises ClaimLost.
    """
    record_progress(run, steps_done=0)
    locked_at = run.study.locked_at
    # What was submitted while the request waited for the worker is in.
    at = locked_at or timezone.now()
    cut = make_cut(run.study, at=at)

    def tell(done: int, of: int) -> None:
        record_progress(run, steps_done=done, steps=of)

    document = make_document(cut.facts, cut.table, cut.found, progress=tell)
    pdf, html = pdf_of(document), html_of(document)
    with transaction_with_files() as save:
        locked = lock_claim(run, "study")
        _store(locked.document, "report.pdf", pdf, save)
        _store(locked.page, "report.html", html, save)
        _store(locked.pairs, "pairs.csv", document.pairs, save)
        locked.state, locked.steps_done = ReportRun.State.DONE, locked.steps
        locked.document_hash = hashlib.sha256(pdf).hexdigest()
        locked.page_hash = hashlib.sha256(html).hexdigest()
        locked.pairs_hash = hashlib.sha256(document.pairs).hexdigest()
        locked.data_hash, locked.data_cut = cut.facts.data_hash, at
        locked.interim, locked.made_at = locked_at is None, timezone.now()
        locked.save()
        record("report.made", study=run.study, subject=run.pk, data=cut.facts.data_hash)


def _store(file: FieldFile, name: str, content: bytes, save: SaveFile) -> None:
    """Store a report's file in place of one that a killed attempt left."""
    file.storage.delete(file.field.generate_filename(file.instance, name))
    save(file, name, content)


def fail_report(*, run: ReportRun, reason: str) -> None:
    """Store why a claimed run failed; nothing when the claim was lost."""
    ReportRun.objects.claimed_as(run).update(state=ReportRun.State.FAILED, failure=reason)
