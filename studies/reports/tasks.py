"""Celery tasks that create reports, compute bootstrap intervals and write workbooks."""

from __future__ import annotations

from studies.celery import app
from studies.jobs.attempt import Reasons, attempt
from studies.jobs.child_process import run_in_child_process
from studies.jobs.claims import MAX_ATTEMPTS
from studies.jobs.queue import send
from studies.jobs.requeue import Kind, watch
from studies.reports.bootstrap_runs import begin_bootstrap, compute_intervals, fail_bootstrap
from studies.reports.models import BootstrapRun, ReportRun, WorkbookRun
from studies.reports.report_runs import begin_report, fail_report, make_files
from studies.reports.snapshot import NoReadings
from studies.reports.workbook_runs import begin_workbook, fail_workbook, store_workbook

MAKE_REPORT, COMPUTE_BOOTSTRAP = "make_report", "compute_bootstrap"
WRITE_WORKBOOK = "write_workbook"
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
WORKBOOK_REASONS = Reasons(
    too_long="The workbook exceeded its time limit. Download the tidy table (CSV) instead.",
    unavailable=(
        "The workbook could not be stored because the storage is unavailable or full. Prepare it "
        "again later."
    ),
    failed="The workbook could not be written because of an error. The worker's log has the "
    "details.",
    broken_off=(
        f"The workbook was interrupted {MAX_ATTEMPTS} times because its worker stopped. "
        "Prepare it again."
    ),
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
    run = begin_workbook(pk=pk)
    if run is None:
        return
    with attempt(run, fail=_fail_workbook, reasons=WORKBOOK_REASONS):
        try:
            store_workbook(run=run)
        except NoReadings:
            _fail_workbook(run, NO_READINGS)


def queue_workbook(run: WorkbookRun) -> bool:
    """Queue the run; return False if the broker is unavailable: it is then queued later."""
    return send(WRITE_WORKBOOK, run.pk)


def _fail_report(run: ReportRun, reason: str) -> None:
    fail_report(run=run, reason=reason)


def _fail_bootstrap(run: BootstrapRun, reason: str) -> None:
    fail_bootstrap(run=run, reason=reason)


def _fail_workbook(run: WorkbookRun, reason: str) -> None:
    fail_workbook(run=run, reason=reason)


# Runs whose message or worker was lost are queued again from these rows.
watch(Kind(ReportRun, MAKE_REPORT, REPORTS, _fail_report, REPORT_REASONS))
watch(Kind(BootstrapRun, COMPUTE_BOOTSTRAP, REPORTS, _fail_bootstrap, BOOTSTRAP_REASONS))
watch(Kind(WorkbookRun, WRITE_WORKBOOK, REPORTS, _fail_workbook, WORKBOOK_REASONS))
