"""Decoding of the stored image of a case."""

from __future__ import annotations

from inference.image import Image as DecodedImage
from inference.sandboxed_image import read_image_in_sandbox
from studies.cases.images.sandboxes import sandboxes
from studies.cases.models import Image
from studies.storage.files import read_stored


def decode_stored_image(image: Image) -> DecodedImage:
    """Return the image of a case's stored DICOM file.

    The file is decoded in a sandbox, because its content came from outside.

    Raises
    ------
    UnreadableImage
        The file is damaged.
    StorageUnavailable
        The file cannot be fetched.
    """
    return read_image_in_sandbox(read_stored(image.dicom), name=image.case.label, pool=sandboxes())
