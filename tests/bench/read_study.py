"""A study that many readers have read in both arms, written straight into the database."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from django.utils import timezone

from studies.analytics.scale import CELLS
from studies.sessions.models import Reading, Score
from studies.sessions.study_lifecycle import assign_cases, lock_study, open_study
from tests.bench.large_study import BATCH, fill_study, update_statistics
from tests.make import Cast, make_reader

UNREADABLE = 0.01
SLIPS = {"unguided": 0.35, "guided": 0.2}
"""The share of cells in which a reader is one grade off."""


def read_study(readers: int, cases: int, *, seed: int = 5) -> Cast:
    """Return a locked study in which every reader has scored every case, unguided and guided."""
    cast = Cast(readers_per_case=readers)
    for number in range(readers - 2):
        make_reader(cast.study, cast.site, f"reader{number}")
    fill_study(cast, cases)
    assign_cases(study=cast.study, by=cast.coordinator)
    cast.study = open_study(study=cast.study, by=cast.coordinator)
    _submit(cast, np.random.default_rng(seed))
    update_statistics()
    cast.study = lock_study(study=cast.study, by=cast.coordinator)
    return cast


def _submit(cast: Cast, rng: np.random.Generator) -> None:
    """Submit every reading with scores near the grades of its case, most of which are 0."""
    reference: dict[object, np.ndarray] = {}
    readings = list(
        Reading.objects.filter(reading_list__study=cast.study)
        .select_related("reading_list")
        .order_by("reading_list__reader__label", "reading_list__period", "position")
    )
    scores: list[Score] = []
    now = timezone.now()
    for reading in readings:
        truth = reference.setdefault(
            reading.case_id, rng.choice([0, 1, 2, 3], 8, p=[0.55, 0.2, 0.15, 0.1])
        )
        slip = rng.random(8) < SLIPS[reading.reading_list.arm]
        grades = np.clip(truth + slip * rng.choice([-1, 1], 8), 0, 3)
        unreadable = rng.random(8) < UNREADABLE
        scores += [
            Score(
                reading=reading,
                cell=cell,
                score=None if unreadable[column] else int(grades[column]),
                validity=3 if unreadable[column] else 0,
            )
            for column, cell in enumerate(CELLS)
        ]
        reading.state = Reading.State.SUBMITTED
        reading.opened_at, reading.submitted_at = now - timedelta(minutes=7), now
        reading.active_ms = int(rng.integers(120_000, 360_000))
    Score.objects.filter(reading__in=readings).delete()
    Score.objects.bulk_create(scores, BATCH)
    names = ["state", "opened_at", "submitted_at", "active_ms"]
    Reading.objects.bulk_update(readings, names, BATCH)
