"""A study's landmarks and images as files that training and evaluation read."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from inference.formats.coco import write_coco
from inference.formats.makesense import write_makesense
from inference.formats.marked import MarkedImage
from inference.shapes import Landmarks
from studies.audit.record import record
from studies.cases.models import Case, LandmarkSet
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.spreadsheets import formula_safe

WRITERS = {"coco": ("landmarks.json", write_coco), "makesense": ("landmarks.csv", write_makesense)}
ORIGIN = ("source", "by", "model", "checksum", "case", "version", "at", "patient")


@dataclass(frozen=True, slots=True)
class Exported:
    """How many cases were written, and how many were left out for which reason."""

    cases: int
    in_doubt: int
    not_corrected: int


@transaction.atomic
def export_landmarks(
    *, study: Study, folder: Path, formats: Collection[str], only_corrected: bool = False
) -> Exported:
    """Write the ready cases' current landmarks, images and origins into an empty folder."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict("not_empty", f"{folder} is there and not empty. Name another folder.")
    ready = Case.objects.filter(study=study).listed()
    cases = list(ready.dealable())
    chosen = [case for case in cases if not only_corrected or case.landmark_set.corrected]
    if not chosen:
        raise Conflict("nothing", f"No case of {study.slug} has such landmarks: nothing to write.")
    (folder / "images").mkdir(parents=True)
    for case in chosen:
        _write_image(case, folder / "images")
    images = [_marked(case) for case in chosen]
    for name, write in (WRITERS[chosen_format] for chosen_format in formats):
        (folder / name).write_text(write(images))
    (folder / "origins.csv").write_text(_origins(images))
    told = Exported(len(chosen), ready.in_doubt().count(), len(cases) - len(chosen))
    record(
        "landmarks.exported",
        study=study,
        cases=told.cases,
        only_corrected=only_corrected,
        formats=sorted(formats),
    )
    return told


def _file_name(case: Case) -> str:
    return f"{case.label}.dcm"


def _write_image(case: Case, folder: Path) -> None:
    with case.image.dicom.open("rb") as stored, (folder / _file_name(case)).open("wb") as out:
        shutil.copyfileobj(stored, out)


def _marked(case: Case) -> MarkedImage:
    found: Any = case.landmark_set
    spacing = case.image.spacing_mm
    return MarkedImage(
        file=_file_name(case),
        width=case.image.width,
        height=case.image.height,
        landmarks=Landmarks.from_dict(found.landmarks),
        anterior=found.anterior,
        spacing_mm=tuple(spacing) if spacing else None,
        family=case.scanner or None,
        origin=_origin(case, found),
    )


def _origin(case: Case, found: LandmarkSet) -> dict[str, Any]:
    """Who set the corners; the model is the one that a person began from, or that found them."""
    made = found.origin
    return {
        "source": made.source,
        "by": made.author.shown_name if made.author else None,
        "model": made.model_name,
        "checksum": made.model_checksum,
        "case": case.label,
        "version": found.version,
        "at": made.created_at.isoformat(timespec="seconds"),
        "patient": case.patient.label,
    }


def _origins(images: Iterable[MarkedImage]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, ["file", *ORIGIN], lineterminator="\n")
    table.writeheader()
    for image in images:
        told = {"file": image.file, **(image.origin or {})}
        safe = {name: formula_safe(x) if isinstance(x, str) else x for name, x in told.items()}
        table.writerow(safe)
    return text.getvalue()
