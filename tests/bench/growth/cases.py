"""Analysed cases of a study, written straight into the database; runs in a version's checkout."""

from __future__ import annotations

from typing import Any

from django.db import connection

from studies.cases.models import Case, Image, LandmarkSet, Patient, Upload
from studies.protocol.models import Study
from tests import make
from tests.make import Cast, landmarks_at

BATCH = 1000
ENDS = ("posterior", "anterior", "end")


def update_statistics() -> None:
    """Do what the database's autovacuum would have done by now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def fill_study(cast: Cast, cases: int) -> list[Case]:
    """Add ready cases of 512 x 1,024 pixels with one upload each by the coordinator."""
    study, numbers = Study.objects.get(pk=cast.study.pk), range(1, cases + 1)
    sites = [cast.site, cast.other_site]
    patients = Patient.objects.bulk_create(
        [Patient(study=study, label=f"P{n:04d}", key=f"key {n}") for n in numbers], BATCH
    )
    rows = [
        Case(
            study=study,
            patient=patient,
            site=sites[n % 2],
            label=f"C{n:04d}",
            burned_in="NO",
            scanner="GE Lunar iDXA",
            anterior="right",
        )
        for n, patient in zip(numbers, patients, strict=True)
    ]
    Case.objects.bulk_create(rows, BATCH)
    Image.objects.bulk_create([_image(case, n) for n, case in enumerate(rows)], BATCH)
    sets = LandmarkSet.objects.bulk_create([_landmarks(case) for case in rows], BATCH)
    for case, landmark_set in zip(rows, sets, strict=True):
        case.landmark_set, case.state = landmark_set, Case.State.READY
    Case.objects.bulk_update(rows, ["landmark_set", "state"], BATCH)
    Upload.objects.bulk_create(
        [
            Upload(
                study=study,
                uploader=cast.coordinator,
                name=f"scans/patient-{case.label}/lateral.dcm",
                status=Upload.Status.ACCEPTED,
                case=case,
            )
            for case in rows
        ],
        BATCH,
    )
    update_statistics()
    return rows


def _image(case: Case, number: int) -> Image:
    folder = f"{case.study_id}/{case.pk}"
    return Image(
        case=case,
        study=case.study,
        dicom=f"{folder}/image.dcm",
        pixels=f"{folder}/pixels.gz",
        thumbnail=f"{folder}/thumbnail.png",
        width=512,
        height=1024,
        bits=16,
        windows=[{"name": "bone", "center": 2048, "width": 4096}] * 3,
        invert=False,
        spacing_mm=[0.6, 0.6],
        spacing_source="PixelSpacing",
        pixel_hash=f"{number:064d}",
        deidentification={"kept": {f"element {n}": "value" for n in range(40)}},
    )


def _landmarks(case: Case) -> LandmarkSet:
    points: list[Any] = [[100.123456 + n, 200.654321 + n] for n in range(12)]
    levels = ["T12", "L1", "L2", "L3", "L4", "L5"]
    return LandmarkSet(
        case=case,
        version=1,
        source=LandmarkSet.Source.MODEL,
        model_name="VerteNet",
        # The tests of 0.1.0 do not have it.
        model_checksum=getattr(make, "CHECKSUM", "c" * 64),
        anterior="right",
        landmarks=landmarks_at(),
        guides=[
            {"name": f"guide {n}", "kind": "guide", **dict.fromkeys(ENDS, points[n % 12])}
            for n in range(13)
        ],
        crop={
            "method": "vertenet",
            "verdict": "borderline" if int(case.label[1:]) % 10 == 0 else "ok",
            "levels": {level: {"margin_mm": 12.3456, "points": points} for level in levels},
            "evidence": {},
        },
        morphometry={level: {"heights_mm": [20.1, 21.2, 22.3]} for level in levels},
    )
