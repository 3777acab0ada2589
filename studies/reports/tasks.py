"""Celery tasks that create reports, compute bootstrap intervals and write files."""

from __future__ import annotations

from contextlib import suppress

from django.http import QueryDict

from studies.celery import app
from studies.jobs.attempt import Reasons, attempt
from studies.jobs.child_process import run_in_child_process
from studies.jobs.claims import MAX_ATTEMPTS
from studies.jobs.queue import send
from studies.jobs.requeue import Kind, watch
from studies.protocol.models import Study
from studies.reports.bootstrap_runs import begin_bootstrap, compute_intervals, fail_bootstrap
from studies.reports.file_contents import write_package_file, write_workbook_file
from studies.reports.filters import parse_selection
from studies.reports.models import (
    BootstrapRun,
    PackageRun,
    PreparedFile,
    ReportRun,
    WorkbookRun,
)
from studies.reports.prepared_files import Write, begin_file, fail_file, store_file
from studies.reports.report_runs import begin_report, fail_report, make_files
from studies.reports.snapshot import NoReadings, current_snapshot
from studies.sessions.study_lifecycle import PREPARE_SNAPSHOT

MAKE_REPORT, COMPUTE_BOOTSTRAP = "make_report", "compute_bootstrap"
WRITE_WORKBOOK, WRITE_PACKAGE = "write_workbook", "write_package"
REPORTS = "reports"
"""The queue to which `studies.settings` routes these tasks."""
NO_READINGS = "No reading has been submitted yet."
REPORT_REASONS = Reasons(
    too_long="The report exceeded its time limit. Create it again.",
    unavailable=(
        "The report could not be stored because the storage is unavailable or full. Create it "
        "again later."
    ),
    failed="The report could not be created because of an error. See the worker's log for details.",
    broken_off=(
        f"The report was interrupted {MAX_ATTEMPTS} times because its worker stopped. "
        "Create it again."
    ),
)
BOOTSTRAP_REASONS = Reasons(
    too_long="The computation exceeded its time limit. Select fewer readers, then try again.",
    unavailable="The database could not be reached. Compute the intervals again.",
    failed="The bootstrap failed because of an error. See the worker's log for details.",
    broken_off=(
        f"The computation was interrupted {MAX_ATTEMPTS} times because its worker stopped. "
        "Compute the intervals again."
    ),
)


def _file_reasons(model: type[PreparedFile], instead: str) -> Reasons:
    """Return the reasons of a prepared file; ``instead`` says what to do if it takes too long."""
    noun = model.NOUN
    return Reasons(
        too_long=f"The {noun} exceeded its time limit. {instead}",
        unavailable=(
            f"The {noun} could not be stored because the storage is unavailable or full. Prepare "
            "it again later."
        ),
        failed=(
            f"The {noun} could not be written because of an error. The worker's log has the "
            "details."
        ),
        broken_off=(
            f"The {noun} was interrupted {MAX_ATTEMPTS} times because its worker stopped. Prepare "
            "it again."
        ),
    )


WORKBOOK_REASONS = _file_reasons(WorkbookRun, "Download the tidy table (CSV) instead.")
PACKAGE_REASONS = _file_reasons(
    PackageRun, "Download the tidy table, the statistics (JSON) and the script instead."
)


# Tasks run in child processes, so that the memory of a large study is returned to the system.
@app.task(name=MAKE_REPORT)
def make_report_task(pk: str) -> None:
    """Create one report; safe to run twice, because a finished run is not claimed again."""
    run_in_child_process(make_report, pk)


def make_report(pk: str) -> None:
    """Claim a report and create its files, or store why they could not be created."""
    run = begin_report(pk=pk)
    if run is None:
        return
    with attempt(run, fail=_fail_report, reasons=REPORT_REASONS):
        try:
            make_files(run=run)
        except NoReadings:
            _fail_report(run, NO_READINGS)


def queue_report(run: ReportRun) -> bool:
    """Queue the run; return False if the broker is unavailable: it is then queued later."""
    return send(MAKE_REPORT, run.pk)


# The soft limit comes first, so that the run can still store why it failed.
@app.task(name=COMPUTE_BOOTSTRAP, soft_time_limit=240, time_limit=270)
def compute_bootstrap_task(pk: str) -> None:
    """Compute one bootstrap; safe to run twice, because a finished run is not claimed again."""
    run_in_child_process(compute_bootstrap, pk)


def compute_bootstrap(pk: str) -> None:
    """Claim a bootstrap run and compute its intervals, or store why it failed."""
    run = begin_bootstrap(pk=pk)
    if run is None:
        return
    with attempt(run, fail=_fail_bootstrap, reasons=BOOTSTRAP_REASONS):
        try:
            compute_intervals(run=run)
        except NoReadings:
            _fail_bootstrap(run, NO_READINGS)


def queue_bootstrap(run: BootstrapRun) -> bool:
    """Queue the run; return False if the broker is unavailable: it is then queued later."""
    return send(COMPUTE_BOOTSTRAP, run.pk)


@app.task(name=WRITE_WORKBOOK)
def write_workbook_task(pk: str) -> None:
    """Write one workbook; safe to run twice, because a finished run is not claimed again."""
    run_in_child_process(write_workbook, pk)


def write_workbook(pk: str) -> None:
    """Claim a workbook and write it, or store why it could not be written."""
    _write_file(WorkbookRun, pk, write_workbook_file, WORKBOOK_REASONS)


def queue_workbook(run: WorkbookRun) -> bool:
    """Queue the run; return False if the broker is unavailable: it is then queued later."""
    return send(WRITE_WORKBOOK, run.pk)


@app.task(name=WRITE_PACKAGE)
def write_package_task(pk: str) -> None:
    """Write one package; safe to run twice, because a finished run is not claimed again."""
    run_in_child_process(write_package, pk)


def write_package(pk: str) -> None:
    """Claim a package and write it, or store why it could not be written."""
    _write_file(PackageRun, pk, write_package_file, PACKAGE_REASONS)


def queue_package(run: PackageRun) -> bool:
    """Queue the run; return False if the broker is unavailable: it is then queued later."""
    return send(WRITE_PACKAGE, run.pk)


@app.task(name=PREPARE_SNAPSHOT)
def prepare_snapshot_task(pk: str) -> None:
    """Prepare the agreement page of a locked study; a second run finds everything in the cache."""
    run_in_child_process(prepare_snapshot, pk)


def prepare_snapshot(pk: str) -> None:
    """Store the readings and the headline of a locked study in the cache of all processes."""
    study = Study.objects.filter(pk=pk, state=Study.State.LOCKED).first()
    if study is None:
        return
    with suppress(NoReadings):
        parse_selection(QueryDict(), current_snapshot(study)).load_headline()


def _write_file(model: type[PreparedFile], pk: str, write: Write, reasons: Reasons) -> None:
    run = begin_file(model, pk=pk)
    if run is None:
        return
    with attempt(run, fail=_fail_file, reasons=reasons):
        try:
            store_file(run=run, write=write)
        except NoReadings:
            _fail_file(run, NO_READINGS)


def _fail_report(run: ReportRun, reason: str) -> None:
    fail_report(run=run, reason=reason)


def _fail_bootstrap(run: BootstrapRun, reason: str) -> None:
    fail_bootstrap(run=run, reason=reason)


def _fail_file(run: PreparedFile, reason: str) -> None:
    fail_file(run=run, reason=reason)


# Runs whose message or worker was lost are queued again from these rows.
watch(Kind(ReportRun, MAKE_REPORT, REPORTS, _fail_report, REPORT_REASONS))
watch(Kind(BootstrapRun, COMPUTE_BOOTSTRAP, REPORTS, _fail_bootstrap, BOOTSTRAP_REASONS))
watch(Kind(WorkbookRun, WRITE_WORKBOOK, REPORTS, _fail_file, WORKBOOK_REASONS))
watch(Kind(PackageRun, WRITE_PACKAGE, REPORTS, _fail_file, PACKAGE_REASONS))
