"""A locked study of phantoms, whose two readers agree, differ or are one level apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.utils import timezone

from studies.analytics.scale import CELLS
from studies.protocol.models import Study
from studies.readers.members import add_member
from studies.readers.models import Role, User
from studies.sessions.models import Measurement, Reading, Score
from studies.sessions.study_lifecycle import assign_cases, lock_study, open_study
from tests.browser.images import make_phantom_case
from tests.make import make_reader, make_site, make_study, make_user
from tests.reports.measured_study import results_of

ARMS = ("unguided", "guided measured")
# Unguided grades of R01 and R02: equal, two grades apart in L4, and shifted by one level.
# The mean disagreement with linear weights is 0, 4 / 3 / 8 and 12 / 3 / 8.
UNGUIDED = (
    ((0, 1, 0, 1, 0, 1, 0, 1), (0, 1, 0, 1, 0, 1, 0, 1)),
    ((1, 1, 1, 1, 1, 1, 1, 1), (1, 1, 1, 1, 1, 1, 3, 3)),
    ((0, 0, 2, 3, 3, 1, 0, 0), (2, 3, 3, 1, 0, 0, 0, 0)),
)
MEASURED = (((2, 2, 2, 2, 2, 2, 2, 2), (2, 2, 2, 2, 2, 2, 2, 1)),) * 3
COMMENT = "Motion at L2."


def make_reviewed_study(
    folder: Path, *, before_lock: Callable[[Study], None] | None = None, **design: Any
) -> Study:
    """Return a locked study with a statistician (stan) and an adjudicator (adam)."""
    clara = User.objects.get(username="clara")
    study = make_study(clara, arms=list(ARMS), washout_days=0, **design)
    site = make_site(study)
    for name in ("rita", "rolf"):
        make_reader(study, site, name)
    add_member(study=study, user=make_user("stan"), role=Role.STATISTICIAN)
    add_member(study=study, user=make_user("adam"), role=Role.ADJUDICATOR)
    cases = [
        make_phantom_case(study, site, folder, 4700 + number, "ge_idxa")
        for number in range(len(UNGUIDED))
    ]
    assign_cases(study=study, by=clara)
    open_study(study=study, by=clara)
    for number, case in enumerate(cases):
        for arm, grades in zip(ARMS, (UNGUIDED[number], MEASURED[number]), strict=True):
            readings = Reading.objects.filter(case=case, reading_list__arm=arm)
            by_label = readings.order_by("reading_list__reader__label")
            for reading, of_reader in zip(by_label, grades, strict=True):
                _submit(reading, of_reader)
    if before_lock is not None:
        before_lock(study)
    return lock_study(study=study, by=clara)


def _submit(reading: Reading, grades: tuple[int, ...]) -> None:
    now = timezone.now()
    Score.objects.bulk_create(
        Score(reading=reading, cell=cell, score=grade, validity=0)
        for cell, grade in zip(CELLS, grades, strict=True)
    )
    if reading.measured:
        # R02 traces a part of the plaque of R01, and continues below it.
        line = [[300, 700], [305, 760], [310, 800]]
        if reading.reading_list.reader.label == "R02":
            line = [[305, 760], [310, 800], [322, 850]]
        traces = [{"wall": "anterior", "points": line}]
        results = results_of(np.zeros(len(CELLS)))
        Measurement.objects.create(reading=reading, traces=traces, results=results)
    reading.state, reading.active_ms, reading.comment = "submitted", 240_000, COMMENT
    reading.opened_at, reading.submitted_at = now - timedelta(minutes=7), now
    reading.save()
