"""A study's landmarks and images as files that training and evaluation read."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.annotations.coco import write_coco
from inference.annotations.makesense import write_makesense
from inference.annotations.marked_images import MarkedImage
from inference.results import Landmarks
from studies.audit.record import record
from studies.cases.models import Case, LandmarkSet
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.readers.models import Membership
from studies.spreadsheets import formula_safe
from studies.storage.files import read_stored

WRITERS = {"coco": ("landmarks.json", write_coco), "makesense": ("landmarks.csv", write_makesense)}
ORIGIN = ("source", "role", "by", "model", "checksum", "case", "version", "at")
People = Mapping[Any, Membership]


@dataclass(frozen=True, slots=True)
class Exported:
    """How many cases were written, and how many were left out for which reason.

    ``corrected_in_doubt`` names those in doubt that a person corrected all the same.
    """

    cases: int
    in_doubt: int
    corrected_in_doubt: tuple[str, ...]
    not_corrected: int


def export_landmarks(
    *, study: Study, folder: Path, formats: Collection[str], only_corrected: bool = False
) -> Exported:
    """Write the ready cases' current landmarks, images and origins into an empty folder.

    Not in a transaction: writing the images of many cases takes longer than one may be idle.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict("not_empty", f"{folder} is there and not empty. Name another folder.")
    ready = Case.objects.filter(study=study).listed()
    cases, doubted = list(ready.dealable()), list(ready.in_doubt())
    chosen = [case for case in cases if not only_corrected or case.landmark_set.corrected]
    if not chosen:
        raise Conflict("nothing", f"No case of {study.slug} has such landmarks: nothing to write.")
    (folder / "images").mkdir(parents=True)
    for case in chosen:
        _write_image(case, folder / "images")
    people = {one.user_id: one for one in Membership.objects.filter(study=study)}
    images = [_marked(case, people) for case in chosen]
    for name, write in (WRITERS[chosen_format] for chosen_format in formats):
        (folder / name).write_text(write(images))
    (folder / "origins.csv").write_text(_origins(images))
    told = Exported(
        cases=len(chosen),
        in_doubt=len(doubted),
        corrected_in_doubt=tuple(case.label for case in doubted if case.landmark_set.corrected),
        not_corrected=len(cases) - len(chosen),
    )
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
    (folder / _file_name(case)).write_bytes(read_stored(case.image.dicom))


def _marked(case: Case, people: People) -> MarkedImage:
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
        subject=f"{case.study.slug}/{case.patient.label}",
        origin=_origin(case, found, people),
    )


def _origin(case: Case, found: LandmarkSet, people: People) -> dict[str, Any]:
    """Who set the corners; the model is the one that a person began from, or that found them.

    A person is a role and the label in the study, as reports have them: never a name.
    """
    made = found.origin
    person = people.get(made.author_id)
    return {
        "source": made.source,
        "role": person.role if person else None,
        "by": person.label if person else None,
        "model": made.model_name,
        "checksum": made.model_checksum,
        "case": case.label,
        "version": found.version,
        "at": made.created_at.isoformat(timespec="seconds"),
    }


def _origins(images: Iterable[MarkedImage]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, ["file", "subject", *ORIGIN], lineterminator="\n")
    table.writeheader()
    for image in images:
        told = {"file": image.file, "subject": image.subject, **(image.origin or {})}
        safe = {name: formula_safe(x) if isinstance(x, str) else x for name, x in told.items()}
        table.writerow(safe)
    return text.getvalue()
