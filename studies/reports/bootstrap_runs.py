"""Bootstrap intervals of what is chosen on the agreement page: asked for, computed, kept."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.readers.models import User
from studies.reports.choices import Chosen, chosen_from
from studies.reports.cut import current_cut
from studies.reports.intervals import RESAMPLES, Interval, bootstrap_intervals
from studies.reports.models import BootstrapRun

DATA_CHANGED = "Readings were submitted meanwhile. Ask again for intervals of the new data."
MOST_WAITING = 3
"""How many choices one person may have waiting or computing in a study."""


class BeingComputed(Exception):
    """Another worker computes the run, or was stopped a moment ago."""


class GivenUp(Exception):
    """Nothing was heard of this attempt for so long that the run was asked for again."""


def bootstrap_of(study: Study, chosen: Chosen) -> BootstrapRun | None:
    """The run of this cut and choice, if somebody has asked for it."""
    return BootstrapRun.objects.filter(study=study, key=_key(study, chosen)).first()


def intervals_of(run: BootstrapRun) -> list[Interval]:
    return [Interval.from_record(each) for each in run.records]


@transaction.atomic
def ask_for_bootstrap(*, study: Study, by: User, chosen: Chosen) -> tuple[BootstrapRun, bool]:
    """The one run of this cut and choice, and whether it is to be queued.

    It is where it is new, failed or is lost. Who asks in a study at the same time asks one after
    the other, so that two neither make a run twice nor step over the limit.
    """
    if not chosen.pairs:
        raise Conflict("no_pair", "No two readers have read the same cases here.")
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    key = _key(study, chosen)
    run = BootstrapRun.objects.select_for_update().filter(study=study, key=key).first()
    if run is not None and not run.trouble:
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
    run.by, run.heard_at = by, timezone.now()
    run.state, run.failure, run.resamples_done = BootstrapRun.State.QUEUED, "", 0
    run.full_clean()
    run.save()
    record("bootstrap.asked_for", actor=by, study=study, subject=run.pk)
    return run, True


@transaction.atomic
def begin_bootstrap(*, pk: str) -> BootstrapRun | None:
    """The run for the one worker that may compute it, None if there is nothing left to do.

    Raises BeingComputed while another worker is heard.
    """
    runs = BootstrapRun.objects.filter(pk=pk)
    run = runs.free().select_for_update(of=("self",)).select_related("study").first()
    if run is None:
        if runs.unfinished().exists():
            raise BeingComputed
        return None
    run.state, run.resamples_done = BootstrapRun.State.COMPUTING, 0
    run.attempts += 1
    run.heard_at = timezone.now()
    run.save(update_fields=["state", "resamples_done", "attempts", "heard_at"])
    return run


def compute_intervals(*, run: BootstrapRun) -> None:
    """Compute the intervals of a run that was begun and keep them; raises GivenUp."""
    cut = current_cut(run.study)
    _tell(run, 0)
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
    _end(run, state=BootstrapRun.State.FAILED, failure=reason)


def _check_waiting(study: Study, by: User) -> None:
    if BootstrapRun.objects.filter(study=study, by=by).going_on().count() >= MOST_WAITING:
        raise Conflict(
            "too_many_waiting",
            f"{MOST_WAITING} bootstraps that you asked for in this study are not ready yet. "
            "Wait until one is, then ask again.",
        )


def _tell(run: BootstrapRun, more: int) -> None:
    """Show that the run is alive, with so many resamples more."""
    run.resamples_done += more
    own = BootstrapRun.objects.begun_as(run)
    if not own.update(resamples_done=run.resamples_done, heard_at=timezone.now()):
        raise GivenUp


@transaction.atomic
def _end(run: BootstrapRun, **fields: Any) -> None:
    """Store how a run ended, unless it was given up."""
    own = BootstrapRun.objects.begun_as(run).select_for_update().first()
    if own is None:
        return
    for name, value in fields.items():
        setattr(own, name, value)
    own.full_clean()
    own.save(update_fields=list(fields))


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
