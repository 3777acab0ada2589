"""Queueing of the tasks that check models and fine-tune, by name: the web process has no torch."""

from __future__ import annotations

from studies.fine_tuning.models import FineTuningRun
from studies.jobs.queue import send
from studies.registry.models import RegisteredModel

CHECK_MODEL, FINE_TUNE = "check_model", "fine_tune"
TRAINING = "training"
"""The queue to which `studies.settings` routes these tasks."""


def queue_check(model: RegisteredModel) -> bool:
    """Queue the check of a model; return False if the broker is unavailable.

    `studies.jobs.requeue` then queues it later.
    """
    return send(CHECK_MODEL, model.pk)


def queue_fine_tuning(run: FineTuningRun) -> bool:
    """Queue the next part of a run; return False if the broker is unavailable, as `queue_check`."""
    return send(FINE_TUNE, run.pk)
