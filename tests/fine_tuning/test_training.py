"""Real fine-tuning of the bundled network on corrected landmarks, in parts and by a worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studies.fine_tuning import evaluation, tasks
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.queueing import queue_fine_tuning
from studies.fine_tuning.runs import begin_part, request_fine_tuning
from studies.fine_tuning.training import train_part
from studies.registry.installed import installed_model
from studies.registry.study_models import model_of
from tests.fine_tuning.corrected_cases import ingest_corrected_phantom
from tests.make import Cast
from tests.running import Running

pytestmark = pytest.mark.slow
SEEDS = range(3_100_000, 3_100_004)
STEPS = 3
PATIENCE_S = 900


def request(cast: Cast, folder: Path, name: str = "tuned") -> FineTuningRun:
    run = request_fine_tuning(
        by=cast.coordinator,
        name=name,
        start=installed_model(),
        studies=[cast.study],
        consent="phantoms",
    )
    FineTuningRun.objects.filter(pk=run.pk).update(steps=STEPS)
    return run


def request_twice(cast: Cast, folder: Path) -> tuple[FineTuningRun, FineTuningRun]:
    """Two runs with the same result; the platform refuses the second unless the first ended."""
    whole = request(cast, folder, "whole")
    FineTuningRun.objects.filter(pk=whole.pk).update(state="cancelled")
    parted = request(cast, folder, "parted")
    FineTuningRun.objects.filter(pk=whole.pk).update(state="queued")
    return whole, parted


@pytest.fixture
def phantoms(cast: Cast, tmp_path: Path) -> None:
    for seed in SEEDS:
        ingest_corrected_phantom(cast.study, cast.site, cast.coordinator, seed, tmp_path)


@pytest.mark.django_db
def test_run_in_parts_gives_the_weights_of_an_uninterrupted_one(
    cast: Cast, phantoms: None, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(evaluation, "PHANTOMS", 1)
    whole, parted = request_twice(cast, tmp_path)
    assert train_part(run=begin_part(pk=str(whole.pk)))
    parts = 0
    while not train_part(run=begin_part(pk=str(parted.pk)), part_s=0):
        parts += 1
        parted.refresh_from_db()
        assert (parted.state, parted.step) == ("queued", parts)
    whole.refresh_from_db()
    parted.refresh_from_db()
    assert parts == STEPS - 1
    # Equal weights are registered once.
    assert parted.result == whole.result
    assert [row["step"] for row in parted.log] == [1, 2, 3]
    assert parted.comparison == whole.comparison
    assert parted.comparison["other"]["corners"] == 24
    # The phantoms were corrected without moving a corner, and one patient gives no interval.
    assert parted.comparison["corrected"]["corners"] == 0
    assert parted.comparison["other"]["interval_px"] is None
    assert parted.seconds > 0
    split = sorted(row.part for row in parted.run_cases.all())
    assert split == ["test", "training", "training", "validation"]
    before, after = parted.result.evaluation[:2]
    assert before["images"] == "Held-out corrected images from 1 patient"
    assert before["weights"].startswith("before") and after["bodies"] == 6
    assert "## Before and after, on the held-out images" in parted.result.card
    assert "| corrected | 0 | 0 | 0 / 0 | - | - | - | - |" in parted.result.card
    assert "Neither set of corners is unbiased" in parted.result.card
    assert "different pseudonyms in two studies" in parted.result.card
    assert "Split by patient: 2 marked images for training" in parted.result.card
    assert parted.result.trained_on.startswith("2 marked images, after synthetic")


@pytest.mark.django_db
def test_run_with_too_few_cases_left_says_so(cast: Cast, phantoms: None, tmp_path: Path) -> None:
    run = request(cast, tmp_path)
    run.run_cases.first().delete()
    tasks.fine_tune_task(str(run.pk))
    run.refresh_from_db()
    assert run.state == "failed"
    assert "fewer than 4 patients are left" in run.failure


@pytest.mark.django_db
def test_run_whose_cases_changed_says_so(cast: Cast, phantoms: None, tmp_path: Path) -> None:
    ingest_corrected_phantom(cast.study, cast.site, cast.coordinator, SEEDS.stop, tmp_path)
    run = request(cast, tmp_path)
    assert not train_part(run=begin_part(pk=str(run.pk)), part_s=0)
    run.run_cases.first().delete()
    tasks.fine_tune_task(str(run.pk))
    run.refresh_from_db()
    assert run.state == "failed"
    assert "its cases have changed" in run.failure


@pytest.fixture
def running(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Running]:
    stack = Running(settings, tmp_path, VERTEREAD_STALE_AFTER_S="4", OMP_NUM_THREADS="2")
    yield stack
    stack.stop()


def test_worker_fine_tunes_and_offers_the_model_without_activating_it(
    running: Running, cast: Cast, phantoms: None, tmp_path: Path
) -> None:
    run = request(cast, tmp_path)
    queue_fine_tuning(run)
    running.worker()
    deadline = time.monotonic() + PATIENCE_S
    while run.state in {"queued", "training"}:
        assert time.monotonic() < deadline, running.last_words()
        time.sleep(0.2)
        run.refresh_from_db()
    assert run.state == "done", f"{run.failure}\n{running.last_words()}"
    assert run.result.origin == "fine_tuned"
    assert len(run.result.evaluation) == 4
    assert model_of(cast.study) == installed_model() == model_of(cast.outside_study)
