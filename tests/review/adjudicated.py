"""A locked study with an adjudicator, and the steps of an adjudication through the addresses."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.urls import reverse

from studies.analytics.scale import CELLS
from studies.analytics.study.disagreements.selection import SelectionRules
from studies.readers.members import add_member
from studies.readers.models import Membership, Role
from studies.review.adjudication.rounds import start_round
from studies.review.adjudication.work import open_adjudication, save_scores, submit_adjudication
from studies.review.models import AdjudicationRound
from tests.make import Cast, make_user

ANY_CELL = SelectionRules(cell_differs_by=1)


def add_adjudicator(cast: Cast, name: str = "adam") -> Membership:
    return add_member(study=cast.study, user=make_user(name), role=Role.ADJUDICATOR)


def coordinator_of(cast: Cast) -> Membership:
    return Membership.objects.get(study=cast.study, user=cast.coordinator)


def begin(cast: Cast, rules: SelectionRules = ANY_CELL, arm: str = "unguided") -> AdjudicationRound:
    return start_round(study=cast.study, by=coordinator_of(cast), arm=arm, rules=rules)


def adjudicated_grades(position: int) -> dict[str, int]:
    grades = np.random.default_rng(position).integers(0, 4, 8)
    return {cell: int(grade) for cell, grade in zip(CELLS, grades, strict=True)}


def score(user: Any, round_: AdjudicationRound) -> None:
    """Submit every case of a round with grades that follow from its position."""
    for adjudication in round_.adjudications.all():
        open_adjudication(user=user, pk=adjudication.pk)
        grades = adjudicated_grades(adjudication.position)
        scores = {cell: {"score": grade, "validity": 0} for cell, grade in grades.items()}
        save_scores(user=user, pk=adjudication.pk, scores=scores)
        submit_adjudication(user=user, pk=adjudication.pk)


def page_of(cast: Cast, name: str, *arguments: Any) -> str:
    return reverse(name, args=[cast.study.slug, *arguments])
