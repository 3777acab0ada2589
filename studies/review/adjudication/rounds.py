"""Start a round of adjudication: select the cases by rules, in a random order."""

from __future__ import annotations

import random
from typing import Any

from django.db import transaction

from studies.analytics.io.tidy_csv import table_from_readings
from studies.analytics.study.disagreements.selection import SelectionRules, select_cases
from studies.analytics.table import ReadingTable
from studies.audit.record import record
from studies.cases.models import Case
from studies.errors import Conflict, StudyError
from studies.protocol.models import Study
from studies.readers.models import Membership, Role
from studies.review.models import Adjudication, AdjudicationRound
from studies.sessions.export import tidy_readings
from studies.sessions.models import Reading

MAX_TOTAL_DIFFERENCE = 24
MAX_CELL_DIFFERENCE = 3


def submitted_readings(study: Study) -> ReadingTable:
    """Return the submitted readings of a study as arrays; raises Conflict if there are none."""
    if not Reading.objects.filter(reading_list__study=study).submitted().exists():
        raise Conflict("nothing_read", "No reading has been submitted, so there is no score.")
    rows = enumerate(tidy_readings(study), start=2)
    return table_from_readings(
        (
            (row, shared, [{"score": cell.score, "validity": cell.validity} for cell in cells])
            for row, (shared, cells) in rows
        ),
        group_limits=study.group_limits,
    )


def current_round(study: Study) -> AdjudicationRound | None:
    """Return the latest round on the readings of the present lock; None without one."""
    if not study.locked or study.locked_at is None:
        return None
    rounds = AdjudicationRound.objects.filter(study=study, locked_at=study.locked_at)
    return rounds.order_by("-number").first()


@transaction.atomic
def start_round(
    *, study: Study, by: Membership, arm: str, rules: SelectionRules
) -> AdjudicationRound:
    """Select the cases by the rules and open them for adjudication.

    Raises StudyError if the rules are incomplete or select no case, Conflict if the study is not
    locked, has no adjudicator or has cases that are still being adjudicated.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    _check_state(study)
    check_rules(study, arm, rules)
    selected = select_cases(submitted_readings(study), arm, rules)
    if not selected:
        raise StudyError(
            "no_case_selected",
            "No case meets these rules, so there is nothing to adjudicate. Change the rules.",
        )
    assert study.locked_at is not None  # by a database constraint
    round_ = AdjudicationRound(
        study=study,
        number=AdjudicationRound.objects.filter(study=study).count() + 1,
        arm=arm,
        group_differs=rules.group_differs,
        total_differs_by=rules.total_differs_by,
        cell_differs_by=rules.cell_differs_by,
        readability_differs=rules.readability_differs,
        shows_scores=study.adjudicator_sees_scores,
        locked_at=study.locked_at,
        started_by=by,
    )
    round_.full_clean()
    round_.save()
    Adjudication.objects.bulk_create(_adjudications(round_, selected))
    record(
        "adjudication.started",
        actor=by.user,
        study=study,
        subject=round_.number,
        cases=len(selected),
        arm=arm,
        shows_scores=round_.shows_scores,
    )
    return round_


def check_rules(study: Study, arm: str, rules: SelectionRules) -> None:
    """Raise StudyError unless the arm belongs to the study and at least one rule is usable."""
    if not study.arms.filter(code=arm).exists():
        raise StudyError("arm_unknown", "Select an arm of the study.")
    limits = (
        (rules.total_differs_by, MAX_TOTAL_DIFFERENCE, "AAC-24 totals"),
        (rules.cell_differs_by, MAX_CELL_DIFFERENCE, "grades of a cell"),
    )
    for value, highest, name in limits:
        if value is not None and not 1 <= value <= highest:
            raise StudyError(
                "rule_wrong", f"Difference of {name}: enter a whole number from 1 to {highest}."
            )
    if rules == SelectionRules():
        raise StudyError("no_rule", "Select at least one rule.")


def _check_state(study: Study) -> None:
    if not study.locked:
        raise Conflict("not_locked", "Cases can be adjudicated once the study is locked.")
    latest = current_round(study)
    waiting = latest.adjudications.filter(submitted_at=None).count() if latest else 0
    if waiting:
        cases = "case is" if waiting == 1 else "cases are"
        raise Conflict(
            "adjudicating",
            f"{waiting} {cases} still being adjudicated. Start again once all are submitted.",
        )
    adjudicators = Membership.objects.filter(study=study, role=Role.ADJUDICATOR, active=True)
    if not adjudicators.exists():
        raise Conflict(
            "no_adjudicator", "The study has no adjudicator. Invite one under People first."
        )


def _adjudications(round_: AdjudicationRound, selected: dict[str, Any]) -> list[Adjudication]:
    """Return the cases in a random order, each with its readings in a random order.

    Both orders are stored, and neither reveals a reader: the seed only makes them reproducible.
    """
    study = round_.study
    rng = random.Random(f"{study.seed} adjudication {round_.number}")
    cases = list(Case.objects.of_study(study).filter(label__in=selected).order_by("label"))
    rng.shuffle(cases)
    by_case: dict[Any, list[str]] = {case.pk: [] for case in cases}
    firsts = Reading.objects.filter(
        reading_list__study=study, reading_list__arm=round_.arm, replicate=1, case__in=cases
    ).submitted()
    for key, case in firsts.order_by("pk").values_list("pk", "case"):
        by_case[case].append(str(key))
    for keys in by_case.values():
        rng.shuffle(keys)
    return [
        Adjudication(
            round=round_,
            case=case,
            position=position,
            reasons=list(selected[case.label]),
            readings=by_case[case.pk],
        )
        for position, case in enumerate(cases, start=1)
    ]
