"""Bootstrap intervals of a selection on the agreement page: request, computation, storage."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from functools import partial
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict
from studies.jobs.claims import ClaimLost, claim, lock_claim, record_progress
from studies.protocol.models import Study
from studies.readers.models import User
from studies.reports.document.bootstrap.intervals import RESAMPLES, Interval, bootstrap_intervals
from studies.reports.filters import Selection, parse_selection
from studies.reports.models import BootstrapRun
from studies.reports.snapshot import current_snapshot

DATA_CHANGED = (
    "Readings were submitted in the meantime. Compute the intervals again for the new data."
)
MAX_WAITING = 3
"""Bootstrap runs that one person may have waiting or computing in a study."""


def bootstrap_of(study: Study, selection: Selection) -> BootstrapRun | None:
    """Return the run of this snapshot and selection; None if none was requested."""
    return BootstrapRun.objects.filter(study=study, key=_key(study, selection)).first()


def intervals_of(run: BootstrapRun) -> list[Interval]:
    """Return the stored intervals of a run."""
    return [Interval.from_record(stored) for stored in run.records]


@transaction.atomic
def request_bootstrap(*, study: Study, by: User, selection: Selection) -> tuple[BootstrapRun, bool]:
    """Return the run of this snapshot and selection, and whether it must be queued.

    A new or a failed run must be queued. The study's row is locked, so that simultaneous requests
    neither create a run twice nor exceed the limit. Raises Conflict if there is no pair of readers
    or too many runs are waiting.
    """
    if not selection.pairs:
        raise Conflict(
            "no_pair",
            "No two readers have read the same cases in this selection. Change the filters.",
        )
    # ``no_key``: rows that refer to the study, such as saved scores, can still be inserted.
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    key = _key(study, selection)
    run = BootstrapRun.objects.select_for_update().filter(study=study, key=key).first()
    if run is not None and run.state != BootstrapRun.State.FAILED:
        return run, False
    _check_waiting(study, by)
    run = run or BootstrapRun(
        study=study,
        key=key,
        choice=selection.filters.query,
        data_hash=selection.snapshot.summary.data_hash,
        seed=study.seed,
        resamples=RESAMPLES,
    )
    # A failed run is used again, because there is one run for each key; it gets all attempts back.
    run.reset_attempts()
    run.by, run.failure, run.resamples_done = by, "", 0
    run.full_clean()
    run.save()
    record("bootstrap.asked_for", actor=by, study=study, subject=run.pk)
    return run, True


def begin_bootstrap(*, pk: str) -> BootstrapRun | None:
    """Claim a run; return None if it is done or another worker has claimed it."""
    return claim(BootstrapRun.objects.select_related("study"), pk)


def compute_intervals(*, run: BootstrapRun) -> None:
    """Compute and store the intervals of a claimed run; raises ClaimLost and NoReadings."""
    run.resamples_done = 0
    _report_progress(run, 0)
    snapshot = current_snapshot(run.study)
    # Intervals of other readings than those on the page would contradict its point estimates.
    if snapshot.summary.data_hash != run.data_hash:
        fail_bootstrap(run=run, reason=DATA_CHANGED)
        return
    # The filters are parsed as the page parses them, so that both select the same readings.
    selection = parse_selection(QueryDict(run.choice), snapshot)
    intervals = bootstrap_intervals(
        selection.table,
        selection.results,
        outcome=selection.filters.outcome,
        weights=selection.filters.weights,
        # Seed and number of replicates come from the run: the stored intervals state them.
        seed=run.seed,
        resamples=run.resamples,
        progress=partial(_report_progress, run),
    )
    _finish(
        run,
        state=BootstrapRun.State.DONE,
        records=[interval.record() for interval in intervals],
        resamples_done=run.resamples,
        made_at=timezone.now(),
    )


def fail_bootstrap(*, run: BootstrapRun, reason: str) -> None:
    """Store why a claimed run failed; do nothing if the claim was lost."""
    with suppress(ClaimLost):
        _finish(run, state=BootstrapRun.State.FAILED, failure=reason)


def _check_waiting(study: Study, by: User) -> None:
    if BootstrapRun.objects.filter(study=study, by=by).unfinished().count() >= MAX_WAITING:
        raise Conflict(
            "too_many_waiting",
            f"{MAX_WAITING} of your bootstrap computations in this study are not finished yet. "
            "Wait until one finishes, then try again.",
        )


def _report_progress(run: BootstrapRun, resamples: int) -> None:
    # Counted in memory: the claim makes this process the only one that writes the run.
    run.resamples_done += resamples
    record_progress(run, resamples_done=run.resamples_done)


@transaction.atomic
def _finish(run: BootstrapRun, **fields: Any) -> None:
    locked = lock_claim(run)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.full_clean()
    locked.save(update_fields=list(fields))


def _key(study: Study, selection: Selection) -> str:
    """Return a hash of the data and of every setting that the intervals depend on.

    The pair drawn on the page is left out: intervals cover all pairs, whichever is drawn.
    """
    filters, summary = selection.filters, selection.snapshot.summary
    subset = filters.subset
    # The software version is included, because a correction may change the intervals.
    values = [
        summary.data_hash,
        summary.app_version,
        list(summary.group_limits),
        study.seed,
        RESAMPLES,
        "with expanded intervals",
        [
            filters.outcome,
            filters.weights,
            subset.arm,
            subset.site,
            subset.scanner,
            list(subset.readers),
        ],
    ]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()
