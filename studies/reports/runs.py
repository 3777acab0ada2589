"""Looks before the lock, and reports: asked for, made, kept."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict, NotAllowed, NotFound, StudyError
from studies.protocol.models import Study
from studies.readers.access import may_see_scores, membership_in
from studies.readers.models import InterimLook, Membership, Role, User
from studies.reports.cut import make_cut
from studies.reports.document import make_document
from studies.reports.html import html_of
from studies.reports.models import ReportRun
from studies.reports.pdf import pdf_of
from studies.sessions.models import Reading
from studies.stored_files import transaction_with_files

LONGEST_REASON = 500


def statistics_membership(user: User, slug: str) -> Membership:
    """The membership of a person who may see scores once they are open; raises NotFound."""
    membership = membership_in(user, slug, Role.COORDINATOR, Role.STATISTICIAN)
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


def make_files(*, pk: str) -> None:
    """Make the report of a run, as PDF and HTML, and keep it; a finished run is left alone."""
    run = ReportRun.objects.unfinished().select_related("study").filter(pk=pk).first()
    if run is None:
        return
    ReportRun.objects.filter(pk=pk).update(state=ReportRun.State.MAKING, steps_done=0)
    locked_at = run.study.locked_at
    # What was submitted while the request waited for the worker is in.
    at = locked_at or timezone.now()
    cut = make_cut(run.study, at=at)

    def tell(done: int, of: int) -> None:
        ReportRun.objects.filter(pk=pk).update(steps_done=done, steps=of)

    document = make_document(cut.facts, cut.table, cut.found, progress=tell)
    pdf, html = pdf_of(document), html_of(document)
    with transaction_with_files() as save:
        save(run.document, "report.pdf", pdf)
        save(run.page, "report.html", html)
        ReportRun.objects.filter(pk=pk).update(
            state=ReportRun.State.DONE,
            steps_done=F("steps"),
            document=run.document.name,
            document_hash=hashlib.sha256(pdf).hexdigest(),
            page=run.page.name,
            page_hash=hashlib.sha256(html).hexdigest(),
            data_hash=cut.facts.data_hash,
            data_cut=at,
            interim=locked_at is None,
            made_at=timezone.now(),
        )
        record("report.made", study=run.study, subject=run.pk, data=cut.facts.data_hash)


def fail_report(*, pk: str, reason: str) -> None:
    ReportRun.objects.unfinished().filter(pk=pk).update(
        state=ReportRun.State.FAILED, failure=reason
    )
