"""Small things to test with: people, studies and analysed cases, made without a network."""

from __future__ import annotations

import gzip
import hashlib
import itertools
from functools import cache
from io import BytesIO
from typing import Any, ClassVar

import numpy as np
from django.core.files.base import ContentFile
from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    ExplicitVRLittleEndian,
    generate_uid,
)

from inference.results import CORNERS, VERTEBRAE
from studies.audit.models import Event
from studies.cases.models import Case, Image, LandmarkSet, Patient
from studies.protocol.models import Arm, Site, Study
from studies.readers.members import add_member, create_study_with_coordinator
from studies.readers.models import Membership, Role, User
from studies.registry.installed import SHIPPED
from studies.sessions.models import PeriodAcknowledgement, ReadingList
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.casts.copied_rows import CopiedRows

_numbers = itertools.count(1)
PASSWORD = "a long enough password"
CHECKSUM = hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
"""Of the installed weights, with which a worker would have analysed the cases."""
WIDTH, HEIGHT = 80, 128


@cache
def dicom_bytes(**elements: Any) -> bytes:
    """A small lateral spine image, as far as its header goes: a grey ramp.

    ``elements`` are set on top by keyword.
    """
    data = Dataset()
    data.SOPClassUID = ComputedRadiographyImageStorage
    data.SOPInstanceUID = generate_uid(entropy_srcs=[repr(sorted(elements.items()))])
    data.Modality = "CR"
    data.PatientID, data.PatientName = "MRN-4711", "Doe^Jane"
    data.BurnedInAnnotation = "NO"
    data.BodyPartExamined, data.ViewPosition = "LSPINE", "LL"
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns = HEIGHT, WIDTH
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    data.PixelSpacing = [2.5, 2.5]
    ramp = np.add.outer(np.arange(HEIGHT), np.arange(WIDTH))
    data.PixelData = ramp.astype(np.uint8).tobytes()
    for keyword, value in elements.items():
        setattr(data, keyword, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out = BytesIO()
    dcmwrite(out, data, enforce_file_format=True)
    return out.getvalue()


def make_user(username: str, **fields: Any) -> User:
    return User.objects.create_user(username, password=PASSWORD, **fields)


def make_study(coordinator: User, *, name: str = "Guides trial", **design: Any) -> Study:
    coordinator.may_create_studies = True
    coordinator.save()
    design = {"washout_days": 28, "readers_per_case": 2, "seed": 7, **design}
    arms = design.pop("arms", ["unguided", "guided"])
    return create_study_with_coordinator(by=coordinator, arms=arms, name=name, **design)


def make_site(study: Study, code: str = "A") -> Site:
    return Site.objects.create(study=study, code=code, name=f"Hospital {code}")


def make_reader(study: Study, site: Site, username: str) -> Membership:
    return add_member(study=study, user=make_user(username), role=Role.READER, site=site)


def landmarks_at(x: float = 20, top: float = 4, step: float = 18) -> dict[str, Any]:
    """Six upright bodies of 15 x 14 pixels, anterior to the right."""
    bodies = {}
    for number, vertebra in enumerate(VERTEBRAE):
        upper, lower = top + number * step, top + number * step + 14
        corners = dict(
            zip(CORNERS, [[x, upper], [x + 15, upper], [x, lower], [x + 15, lower]], strict=True)
        )
        bodies[vertebra.value] = {**corners, "confidence": 0.9}
    return bodies


def make_case(
    study: Study,
    site: Site,
    *,
    uncertainty: dict[str, str] | None = None,
    state: str = "ready",
    aorta: str = "ok",
) -> Case:
    """A case with an image and one landmark set of the model."""
    number = next(_numbers)
    patient = Patient.objects.create(study=study, label=f"P{number:04d}", key=f"key {number}")
    case = Case.objects.create(
        study=study,
        patient=patient,
        site=site,
        label=f"C{number:04d}",
        burned_in="NO",
        scanner="GE Lunar iDXA",
    )
    image = Image(
        case=case,
        study=study,
        width=WIDTH,
        height=HEIGHT,
        bits=8,
        windows=[{"name": "full", "center": 128, "width": 256}],
        invert=False,
        spacing_mm=[2.5, 2.5],
        spacing_source="PixelSpacing",
        pixel_hash=f"{number:064d}",
        deidentification={},
    )
    image.dicom.save("image.dcm", ContentFile(dicom_bytes()), save=False)
    image.pixels.save("pixels.gz", ContentFile(gzip.compress(bytes(WIDTH * HEIGHT))), save=False)
    image.thumbnail.save("thumbnail.png", ContentFile(b"not looked at"), save=False)
    image.save()
    case.state = state
    if state not in {"ready", "received", "analysing"}:
        case.reason_text = "for a test"
    give_landmarks(case, uncertainty=uncertainty, aorta=aorta)
    return case


def give_landmarks(
    case: Case, *, uncertainty: dict[str, str] | None = None, aorta: str = "ok"
) -> LandmarkSet:
    """The model's landmark set of a case, without a model."""
    case.landmark_set = landmarks = LandmarkSet.objects.create(
        case=case,
        version=1,
        source=LandmarkSet.Source.MODEL,
        model_name="test-model",
        model_checksum=CHECKSUM,
        model_note="made for a test",
        anterior="right",
        landmarks=landmarks_at(),
        guides=[
            {
                "name": "T12/L1",
                "kind": "guide",
                "posterior": [20, 20],
                "anterior": [35, 20],
                "end": [60, 20],
            }
        ],
        crop={"method": "vertenet", "verdict": aorta, "levels": {}, "evidence": {}},
        morphometry={**dict.fromkeys(VERTEBRAE), "lordosis_deg": None},
        level_uncertainty=uncertainty,
    )
    case.anterior = "right"
    case.save()
    return landmarks


def acknowledge_first_period(study: Study) -> None:
    """Acknowledge for each reader the announcement before the first reading, whatever its arm."""
    lists = ReadingList.objects.filter(study=study, acknowledgements=None)
    PeriodAcknowledgement.objects.bulk_create(
        PeriodAcknowledgement(reading_list=reading_list, after=None, begins=True)
        for reading_list in lists
    )


CAST_TABLES = (User, Study, Arm, Site, Membership, Event)


class Cast:
    """A study with one of every role, two sites, and a second study without any of them."""

    # By design: in each process, the actions create each cast once.
    written: ClassVar[dict[str, tuple[CopiedRows, dict[str, Any]]]] = {}

    def __init__(self, **design: Any) -> None:
        if Study.objects.exists():
            # The address of a study and the labels of its members depend on others.
            self.create(**design)
            return
        key = repr(sorted(design.items()))
        if key not in self.written:
            rows = CopiedRows(CAST_TABLES, lambda: self.create(**design))
            self.written[key] = (
                rows,
                {name: (type(row), row.pk) for name, row in vars(self).items()},
            )
        rows, originals = self.written[key]
        copies = rows.write()
        vars(self).update({name: copies[original] for name, original in originals.items()})

    def create(self, **design: Any) -> None:
        """Create everyone and everything with the actions of the platform."""
        self.coordinator = make_user("clara")
        self.study = make_study(self.coordinator, **design)
        self.site, self.other_site = make_site(self.study, "A"), make_site(self.study, "B")
        self.reader = make_reader(self.study, self.site, "rita")
        self.other_reader = make_reader(self.study, self.other_site, "rolf")
        self.statistician = make_user("stan")
        add_member(study=self.study, user=self.statistician, role=Role.STATISTICIAN)
        self.site_coordinator = make_user("sita")
        add_member(
            study=self.study, user=self.site_coordinator, role=Role.COORDINATOR, site=self.site
        )
        self.outsider = make_user("otto")
        self.outside_study = make_study(self.outsider, name="Another trial")

    def assign_cases(self, cases: int = 3, *, acknowledge: bool = True) -> list[Case]:
        new_cases = [make_case(self.study, self.site) for _ in range(cases)]
        assign_cases(study=self.study, by=self.coordinator)
        self.study = open_study(study=self.study, by=self.coordinator)
        if acknowledge:
            acknowledge_first_period(self.study)
        return new_cases
