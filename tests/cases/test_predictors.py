"""The networks that a worker holds in memory: one per model, few at a time."""

from __future__ import annotations

from typing import Any

import pytest

from inference.image import image_from_dataset
from inference.network.weights_header import CheckpointError
from inference.phantom import generate
from inference.phantom.export import as_dataset
from inference.predictor import Predictor
from studies.cases import predictors, tasks
from studies.cases.predictors import LoadedPredictors
from studies.cases.upload.ingest import ingest_file
from studies.celery import app, set_worker_concurrency
from studies.registry.installed import installed_model
from studies.registry.study_models import select_model
from tests.make import dicom_bytes
from tests.registry.weights import add_ready_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(monkeypatch: Any) -> list[str]:
    """The names of the weights files that were loaded, in place of loading them."""
    names: list[str] = []
    monkeypatch.setattr(
        Predictor, "load", lambda path, **options: names.append(path.name) or object()
    )
    return names


def test_model_stays_loaded_and_the_least_recently_used_one_is_dropped(cast, loaded):
    installed = installed_model()
    first, second = (add_ready_model(cast.coordinator, name) for name in "ab")
    cache = LoadedPredictors(limit=2)
    one = cache.get(installed)
    assert cache.get(installed) is one
    cache.get(first)
    assert cache.get(installed) is one
    cache.get(second)
    assert cache.get(installed) is one
    assert (len(cache), len(loaded)) == (2, 3)
    cache.get(first)
    assert len(loaded) == 4


def test_installed_weights_are_loaded_without_a_copy(cast, loaded):
    cache = LoadedPredictors()
    cache.get(None)
    cache.get(installed_model())
    assert loaded == ["verteread-lite.safetensors"] * 2


def test_stored_file_that_is_not_the_registered_one_is_not_loaded(cast, loaded, settings):
    model = add_ready_model(cast.coordinator, "a")
    (settings.STORAGE / model.file.name).write_bytes(b"other")
    with pytest.raises(CheckpointError, match="damaged"):
        LoadedPredictors().get(model)
    assert not loaded


@pytest.mark.parametrize(("processes", "threads"), [(1, 4), (2, 2), (8, 1)])
def test_worker_processes_share_the_processors(processes, threads, monkeypatch, tmp_path):
    options: list[dict[str, Any]] = []
    monkeypatch.setattr(Predictor, "load", lambda path, **given: options.append(given))
    monkeypatch.setenv("OMP_NUM_THREADS", "")
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1, 2, 3})
    monkeypatch.setattr("pathlib.Path.read_text", lambda path: "max 100000")
    before = app.conf.worker_concurrency
    try:
        set_worker_concurrency(conf=app.conf, options={"concurrency": processes})
        predictors.load_weights(tmp_path)
    finally:
        app.conf.worker_concurrency = before
    assert options == [{"threads": threads, "compare_unclear": True}]
    assert app.conf.worker_concurrency == 1


def test_case_is_analysed_with_the_model_of_its_study(cast, monkeypatch):
    """With a real network: the landmark set records the checksum of the study's model."""
    model = add_ready_model(cast.coordinator, "a")
    select_model(study=cast.study, model=model, by=cast.coordinator)
    upload = ingest_file(
        study=cast.study, site=cast.site, data=dicom_bytes(), name="a", uploader=cast.coordinator
    )
    case = upload.case
    phantom = image_from_dataset(as_dataset(generate(4_000_001, partial=0.0)))
    monkeypatch.setattr(tasks, "decode_stored_image", lambda image: phantom)
    monkeypatch.setattr(tasks, "PREDICTORS", LoadedPredictors())
    tasks.locate_landmarks_task(str(case.pk))
    case.refresh_from_db()
    assert case.landmark_set is not None, case.reason_text
    assert case.landmark_set.model_checksum == model.checksum
    assert case.landmark_set.expected_gain is not None
    assert model.checksum != installed_model().checksum
