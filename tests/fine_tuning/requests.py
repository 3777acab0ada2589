"""Requests of fine-tuning runs."""

from __future__ import annotations

from typing import Any

from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.runs import (
    begin_part,
    finish_run,
    request_fine_tuning,
    store_part,
)
from studies.registry.installed import installed_model
from studies.registry.models import RegisteredModel
from tests.registry.weights import weights


def ask(cast: Any, **fields: Any) -> FineTuningRun:
    values = {
        "by": cast.coordinator,
        "name": "from corrections",
        "start": installed_model(),
        "studies": [cast.study],
        "consent": "Approval 12/2026",
    }
    return request_fine_tuning(**values | fields)


def claimed(run: FineTuningRun) -> FineTuningRun:
    begun = begin_part(pk=str(run.pk))
    assert begun is not None
    return begun


def parts_of(run: FineTuningRun) -> dict[Any, str]:
    """The parts of the split of a run's cases, as a worker might store them."""
    cases = run.run_cases.order_by("case__label").values_list("case", flat=True)
    return {pk: ("validation", "test", "training")[min(n, 2)] for n, pk in enumerate(cases)}


def store(part: FineTuningRun, *, state: bytes = b"one", step: int = 1, **fields: Any) -> None:
    """Store a part of a claimed run."""
    values: dict[str, Any] = {"log": [], "parts": parts_of(part), "seconds": 1.0}
    store_part(run=part, state=state, step=step, **values | fields)


def finish(part: FineTuningRun, **fields: Any) -> RegisteredModel:
    """Finish a claimed run of two steps."""
    FineTuningRun.objects.filter(pk=part.pk).update(steps=2)
    values: dict[str, Any] = {
        "weights": weights("tuned"),
        "card": "# card",
        "evaluation": [],
        "comparison": None,
        "log": [],
        "parts": parts_of(part),
        "seconds": 1.0,
    }
    return finish_run(run=part, **values | fields)
