"""Cases with a phantom's image and landmarks, created without upload and analysis."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.core.files.base import ContentFile

from inference.image import Image as ReadImage
from inference.image import display, read_image
from inference.phantom import Phantom, generate
from inference.phantom.export import write_dicom
from studies.cases.dicom.renditions import compress_pixels
from studies.cases.models import Case
from studies.protocol.models import Site, Study
from tests.make import make_case


def make_phantom_case(study: Study, site: Site, folder: Path, seed: int, family: str) -> Case:
    """Return a ready case with the image of a phantom and its true landmarks."""
    phantom = _phantom(seed, family)
    path = folder / f"{seed}.dcm"
    write_dicom(phantom, path)
    case = make_case(study, site)
    give_image(case, read_image(path))
    give_true_landmarks(case, phantom)
    return case


@cache
def _phantom(seed: int, family: str) -> Phantom:
    return generate(seed, family=family, partial=0.0, mirrored=0.0, odd_count=0.0)


def give_image(case: Case, image: ReadImage) -> None:
    """Replace the image of a case."""
    shown = display(image)
    stored = case.image
    stored.height, stored.width = shown.pixels.shape
    stored.bits, stored.invert = shown.bits, shown.invert
    stored.windows = [
        {"name": window.name, "center": window.center, "width": window.width}
        for window in shown.windows
    ]
    stored.spacing_mm = list(shown.spacing_mm) if shown.spacing_mm else None
    stored.pixel_aspect = shown.pixel_aspect
    stored.pixels.save("pixels.gz", ContentFile(compress_pixels(shown)), save=False)
    stored.save()


def give_true_landmarks(case: Case, phantom: Phantom) -> None:
    """Add the reference landmarks of a phantom as the case's current version."""
    truth = phantom.truth
    add_landmarks(case, truth["landmarks"], truth["guides"], truth["anterior"])


def add_landmarks(case: Case, landmarks: object, guides: object, anterior: str) -> None:
    """Add a version of the landmarks of a case, and make it the current one."""
    first = case.landmark_set
    assert first is not None
    case.landmark_set = case.landmark_sets.create(
        version=first.version + 1,
        source=first.source,
        model_name=first.model_name,
        model_checksum=first.model_checksum,
        model_note=first.model_note,
        anterior=anterior,
        landmarks=landmarks,
        guides=guides,
        crop=first.crop,
        morphometry=first.morphometry,
    )
    case.anterior = anterior
    case.save()
