"""A study whose assigned readings are all submitted, as reports use it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from django.utils import timezone

from studies.analytics.scale import CELLS
from studies.sessions.models import Reading, Score
from studies.sessions.study_lifecycle import lock_study
from tests.make import Cast


def submit_everything(cast: Cast, *, slips: dict[str, float] | None = None) -> None:
    """Submit every reading with scores near those of its case; a share per arm is off by one."""
    slips = slips or {"unguided": 0.5, "guided": 0.1}
    rng = np.random.default_rng(5)
    truths: dict[object, np.ndarray] = {}
    for reading in Reading.objects.filter(reading_list__study=cast.study).order_by("pk"):
        truth = truths.setdefault(reading.case_id, rng.integers(0, 4, 8))
        slip = rng.random(8) < slips[reading.arm]
        scores = np.clip(truth + slip * rng.choice([-1, 1], 8), 0, 3)
        opened = timezone.now() - timedelta(minutes=7)
        Score.objects.filter(reading=reading).delete()
        Score.objects.bulk_create(
            Score(reading=reading, cell=cell, score=int(score), validity=0)
            for cell, score in zip(CELLS, scores, strict=True)
        )
        reading.state = Reading.State.SUBMITTED
        reading.opened_at, reading.submitted_at = opened, timezone.now()
        reading.active_ms = 240_000
        reading.save()


def lock(cast: Cast) -> None:
    cast.study = lock_study(study=cast.study, by=cast.coordinator)
