"""Cases whose landmarks a person corrected, for tests of fine-tuning."""

from __future__ import annotations

from typing import Any

from inference.phantom import generate
from inference.phantom.export import write_dicom
from inference.results import Landmarks
from studies.cases.landmarks.versions import add_version
from studies.cases.models import Case, LandmarkSet
from studies.cases.upload.ingest import ingest_file
from studies.protocol.models import Site, Study
from studies.readers.models import User
from tests.make import make_case

CORRECTED = {
    "corners": 31,
    "patients": 7,
    "missed_before": 2,
    "missed_after": 0,
    "before_px": 6.42,
    "after_px": 4.1,
    "difference_px": -2.32,
    "interval_px": [-3.1, -1.24],
}
"""The comparison of the weights before and after on corrected corners, as stored with a run."""


def correct(case: Case, *, source: str = "moved", **values: Any) -> Case:
    """Add a version of a case's landmarks, as a correction does."""
    before = case.landmark_set
    assert before is not None
    names = ("landmarks", "guides", "crop", "morphometry", "anterior", "model_name")
    fields: dict[str, Any] = {n: getattr(before, n) for n in (*names, "model_checksum")}
    fields |= {"source": source, "parent": before, "author": case.uploaded_by}
    add_version(case, **fields | values)
    case.save()
    return case


def make_corrected_cases(study: Study, site: Site, number: int) -> list[Case]:
    """Cases of as many patients, without real images."""
    return [correct(make_case(study, site)) for _ in range(number)]


def ingest_corrected_phantom(study: Study, site: Site, user: User, seed: int, folder: Any) -> Case:
    """A case with the image of a phantom, and the phantom's true corners as the correction."""
    phantom = generate(seed, partial=0.0, mirrored=0.0)
    path = folder / f"{seed}.dcm"
    write_dicom(phantom, path)
    upload = ingest_file(
        study=study, site=site, data=path.read_bytes(), name=path.name, uploader=user
    )
    case = upload.case
    assert case is not None, upload.reason_text
    truth = Landmarks.from_dict(phantom.truth["landmarks"]).to_dict()
    values: dict[str, Any] = {
        "source": LandmarkSet.Source.MODEL,
        "model_name": "verteread-lite",
        "model_checksum": "c" * 64,
        "anterior": phantom.truth["anterior"],
        "landmarks": truth,
        "guides": [],
        "crop": {},
        "morphometry": {},
    }
    add_version(case, **values)
    case.state, case.reason_code, case.reason_text = "ready", "", ""
    case.save()
    return correct(case)
