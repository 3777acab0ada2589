"""Training of a fine-tuning run by a worker, a few minutes at a time. Loads torch."""

from __future__ import annotations

import hashlib
import io
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from inference.evaluation.comparison import Comparison, compare_errors
from inference.network.weights_header import CheckpointError
from inference.predictor import Predictor
from inference.runtime.selection import usable_threads
from inference.training.fine_tuning import FineTuned, default_steps, fine_tune, log_rows
from inference.training.log import read_log
from inference.training.trainer import RunMismatch
from inference.training.training_run import RunPaused
from studies.celery import app
from studies.fine_tuning.evaluation import (
    comparison_json,
    describe_comparison,
    evaluate_on_phantoms,
    summarize_outcomes,
)
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.runs import CasesChanged, check_cases, finish_run, store_part
from studies.fine_tuning.samples import RunData, corrected_corners, read_run
from studies.jobs.claims import record_progress
from studies.registry.representations import EvaluationJSON
from studies.storage.files import read_stored

PART_S: Final = 200.0
"""Time after which a part ends: with validation and evaluation below the limit of the task."""
PROGRESS_S: Final = 2.0
"""Time between two updates of the progress, each of which also notices a cancelled run."""
MAX_STEPS: Final = 600
"""Longest run, whatever the number of cases (docs/training.md has the measured time per step)."""
STATE_FILES: Final = ("state.pt", "last.safetensors", "best.safetensors", "log.csv")


def train_part(*, run: FineTuningRun, part_s: float | None = None) -> bool:
    """Train a claimed run for a few minutes.

    Parameters
    ----------
    part_s
        Length of the part in seconds; `PART_S` if None.

    Returns
    -------
    bool
        Whether the run is finished; otherwise it waits for its next part.

    Raises
    ------
    ClaimLost
        The run was cancelled or taken over.
    CasesChanged
        A case that was trained on may no longer be used.
    CheckpointError, FormatError
        The run cannot continue; the message states why.
    StorageUnavailable
        A file cannot be fetched or stored.
    """
    began = time.monotonic()
    check_cases(run)
    with tempfile.TemporaryDirectory(prefix="verteread-training-") as folder:
        out, start = Path(folder) / "run", Path(folder) / "start.safetensors"
        out.mkdir()
        _restore(run, out)
        _write_start(run, start)
        used = read_run(run)
        steps = run.steps or min(default_steps(used.data.marked_images), MAX_STEPS)
        record_progress(run, steps=steps)
        progress = _Progress(run, time.monotonic() + (PART_S if part_s is None else part_s))
        try:
            tuned = fine_tune(
                start,
                used.data,
                out,
                start_name=run.start.name,
                steps=steps,
                seed=run.seed,
                threads=usable_threads(processes=app.conf.worker_concurrency),
                # A process that prepares examples cannot be started by a task that is a daemon.
                workers=1 if settings.RUN_IN_CHILD_PROCESS else 0,
                pause=progress,
                stream=io.StringIO(),
            )
        except RunMismatch as error:
            raise CasesChanged from error
        except RunPaused:
            store_part(
                run=run,
                state=_archive(out),
                step=progress.step,
                log=_log(out),
                parts=used.parts,
                seconds=time.monotonic() - began,
            )
            return False
        comparison = _compare(used, tuned)
        section = describe_comparison(tuned.before, tuned.after, comparison, used.patients)
        finish_run(
            run=run,
            weights=tuned.weights.read_bytes(),
            card=f"{tuned.card}\n{section}",
            evaluation=_evaluate(run, used, tuned, start),
            comparison=comparison_json(comparison),
            log=_log(out),
            parts=used.parts,
            seconds=time.monotonic() - began,
        )
        return True


class _Progress:
    """Stores the progress of a run after its steps, and ends the part in time."""

    def __init__(self, run: FineTuningRun, deadline: float) -> None:
        self._run, self._deadline = run, deadline
        self._stored_at = time.monotonic()
        self.step = run.step

    def __call__(self, step: int) -> bool:
        self.step, now = step, time.monotonic()
        if now - self._stored_at >= PROGRESS_S:
            record_progress(self._run, step=step)
            self._stored_at = now
        return now >= self._deadline


def _restore(run: FineTuningRun, out: Path) -> None:
    """Write the files of the saved state, if there is one, into the folder of the run."""
    if not run.saved_state:
        return
    with zipfile.ZipFile(io.BytesIO(read_stored(run.saved_state))) as archive:
        for name in STATE_FILES:
            if name in archive.namelist():
                (out / name).write_bytes(archive.read(name))


def _archive(out: Path) -> bytes:
    """Return the files from which the run continues, in a zip archive."""
    buffer = io.BytesIO()
    # Not compressed, because weights hardly get smaller.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in STATE_FILES:
            if (out / name).exists():
                archive.write(out / name, name)
    return buffer.getvalue()


def _write_start(run: FineTuningRun, path: Path) -> None:
    content = read_stored(run.start.file)
    if hashlib.sha256(content).hexdigest() != run.start.checksum:
        raise CheckpointError(f"the stored weights of {run.start.name} are damaged")
    path.write_bytes(content)


def _log(out: Path) -> list[dict[str, Any]]:
    return log_rows(read_log(out / "log.csv"))


def _evaluate(
    run: FineTuningRun, used: RunData, tuned: FineTuned, start: Path
) -> list[EvaluationJSON]:
    """Return the evaluation before and after, on held-out images and on phantoms."""
    patients = len({sample.subject for sample in used.data.test})
    images = f"Held-out corrected images from {patients} patient{'' if patients == 1 else 's'}"
    threads = usable_threads(processes=app.conf.worker_concurrency)
    before, after = (
        evaluate_on_phantoms(Predictor.load(path, threads=threads), weights=name)
        for path, name in ((start, f"before: {run.start.name}"), (tuned.weights, "after"))
    )
    return [
        summarize_outcomes(images, tuned.before, weights=before["weights"]),
        summarize_outcomes(images, tuned.after, weights="after"),
        before,
        after,
    ]


def _compare(used: RunData, tuned: FineTuned) -> tuple[Comparison, Comparison]:
    """Return the comparison before and after, on corrected and on other corners."""
    return compare_errors(
        tuned.before,
        tuned.after,
        patients={sample.key: sample.subject for sample in used.data.test},
        corrected={
            sample.key: corrected_corners(used.rows[sample.key]) for sample in used.data.test
        },
    )
