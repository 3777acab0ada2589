"""Start a round of practice, or an attempt at certification."""

from __future__ import annotations

import random
from collections import Counter

from django.db import transaction

from studies.audit.record import record
from studies.errors import Conflict
from studies.practice.certification import attempts_used
from studies.practice.models import PracticeCase, PracticeReading, PracticeRound
from studies.practice.practice_set import active_practice_cases
from studies.practice.rounds.finishing import discard_or_finish
from studies.protocol.models import Study
from studies.readers.models import Membership

Kind = PracticeRound.Kind
MAX_PRACTICE_CASES = 10
"""Cases of a round for practice, so that a reader can stop after about half an hour."""


@transaction.atomic
def start_round(*, reader: Membership, kind: Kind) -> PracticeRound:
    """Start a round, or return the one that the reader has not finished.

    Cases that the reader has scored least often come first, in an order drawn from the study's
    seed, the reader and the number of the round.

    Raises Conflict when there is nothing to practise, or no attempt is left.
    """
    # Locked, so that two windows start one round.
    reader = Membership.objects.select_for_update(of=("self",)).get(pk=reader.pk)
    study = reader.study
    if study.locked:
        raise Conflict("locked", "The study is locked. Practice has ended.")
    unfinished = reader.practice_rounds.filter(kind=kind, finished_at=None).first()
    if unfinished is not None and not discard_or_finish(unfinished):
        return unfinished
    cases = list(active_practice_cases(study))
    if not cases:
        raise Conflict("no_practice", "The coordinator has not set up practice cases yet.")
    number = reader.practice_rounds.filter(kind=kind).count() + 1
    started = PracticeRound(reader=reader, kind=kind, number=number, arm=practice_arm(reader))
    size = MAX_PRACTICE_CASES
    if kind == Kind.CERTIFICATION:
        size = _apply_rules(started, reader)
    chosen_cases = draw_cases(cases, reader, f"{study.seed}/{reader.label}/{kind}/{number}", size)
    started.save()
    PracticeReading.objects.bulk_create(
        PracticeReading(round=started, practice_case=case, position=position)
        for position, case in enumerate(chosen_cases, start=1)
    )
    record(
        "practice.round_started",
        actor=reader.user,
        study=study,
        subject=reader.label,
        kind=kind,
        number=number,
        cases=len(chosen_cases),
    )
    return started


def practice_arm(reader: Membership) -> str:
    """Return the arm in which a reader practises: that of the first reading list, if there is one.

    Readers therefore practise as they will read first, and see no guides before an unguided period.
    """
    first = reader.reading_lists.order_by("period", "step").first()
    if first is not None:
        return first.arm
    arms = [arm.code for arm in reader.study.arms.all()]
    return arms[0] if arms else "unguided"


def draw_cases(
    cases: list[PracticeCase], reader: Membership, seed: str, size: int
) -> list[PracticeCase]:
    """Return the cases that the reader has scored least often, in an order drawn from the seed."""
    seen = Counter(
        PracticeReading.objects.filter(round__reader=reader).values_list(
            "practice_case_id", flat=True
        )
    )
    # Of cases that were scored equally often, the order is random.
    shuffled = random.Random(seed).sample(cases, len(cases))
    return sorted(shuffled, key=lambda case: seen[case.pk])[:size]


def _apply_rules(attempt: PracticeRound, reader: Membership) -> int:
    """Copy the rules of the certification to an attempt; return its number of cases."""
    study: Study = reader.study
    rules = getattr(study, "certification_rules", None)
    if not study.certification_required or rules is None:
        raise Conflict("not_required", "This study does not require certification.")
    if reader.may_read_cases:
        raise Conflict("certified", "You can already read the cases of this study.")
    if attempts_used(reader) >= rules.attempts:
        raise Conflict(
            "no_attempts", "You have used all attempts. The coordinator decides how to continue."
        )
    attempt.measure, attempt.threshold = rules.measure, rules.threshold
    return int(rules.cases)
