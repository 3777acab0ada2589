"""Bootstrap intervals of what is chosen on the agreement page: asked for, computed, kept."""

from __future__ import annotations

import hashlib
import json

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


def bootstrap_of(study: Study, chosen: Chosen) -> BootstrapRun | None:
    """The run of this cut and choice, if somebody has asked for it."""
    return BootstrapRun.objects.filter(study=study, key=_key(study, chosen)).first()


def intervals_of(run: BootstrapRun) -> list[Interval]:
    return [Interval.from_record(each) for each in run.records]


@transaction.atomic
def ask_for_bootstrap(*, study: Study, by: User, chosen: Chosen) -> BootstrapRun:
    """The run of this cut and choice: the one that there is, or a new one; a failed one again."""
    if not chosen.pairs:
        raise Conflict("no_pair", "No two readers have read the same cases here.")
    run, made = BootstrapRun.objects.select_for_update().get_or_create(
        study=study,
        key=_key(study, chosen),
        defaults={
            "by": by,
            "choice": chosen.choice.query,
            "data_hash": chosen.cut.facts.data_hash,
            "seed": study.seed,
            "resamples": RESAMPLES,
        },
    )
    if run.state == BootstrapRun.State.FAILED:
        run.state, run.failure, run.resamples_done = BootstrapRun.State.QUEUED, "", 0
        run.save(update_fields=["state", "failure", "resamples_done"])
        made = True
    if made:
        record("bootstrap.asked_for", actor=by, study=study, subject=run.pk)
    return run


def compute_intervals(*, pk: str) -> None:
    """Compute the intervals of a run and keep them; a run that is finished is left alone."""
    run = BootstrapRun.objects.unfinished().select_related("study").filter(pk=pk).first()
    if run is None:
        return
    rows = BootstrapRun.objects.unfinished().filter(pk=pk)
    rows.update(state=BootstrapRun.State.COMPUTING, resamples_done=0)
    cut = current_cut(run.study)
    if cut.facts.data_hash != run.data_hash:
        fail_bootstrap(pk=pk, reason=DATA_CHANGED)
        return
    chosen = chosen_from(QueryDict(run.choice), cut)
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        rows.update(resamples_done=done)

    found = bootstrap_intervals(
        chosen.table,
        chosen.found,
        outcome=chosen.choice.outcome,
        weights=chosen.choice.weights,
        seed=run.seed,
        resamples=run.resamples,
        progress=tell,
    )
    rows.update(
        state=BootstrapRun.State.DONE,
        records=[each.record() for each in found],
        resamples_done=run.resamples,
        made_at=timezone.now(),
    )


def fail_bootstrap(*, pk: str, reason: str) -> None:
    rows = BootstrapRun.objects.unfinished().filter(pk=pk)
    rows.update(state=BootstrapRun.State.FAILED, failure=reason)


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
