"""Tasks that `inference` runs in a sandbox: read an image, decode a code stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from inference.dicom.decoder_sandbox import decode_task
from inference.image import UnreadableImage, read_image
from inference.sandbox.job import Job, Refusal, Task


def read_image_task(job: Job) -> dict[str, Any]:
    """Read the image in the job's file; `inference.sandboxed_image` reassembles it."""
    try:
        image = read_image(job.read())
    except UnreadableImage as error:
        raise Refusal(error.code, error.text) from error
    # Explicit byte orders make both processes agree on the layout.
    job.write(np.ascontiguousarray(image.pixels, "<f4").data)
    stored = np.ascontiguousarray(image.stored, image.stored.dtype.newbyteorder("<"))
    job.write(stored.data)
    if image.padding is not None:
        job.write(np.packbits(image.padding).data)
    return {
        "height": image.height,
        "width": image.width,
        "stored": stored.dtype.str,
        "padded": image.padding is not None,
        "spacing_mm": image.spacing_mm,
        "spacing_source": image.spacing_source,
        "spacing_plausible": image.spacing_plausible,
        "pixel_aspect": image.pixel_aspect,
        "scaling": dict(image.scaling),
        "inverted": image.inverted,
        "windows": [asdict(window) for window in image.windows],
    }


TASKS: Mapping[str, Task] = {"decode": decode_task, "read_image": read_image_task}
