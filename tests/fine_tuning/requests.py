"""Requests of fine-tuning runs."""

from __future__ import annotations

from typing import Any

from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.runs import (
    request_fine_tuning,
)
from studies.registry.installed import installed_model


def ask(cast: Any, **fields: Any) -> FineTuningRun:
    values = {
        "by": cast.coordinator,
        "name": "from corrections",
        "start": installed_model(),
        "studies": [cast.study],
        "consent": "Approval 12/2026",
    }
    return request_fine_tuning(**values | fields)
