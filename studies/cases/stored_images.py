"""The stored image of a case."""

from __future__ import annotations

from inference.image import Image as DecodedImage
from inference.sandboxed_image import read_image_in_sandbox
from studies.cases.models import Image
from studies.cases.upload.sandboxes import sandboxes
from studies.storage.files import read_stored


def stored_image(image: Image) -> DecodedImage:
    """Decode a case's stored DICOM file in a sandbox: what is in it came from another one.

    Raises UnreadableImage when it is damaged, StorageAway when it cannot be fetched.
    """
    return read_image_in_sandbox(read_stored(image.dicom), name=image.case.label, pool=sandboxes())
