"""Tasks that `inference` runs in a sandbox: read an image, decode a stream, check weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from inference.dicom.decoder_sandbox import decode_task
from inference.image import UnreadableImage, read_image
from inference.network.weights_container import UnusableWeights, summarize_weights
from inference.sandbox.job import Job, Refusal, Task

MAX_TEXT = 200
"""Characters of the description of training data that are passed on."""


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


def summarize_weights_task(job: Job) -> dict[str, Any]:
    """Check the weights file in the job's file and return what its header states."""
    try:
        summary = summarize_weights(job.read())
    except UnusableWeights as error:
        raise Refusal("unusable_weights", str(error)) from error
    height, width = summary.config.input_size
    return {
        "network": summary.config.name,
        "height": height,
        "width": width,
        "parameters": summary.parameters,
        "trained_on": summary.trained_on[:MAX_TEXT],
        "start_checksum": summary.start_checksum[:64],
    }


TASKS: Mapping[str, Task] = {
    "decode": decode_task,
    "read_image": read_image_task,
    "summarize_weights": summarize_weights_task,
}
