"""Two files with the same pixels and other headers, and what is stored of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studies.cases.models import Case
from tests.make import dicom_bytes

FIRST = dicom_bytes()
CORRECTED = dicom_bytes(PixelSpacing="2.0\\2.0")


def only_case() -> Case:
    return Case.objects.select_related("image", "patient").get()


def stored(settings: Any) -> list[Path]:
    """Return the files of images; assigning cases also stores the weights of their study."""
    root = Path(settings.STORAGE)
    files = (path for path in root.rglob("*") if path.is_file())
    return [path for path in files if path.relative_to(root).parts[0] != "models"]
