from __future__ import annotations

import logging
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_ready

from studies.celery import app
from studies.reports.bootstrap_runs import (
    BeingComputed,
    GivenUp,
    begin_bootstrap,
    compute_intervals,
    fail_bootstrap,
)
from studies.reports.cut import NothingRead
from studies.reports.models import BootstrapRun, ReportRun
from studies.reports.runs import fail_report, make_files

logger = logging.getLogger(__name__)
LOOK_AGAIN_S = BootstrapRun.PATIENCE[BootstrapRun.State.COMPUTING].total_seconds() + 1


@app.task(
    bind=True, max_retries=3, retry_backoff=True, autoretry_for=(OSError,), name="make_report"
)
def make_report_task(self: Any, pk: str) -> None:
    """Make one report; run twice it finds nothing left to do."""
    try:
        make_files(pk=pk)
    except NothingRead:
        fail_report(pk=pk, reason="No reading has been submitted yet: nothing to report.")
    except SoftTimeLimitExceeded:
        fail_report(pk=pk, reason="Making the report took too long. Try it again.")
    except OSError:
        if self.request.retries >= self.max_retries:
            fail_report(pk=pk, reason="The report cannot be stored: the storage is away or full.")
        raise
    except Exception:
        logger.exception("report %s failed", pk)
        fail_report(pk=pk, reason="The report failed. The worker's log says more.")


def queue_report(run: ReportRun) -> None:
    """Queue the run; one that could not be queued is queued when a worker starts."""
    try:
        make_report_task.delay(str(run.pk))
    except make_report_task.OperationalError:
        logger.warning("the broker is away: report %s waits for the next worker", run.pk)


@app.task(
    name="compute_bootstrap",
    soft_time_limit=240,
    time_limit=270,
    max_retries=None,
    autoretry_for=(BeingComputed,),
    retry_kwargs={"countdown": LOOK_AGAIN_S},
)
def compute_bootstrap_task(pk: str) -> None:
    """Compute one bootstrap; one that another worker computes is looked at again later."""
    run = begin_bootstrap(pk=pk)
    if run is None:
        return
    try:
        compute_intervals(run=run)
    except GivenUp:
        logger.warning("bootstrap %s was silent for too long and was asked for again", pk)
    except NothingRead:
        fail_bootstrap(run=run, reason="No reading has been submitted yet.")
    except SoftTimeLimitExceeded:
        fail_bootstrap(run=run, reason="It took too long. Choose fewer readers.")
    except Exception:
        logger.exception("bootstrap %s failed", pk)
        fail_bootstrap(run=run, reason="The bootstrap failed. The worker's log says more.")


def queue_bootstrap(run: BootstrapRun) -> None:
    """Queue the run; one that could not be queued is queued when a worker starts."""
    try:
        compute_bootstrap_task.delay(str(run.pk))
    except compute_bootstrap_task.OperationalError:
        logger.warning("the broker is away: bootstrap %s waits for the next worker", run.pk)


@worker_ready.connect
def queue_unfinished_runs(**_: Any) -> None:
    for report in ReportRun.objects.unfinished().iterator():
        queue_report(report)
    for bootstrap in BootstrapRun.objects.unfinished().iterator():
        queue_bootstrap(bootstrap)
