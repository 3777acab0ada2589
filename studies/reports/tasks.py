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
from studies.reports.snapshot import NothingRead
from studies.reports.workbook_runs import begin_workbook, fail_workbook, store_workbook

MAKE_REPORT, COMPUTE_BOOTSTRAP = "make_report", "compute_bootstrap"
WRITE_WORKBOOK = "write_workbook"
REPORTS = "reports"
"""The queue that `studies.settings` routes these tasks to."""
NOTHING_READ = "No reading has been submitted yet."
REPORT_REASONS = Reasons(
    too_long="The report took too long. Ask for another.",
    unavailable="The report cannot be stored: the storage is away or full. Ask for another later.",
    failed="The report failed. The worker's log has the details.",
    broken_off=(
        f"The report was broken off {MAX_ATTEMPTS} times because its worker stopped. "
        "Ask for another."
    ),
)
BOOTSTRAP_REASONS = Reasons(
    too_long="It took too long. Choose fewer readers.",
    unavailable="The database could not be reached. Ask for it again.",
    failed="The bootstrap failed. The worker's log has the details.",
    broken_off=(
        f"The computation was broken off {MAX_ATTEMPTS} times because its worker stopped. "
        "Ask for it again."
    ),
)
WORKBOOK_REASONS = Reasons(
    too_long="Writing the workbook took too long. Download the tidy table (CSV) instead.",
    unavailable="The workbook could not be stored: the storage is away or full. Try again later.",
    failed="The workbook could not be written. The worker's log has the details.",
    broken_off=(
        f"Writing the workbook was broken off {MAX_ATTEMPTS} times because its worker stopped. "
        "Prepare it again."
    ),
)


@app.task(name=MAKE_REPORT)
def make_report_task(pk: str) -> None:
    """Make one report; run twice it finds nothing left to do."""
    run_in_child_process(make_report, pk)


def make_report(pk: str) -> None:
    run = begin_report(pk=pk)
    if run is None:
        return
    with attempt(run, fail=_fail_report, reasons=REPORT_REASONS):
        try:
            make_files(run=run)
        except NothingRead:
            _fail_report(run, "No reading has been submitted yet: nothing to report.")


def queue_report(run: ReportRun) -> bool:
    """Queue the run; False while the broker is away, and it is queued later."""
    return send(MAKE_REPORT, run.pk)


@app.task(name=COMPUTE_BOOTSTRAP, soft_time_limit=240, time_limit=270)
def compute_bootstrap_task(pk: str) -> None:
    """Compute one bootstrap; run twice it finds nothing left to do."""
    run_in_child_process(compute_bootstrap, pk)


def compute_bootstrap(pk: str) -> None:
    run = begin_bootstrap(pk=pk)
    if run is None:
        return
    with attempt(run, fail=_fail_bootstrap, reasons=BOOTSTRAP_REASONS):
        try:
            compute_intervals(run=run)
        except NothingRead:
            _fail_bootstrap(run, NOTHING_READ)


def queue_bootstrap(run: BootstrapRun) -> bool:
    """Queue the run; False while the broker is away, and it is queued later."""
    return send(COMPUTE_BOOTSTRAP, run.pk)


@app.task(name=WRITE_WORKBOOK)
def write_workbook_task(pk: str) -> None:
    """Write one workbook; run twice it finds nothing left to do."""
    run_in_child_process(write_workbook, pk)


def write_workbook(pk: str) -> None:
    run = begin_workbook(pk=pk)
    if run is None:
        return
    with attempt(run, fail=_fail_workbook, reasons=WORKBOOK_REASONS):
        try:
            store_workbook(run=run)
        except NothingRead:
            _fail_workbook(run, NOTHING_READ)


def queue_workbook(run: WorkbookRun) -> bool:
    """Queue the run; False while the broker is away, and it is queued later."""
    return send(WRITE_WORKBOOK, run.pk)


def _fail_report(run: ReportRun, reason: str) -> None:
    fail_report(run=run, reason=reason)


def _fail_bootstrap(run: BootstrapRun, reason: str) -> None:
    fail_bootstrap(run=run, reason=reason)


def _fail_workbook(run: WorkbookRun, reason: str) -> None:
    fail_workbook(run=run, reason=reason)


watch(Kind(ReportRun, MAKE_REPORT, REPORTS, _fail_report, REPORT_REASONS))
watch(Kind(BootstrapRun, COMPUTE_BOOTSTRAP, REPORTS, _fail_bootstrap, BOOTSTRAP_REASONS))
watch(Kind(WorkbookRun, WRITE_WORKBOOK, REPORTS, _fail_workbook, WORKBOOK_REASONS))
