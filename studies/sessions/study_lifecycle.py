"""What a coordinator does with a study's lists: deal, open, pause, lock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from studies.audit.models import Event
from studies.audit.record import record
from studies.cases.models import Case, Upload
from studies.errors import Conflict, StudyError
from studies.protocol.models import Study
from studies.readers.models import Membership, Role, User
from studies.sessions.assignment import CannotDeal, Dealt, ReaderSlot, deal
from studies.sessions.assignment_storage import store_readings
from studies.sessions.models import Reading, ReadingList

MINUTES_A_READING = 5
STATE_EVENTS = {Study.State.OPEN: "study.opened", Study.State.PAUSED: "study.paused"}


@dataclass(frozen=True, slots=True)
class Preview:
    """What dealing would do now; nothing is stored."""

    batch: int
    cases: int
    left_out: int
    rows: list[Dealt]
    readers: list[Membership]
    first_arms: dict[int, str]

    @property
    def minutes_each(self) -> int:
        counts = Counter(row.reader for row in self.rows)
        return MINUTES_A_READING * max(counts.values(), default=0)

    @property
    def by_reader(self) -> list[tuple[Membership, int, str]]:
        counts = Counter(row.reader for row in self.rows)
        return [(r, counts[r.pk], self.first_arms.get(r.pk, "")) for r in self.readers]


def preview_dealing(study: Study) -> Preview:
    """Raises StudyError with what is missing when nothing can be dealt."""
    readers = list(
        Membership.objects.filter(study=study, role=Role.READER, active=True).select_related(
            "site", "user"
        )
    )
    started = dict(
        ReadingList.objects.filter(study=study, period=1).values_list("reader_id", "arm")
    )
    slots = [ReaderSlot(r.pk, r.site_id or 0, started.get(r.pk)) for r in readers]
    new = Case.objects.filter(study=study, readings=None)
    cases = [str(pk) for pk in new.assignable().values_list("pk", flat=True)]
    waiting = new.filter(state__in=["received", "pending_review", "analysing", "failed"]).count()
    batch = _last_batch(study) + 1
    try:
        rows = deal(
            cases=cases,
            readers=slots,
            arms=[arm.code for arm in study.arms.all()],
            readers_per_case=study.readers_per_case,
            seed=study.seed,
            batch=batch,
        )
    except CannotDeal as error:
        raise StudyError("cannot_deal", str(error), status=409) from error
    first_arms = {row.reader: row.arm for row in rows if row.period == 1}
    left_out = waiting + new.with_uncertain_levels().count()
    return Preview(batch, len(cases), left_out, rows, readers, first_arms)


@transaction.atomic
def deal_lists(*, study: Study, by: User) -> int:
    """Store the next batch of readings behind those that are there; returns how many."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked: no more cases can be dealt.")
    _hold_cases(study)
    preview = preview_dealing(study)
    store_readings(study=study, rows=preview.rows, batch=preview.batch)
    record(
        "lists.dealt",
        actor=by,
        study=study,
        batch=preview.batch,
        cases=preview.cases,
        readings=len(preview.rows),
        seed=study.seed,
    )
    return len(preview.rows)


@transaction.atomic
def open_study(*, study: Study, by: User) -> Study:
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked and cannot be opened again.")
    if not Reading.objects.filter(reading_list__study=study).exists():
        raise Conflict("nothing_dealt", "Deal the reading lists before you open the study.")
    study.state = Study.State.OPEN
    study.opened_at = study.opened_at or timezone.now()
    study.save(update_fields=["state", "opened_at"])
    record("study.opened", actor=by, study=study)
    return study


@transaction.atomic
def pause_study(*, study: Study, by: User) -> Study:
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.state != Study.State.OPEN:
        raise Conflict("not_open", "Only an open study can be paused.")
    study.state = Study.State.PAUSED
    study.save(update_fields=["state"])
    record("study.paused", actor=by, study=study)
    return study


@transaction.atomic
def lock_study(*, study: Study, by: User) -> Study:
    """End the reading for good: scores can be seen from now on and changed no more.

    What the uploaded files were called is forgotten with it.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.state not in {Study.State.OPEN, Study.State.PAUSED}:
        raise Conflict("not_open", "Only a study that has been opened can be locked, and once.")
    unread = Reading.objects.filter(reading_list__study=study).to_read().count()
    study.state = Study.State.LOCKED
    study.locked_at = timezone.now()
    study.save(update_fields=["state", "locked_at"])
    Upload.objects.filter(study=study).delete()
    record("study.locked", actor=by, study=study, unread=unread)
    return study


def state_since(study: Study) -> datetime | None:
    """When the study was last opened, paused or locked into its present state."""
    if study.locked_at is not None:
        return study.locked_at
    events = Event.objects.filter(study=study.slug, action=STATE_EVENTS.get(study.state, ""))
    return events.aggregate(last=Max("at"))["last"]


def _hold_cases(study: Study) -> None:
    """Nobody refuses, excludes or corrects a case while it is dealt."""
    ready = Case.objects.filter(study=study, readings=None).ready().order_by("pk")
    list(ready.select_for_update(of=("self",)).values_list("pk"))


def _last_batch(study: Study) -> int:
    dealt = Reading.objects.filter(reading_list__study=study)
    return dealt.aggregate(last=Max("batch"))["last"] or 0
