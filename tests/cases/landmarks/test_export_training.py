"""From uploaded scans and corrected corners to weights that do better on scans of that look."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from inference.__main__ import main
from inference.annotations.verteread_json import image_from_document
from inference.evaluation.errors import corner_errors
from inference.evaluation.samples import read_samples
from inference.network.checkpoint import load_checkpoint
from inference.phantom import Phantom, generate
from inference.phantom.export import as_dataset, write_dicom
from inference.predictor import SHIPPED_WEIGHTS, Predictor
from inference.results import CORNERS, VERTEBRAE
from inference.training.validation import MISSED_FRAME_PX, predict_outcomes
from studies.cases import tasks
from studies.cases.models import Case
from studies.celery import app
from tests.inference.annotations.marks import same

pytestmark = pytest.mark.django_db
FAMILY = "ge_prodigy"
TRAINED = range(3_100_000, 3_100_006)
UNSEEN = range(3_200_000, 3_200_003)


def haze(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """A negative, smeared along the rows, with a third of the contrast."""
    return np.asarray(0.35 + 0.3 * (1 - gaussian_filter(grey, (1, 24))))


def hazy(seed: int) -> Phantom:
    """A whole spine by one family of scanners, in a look that the network never saw."""
    phantom = generate(seed, family=FAMILY, partial=0.0, mirrored=0.0, odd_count=0.0)
    white = 2**phantom.bits - 1
    grey = np.rint(haze(phantom.pixels / white) * white)
    return replace(phantom, pixels=grey.astype(phantom.pixels.dtype))


def file_of(phantom: Phantom, patient: str) -> bytes:
    dataset = as_dataset(phantom)
    dataset.PatientID, dataset.BurnedInAnnotation = patient, "NO"
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def corners_of(truth: dict[str, Any]) -> dict[str, Any]:
    """As the case review sends them."""
    bodies = {v.value: truth["landmarks"].get(v.value) for v in VERTEBRAE}
    return {v: body and {name: body[name] for name in CORNERS} for v, body in bodies.items()}


@pytest.fixture
def coordinator(cast, client_of, monkeypatch, django_capture_on_commit_callbacks):
    """Posts as a page does; the network analyses at once."""
    predictor = Predictor.load(SHIPPED_WEIGHTS, threads=1, runtime="torch")
    monkeypatch.setattr(tasks.PREDICTORS, "get", lambda model: predictor)
    analyse = tasks.locate_landmarks_task.run
    monkeypatch.setattr(app, "send_task", lambda name, args, **_: analyse(*args))
    client = client_of(cast.coordinator)

    def post(path: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(f"/api/v1/{path}", body, **more)
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    return post


def correct(cast, post, seed: int, patient: str) -> None:
    """Upload a scan, release it if it looks strange, set its corners and accept their names."""
    phantom = hazy(seed)
    file = SimpleUploadedFile("scan.dcm", file_of(phantom, patient))
    sent = {"file": file, "site": cast.site.code}
    (upload,) = post(f"studies/{cast.study.slug}/uploads", sent, format="multipart")["results"]
    address = f"cases/{upload['case']['id']}"
    case = Case.objects.get(pk=upload["case"]["id"])
    if case.state == Case.State.PENDING_REVIEW:
        post(f"{address}/release", {})
    moved = post(f"{address}/landmarks", {"based_on": 1, "landmarks": corners_of(phantom.truth)})
    if moved["landmark_set"]["level_uncertainty"]:
        post(f"{address}/accept", {"based_on": 2})


def fine_tune(cast, coordinator, tmp_path: Path, *, steps: int) -> Path:
    """The folder of a training on six corrected scans; two of them are of one patient."""
    for index, seed in enumerate(TRAINED):
        correct(cast, coordinator, seed, patient=f"MRN-{max(index, 1)}")
    export = tmp_path / "export"
    output = StringIO()
    call_command(
        "export_landmarks", "--study", cast.study.slug, "--out", str(export), "--only-corrected",
        stdout=output,
    )  # fmt: skip
    assert "6 cases exported" in output.getvalue()
    (first, *_) = read_samples([export])
    assert same(image_from_document(hazy(TRAINED[0]).truth).landmarks, first.open()[1].landmarks)
    out = tmp_path / "out"
    plan = ["--data", str(export), "--start", str(SHIPPED_WEIGHTS), "--out", str(out)]
    plan += ["--steps", str(steps), "--batch", "2", "--rate", "1e-3", "--precision", "f32"]
    plan += ["--workers", "0", "--validate-every", str(steps // 2)]
    assert main(["train", *plan]) == 0
    return out


@pytest.mark.slow
def test_model_card_says_what_exported_corrections_taught(
    cast, coordinator, tmp_path: Path
) -> None:
    out = fine_tune(cast, coordinator, tmp_path, steps=2)
    about = load_checkpoint(out / "best.safetensors").about
    assert about["trained_on"] == "4 marked images, after synthetic phantoms only"
    assert about["start"]["name"] == SHIPPED_WEIGHTS.name
    assert about["data"]["split"] == "patient"
    assert sum(about["data"]["patients"]) == 5
    assert "Split by patient" in (out / "MODEL_CARD.md").read_text()


@pytest.mark.slow
def test_fine_tuning_on_exported_corrections_helps_on_scans_of_that_look(
    cast, coordinator, tmp_path: Path
) -> None:
    """Median over the corners of three other patients."""
    unseen = tmp_path / "unseen"
    unseen.mkdir()
    for seed in UNSEEN:
        write_dicom(hazy(seed), unseen / f"{seed}.dcm")
        (unseen / f"{seed}.json").write_text(json.dumps(hazy(seed).truth))

    def error(weights: Path) -> float:
        outcomes = predict_outcomes(weights, read_samples([unseen]), threads=1)
        errors = corner_errors(outcomes).values("absolute_coordinate", "frame_px")
        return float(np.median(np.nan_to_num(errors, nan=MISSED_FRAME_PX)))

    out = fine_tune(cast, coordinator, tmp_path, steps=20)
    assert error(out / "last.safetensors") < 0.5 * error(SHIPPED_WEIGHTS)
