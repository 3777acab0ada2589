"""Export of a study's landmarks and images for training and evaluation."""

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
from studies.spreadsheets import escape_formula
from studies.storage.files import read_stored

WRITERS = {"coco": ("landmarks.json", write_coco), "makesense": ("landmarks.csv", write_makesense)}
ORIGIN_COLUMNS = (
    "source",
    "role",
    "by",
    "model",
    "checksum",
    "case",
    "version",
    "at",
    "label_probability",
    "warnings",
)
People = Mapping[Any, Membership]


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """Numbers of cases that were exported, and that were left out by reason.

    ``corrected_uncertain`` are the labels of cases that were left out because their level
    labelling is uncertain although a person corrected them.
    """

    cases: int
    uncertain: int
    corrected_uncertain: tuple[str, ...]
    not_corrected: int


def export_landmarks(
    *, study: Study, folder: Path, formats: Collection[str], only_corrected: bool = False
) -> ExportSummary:
    """Write the ready cases' current landmarks, images and origins into an empty folder.

    Parameters
    ----------
    formats
        Keys of `WRITERS`.
    only_corrected
        Leave out landmarks that no person corrected.

    Raises
    ------
    Conflict
        The folder is not empty, or no case can be exported.
    """
    # No transaction: writing many images takes longer than a transaction may stay idle.
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict("not_empty", f"The folder {folder} is not empty. Choose a new folder.")
    ready = Case.objects.filter(study=study).listed()
    cases, uncertain = list(ready.assignable()), list(ready.with_uncertain_levels())
    exported = [case for case in cases if not only_corrected or case.landmark_set.corrected]
    if not exported:
        text = f"No case of study {study.slug} has landmarks to export, so nothing was written."
        raise Conflict("nothing", text)
    (folder / "images").mkdir(parents=True)
    for case in exported:
        _write_image(case, folder / "images")
    # All memberships, also inactive ones: people who left a study may have corrected its cases.
    people = {member.user_id: member for member in Membership.objects.filter(study=study)}
    images = [_marked_image(case, people) for case in exported]
    for name, write in (WRITERS[key] for key in formats):
        (folder / name).write_text(write(images))
    (folder / "origins.csv").write_text(_origins_csv(images))
    summary = ExportSummary(
        cases=len(exported),
        uncertain=len(uncertain),
        corrected_uncertain=tuple(case.label for case in uncertain if case.landmark_set.corrected),
        not_corrected=len(cases) - len(exported),
    )
    record(
        "landmarks.exported",
        study=study,
        cases=summary.cases,
        only_corrected=only_corrected,
        formats=sorted(formats),
    )
    return summary


def _file_name(case: Case) -> str:
    return f"{case.label}.dcm"


def _write_image(case: Case, folder: Path) -> None:
    (folder / _file_name(case)).write_bytes(read_stored(case.image.dicom))


def _marked_image(case: Case, people: People) -> MarkedImage:
    current: Any = case.landmark_set
    spacing = case.image.spacing_mm
    return MarkedImage(
        file=_file_name(case),
        width=case.image.width,
        height=case.image.height,
        landmarks=Landmarks.from_dict(current.landmarks),
        anterior=current.anterior,
        spacing_mm=tuple(spacing) if spacing else None,
        family=case.scanner or None,
        # With the study's name, so that P0001 of two exports are two people in a split by patient.
        subject=f"{case.study.slug}/{case.patient.label}",
        origin=_origin(case, current, people),
    )


def _origin(case: Case, current: LandmarkSet, people: People) -> dict[str, Any]:
    """Return who set the corners, and the model that located them or that a person started from.

    A person appears as a role and a label in the study, as in reports, and never by name.
    """
    origin = current.origin
    person = people.get(origin.author_id)
    return {
        "source": origin.source,
        "role": person.role if person else None,
        "by": person.label if person else None,
        "model": origin.model_name,
        "checksum": origin.model_checksum,
        "case": case.label,
        "version": current.version,
        "at": origin.created_at.isoformat(timespec="seconds"),
        "label_probability": (current.level_names or {}).get("probability"),
        "warnings": " ".join(warning["code"] for warning in current.warnings),
    }


def _origins_csv(images: Iterable[MarkedImage]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, ["file", "subject", *ORIGIN_COLUMNS], lineterminator="\n")
    table.writeheader()
    for image in images:
        row = {"file": image.file, "subject": image.subject, **(image.origin or {})}
        # Labels and model names could begin like a formula, which a spreadsheet would run.
        table.writerow({k: escape_formula(v) if isinstance(v, str) else v for k, v in row.items()})
    return text.getvalue()
