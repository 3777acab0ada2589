"""Celery tasks that check uploaded models and fine-tune. Only workers load this module."""

from __future__ import annotations

from inference.annotations.marked_images import FormatError
from inference.network.weights_header import CheckpointError
from inference.runtime.session import RuntimeUnavailable
from inference.runtime.torch_needed import require_torch
from studies.cases.predictors import load_registered
from studies.celery import app
from studies.fine_tuning.evaluation import evaluate_on_phantoms
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.queueing import CHECK_MODEL, FINE_TUNE, TRAINING, queue_fine_tuning
from studies.fine_tuning.runs import CasesChanged, begin_part, fail_run
from studies.jobs.attempt import Reasons, attempt
from studies.jobs.child_process import run_in_child_process
from studies.jobs.claims import MAX_ATTEMPTS
from studies.jobs.requeue import Kind, watch
from studies.registry.changes import begin_check, reject_model, store_check
from studies.registry.models import RegisteredModel
from studies.storage.files import is_out_of_space

CHECK_REASONS = Reasons(
    too_long="The check of the model exceeded its time limit. Upload the weights again.",
    unavailable="The stored weights could not be read. Upload them again later.",
    failed="The model could not be checked because of an error. See the worker's log for details.",
    broken_off=(
        f"The check was interrupted {MAX_ATTEMPTS} times because its worker stopped. "
        "Upload the weights again."
    ),
)
TRAINING_REASONS = Reasons(
    too_long="Part of the training exceeded its time limit. Resume the run.",
    unavailable=(
        "The images or the state of the training could not be read or saved. Resume the run later."
    ),
    failed="The training failed because of an error. See the worker's log for details.",
    broken_off=(
        f"The training was interrupted {MAX_ATTEMPTS} times in a row because its worker stopped. "
        "Resume the run."
    ),
)
NOTHING_DETECTED = (
    "With these weights, the network detects none of the vertebrae T12 to L5 in any image of the "
    "check"
)
CHANGED = "The run cannot continue: its cases have changed since it began. Start a new run."
DISK_FULL = (
    "The state of the training could not be saved because no space is left on the worker or in the "
    "storage. Ask an administrator to free space, then resume the run."
)


# In a child process, so that a second network does not stay in the worker's memory.
@app.task(name=CHECK_MODEL)
def check_model_task(pk: str) -> None:
    """Load and evaluate a model; safe to run twice, because it is claimed only while it waits."""
    run_in_child_process(check_model, pk)


def check_model(pk: str) -> None:
    """Claim a model and evaluate it on phantoms, or store why it cannot be used."""
    model = begin_check(pk=pk)
    if model is None:
        return
    with attempt(model, fail=_fail_check, reasons=CHECK_REASONS):
        try:
            evaluation = evaluate_on_phantoms(load_registered(model))
        except CheckpointError as error:
            _fail_check(model, f"The weights do not fit the network: {str(error)[:500]}.")
            return
        if evaluation["mean_px"] is None:
            _fail_check(model, f"{NOTHING_DETECTED} ({evaluation['images']}).")
            return
        store_check(model=model, evaluation=[evaluation])


# Below the visibility timeout of the broker, which would deliver a longer task again.
@app.task(name=FINE_TUNE, soft_time_limit=540, time_limit=570)
def fine_tune_task(pk: str) -> None:
    """Train one part of a run and queue the next; safe to run twice, because a run is claimed."""
    run_in_child_process(train_claimed_part, pk)


def train_claimed_part(pk: str) -> None:
    """Claim a run and train a part of it, or store why it cannot continue."""
    run = begin_part(pk=pk)
    if run is None:
        return
    with attempt(run, fail=_fail_run, reasons=TRAINING_REASONS):
        try:
            with require_torch("fine-tuning was requested"):
                # Imported here, because it loads torch, which not every worker has.
                from studies.fine_tuning.training import train_part
            finished = train_part(run=run)
        except CasesChanged:
            _fail_run(run, CHANGED)
        except OSError as error:
            # Other attempts follow, since space may be freed; the last one states the cause.
            if not is_out_of_space(error) or run.attempts_left:
                raise
            _fail_run(run, DISK_FULL)
        except RuntimeUnavailable as error:
            _fail_run(run, f"This worker cannot train: {error}.")
        except (CheckpointError, FormatError) as error:
            _fail_run(run, f"The run cannot continue: {str(error)[:500]}.")
        else:
            if not finished:
                queue_fine_tuning(run)


def _fail_check(model: RegisteredModel, reason: str) -> None:
    reject_model(model=model, reason=reason)


def _fail_run(run: FineTuningRun, reason: str) -> None:
    fail_run(run=run, reason=reason)


watch(Kind(RegisteredModel, CHECK_MODEL, TRAINING, _fail_check, CHECK_REASONS))
watch(Kind(FineTuningRun, FINE_TUNE, TRAINING, _fail_run, TRAINING_REASONS))
