"""Draw the practice cases of a refresher shortly before it is due."""

from __future__ import annotations

from django.db import transaction

from studies.audit.record import record
from studies.practice.models import PracticeReading, PracticeRound
from studies.practice.practice_set import active_practice_cases
from studies.practice.rounds.finishing import discard_or_finish, finish_round
from studies.practice.rounds.starting import draw_cases
from studies.readers.models import Membership
from studies.sessions.models import Reading

Kind = PracticeRound.Kind
State = PracticeReading.State


@transaction.atomic
def prepare_refresher(
    *, reader: Membership, number: int, neighbour: Reading
) -> PracticeRound | None:
    """Return the reader's unfinished refresher, drawn now if there is none.

    ``neighbour`` is the study reading beside it, whose arm and period it takes. Returns None if it
    is left out, because the practice set is empty or its cases were excluded: a reader never waits
    for practice cases.
    """
    # Locked, so that two windows draw one refresher.
    reader = Membership.objects.select_for_update(of=("self",)).get(pk=reader.pk)
    if number <= reader.refreshers_done:
        return None
    unfinished = reader.practice_rounds.refreshers().filter(finished_at=None).first()
    if unfinished is None:
        return _draw(reader, number, neighbour)
    _adopt_arm(unfinished, neighbour)
    discarded = unfinished.finished_at is None and discard_or_finish(unfinished)
    if not discarded and unfinished.finished_at is None:
        return unfinished
    end_refresher(reader, unfinished.number)
    return None


def end_refresher(reader: Membership, number: int) -> None:
    """Let the reader continue with study readings after this refresher."""
    reader.refreshers_done = max(number, reader.refreshers_done)
    reader.save(update_fields=["refreshers_done"])


def _draw(reader: Membership, number: int, neighbour: Reading) -> PracticeRound | None:
    study = reader.study
    seed = f"{study.seed}/{reader.label}/{Kind.REFRESHER}/{number}"
    cases = draw_cases(list(active_practice_cases(study)), reader, seed, study.refresher_cases)
    record(
        "practice.refresher_drawn" if cases else "practice.refresher_left_out",
        actor=reader.user,
        study=study,
        subject=reader.label,
        number=number,
        cases=len(cases),
    )
    if not cases:
        end_refresher(reader, number)
        return None
    refresher = PracticeRound.objects.create(
        reader=reader,
        kind=Kind.REFRESHER,
        number=number,
        arm=neighbour.arm,
        period=neighbour.reading_list.period,
        after_readings=number * (study.refresher_interval or 0),
    )
    PracticeReading.objects.bulk_create(
        PracticeReading(round=refresher, practice_case=case, position=position)
        for position, case in enumerate(cases, start=1)
    )
    return refresher


def _adopt_arm(refresher: PracticeRound, neighbour: Reading) -> None:
    """Move a refresher to the period that the reader is in now.

    Only needed if the rest of a period was excluded after the refresher was drawn. Cases that were
    submitted keep their arm; the others are then left out.
    """
    period = neighbour.reading_list.period
    if (refresher.arm, refresher.period) == (neighbour.arm, period):
        return
    left = refresher.readings.exclude(state=State.SUBMITTED)
    if refresher.readings.filter(state=State.SUBMITTED).exists():
        left.delete()
        finish_round(refresher)
        return
    left.update(
        state=State.WAITING, cells={}, measurement=None, comment="", opened_at=None, timed_to=None
    )
    refresher.arm, refresher.period = neighbour.arm, period
    refresher.save(update_fields=["arm", "period"])
