"""Bootstrap intervals of what is chosen on the agreement page: asked for, computed, kept."""

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
from studies.reports.bootstrap_intervals import RESAMPLES, Interval, bootstrap_intervals
from studies.reports.filters import Chosen, chosen_from
from studies.reports.models import BootstrapRun
from studies.reports.snapshot import current_cut

DATA_CHANGED = "Readings were submitted meanwhile. Ask again for intervals of the new data."
MOST_WAITING = 3
"""How many choices one person may have waiting or computing in a study."""


def bootstrap_of(study: Study, chosen: Chosen) -> BootstrapRun | None:
    """The run of this cut and choice, if somebody has asked for it."""
    return BootstrapRun.objects.filter(study=study, key=_key(study, chosen)).first()


def intervals_of(run: BootstrapRun) -> list[Interval]:
    return [Interval.from_record(each) for each in run.records]


@transaction.atomic
def ask_for_bootstrap(*, study: Study, by: User, chosen: Chosen) -> tuple[BootstrapRun, bool]:
    """Return the one run of this cut and choice, and whether it has to be queued.

    It has to be when it is new or failed. Requests in a study are handled one after the other, so
    that two neither make a run twice nor exceed the limit.
    """
    if not chosen.pairs:
        raise Conflict("no_pair", "No two readers have read the same cases here.")
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    key = _key(study, chosen)
    run = BootstrapRun.objects.select_for_update().filter(study=study, key=key).first()
    if run is not None and run.state != BootstrapRun.State.FAILED:
        return run, False
    _check_waiting(study, by)
    run = run or BootstrapRun(
        study=study,
        key=key,
        choice=chosen.choice.query,
        data_hash=chosen.cut.facts.data_hash,
        seed=study.seed,
        resamples=RESAMPLES,
    )
    run.reset_attempts()
    run.by, run.failure, run.resamples_done = by, "", 0
    run.full_clean()
    run.save()
    record("bootstrap.asked_for", actor=by, study=study, subject=run.pk)
    return run, True


def begin_bootstrap(*, pk: str) -> BootstrapRun | None:
    """Claim a run; None when it is done or another worker computes it."""
    return claim(BootstrapRun.objects.select_related("study"), pk)


def compute_intervals(*, run: BootstrapRun) -> None:
    """Compute and store the intervals of a claimed run; raises ClaimLost."""
    run.resamples_done = 0
    _tell(run, 0)
    cut = current_cut(run.study)
    if cut.facts.data_hash != run.data_hash:
        fail_bootstrap(run=run, reason=DATA_CHANGED)
        return
    chosen = chosen_from(QueryDict(run.choice), cut)
    found = bootstrap_intervals(
        chosen.table,
        chosen.found,
        outcome=chosen.choice.outcome,
        weights=chosen.choice.weights,
        seed=run.seed,
        resamples=run.resamples,
        progress=partial(_tell, run),
    )
    _end(
        run,
        state=BootstrapRun.State.DONE,
        records=[each.record() for each in found],
        resamples_done=run.resamples,
        made_at=timezone.now(),
    )


def fail_bootstrap(*, run: BootstrapRun, reason: str) -> None:
    """Store why a claimed run failed; nothing when the claim was lost."""
    with suppress(ClaimLost):
        _end(run, state=BootstrapRun.State.FAILED, failure=reason)


def _check_waiting(study: Study, by: User) -> None:
    if BootstrapRun.objects.filter(study=study, by=by).unfinished().count() >= MOST_WAITING:
        raise Conflict(
            "too_many_waiting",
            f"{MOST_WAITING} bootstraps that you asked for in this study are not ready yet. "
            "Wait until one is, then ask again.",
        )


def _tell(run: BootstrapRun, more: int) -> None:
    run.resamples_done += more
    record_progress(run, resamples_done=run.resamples_done)


@transaction.atomic
def _end(run: BootstrapRun, **fields: Any) -> None:
    locked = lock_claim(run)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.full_clean()
    locked.save(update_fields=list(fields))


def _key(study: Study, chosen: Chosen) -> str:
    """Name the data and everything that the intervals depend on; the pair looked at is not."""
    choice, facts = chosen.choice, chosen.cut.facts
    part = choice.part
    on = [
        facts.data_hash,
        facts.app_version,
        list(facts.group_limits),
        study.seed,
        RESAMPLES,
        [choice.outcome, choice.weights, part.arm, part.site, part.scanner, list(part.readers)],
    ]
    return hashlib.sha256(json.dumps(on).encode()).hexdigest()
